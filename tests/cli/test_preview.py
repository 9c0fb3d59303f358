"""`conductor preview`: what readers will see, from the shell."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.cli.serving import SETTINGS, conductor, make_project

SCRIPT = """
event shop.signup { source text }
conversation "Welcome" {
  class alert
  thread "Hi" on shop.signup {
    sms "Shop: hello {{ first_name | default: 'you' }} from {{ event.source }}! Reply STOP to opt out." as "Hello"
    -> wait 1d
    -> email subject "Hello {{ first_name | default: 'you' }}"
         body "<p>Dear {{ first_name | default: 'you' }} &amp; co</p>" as "Mail"
    -> end
  }
}
"""
PRICED = SETTINGS.replace("[email]", "[sms]\nprice = 0.0079\n[email]")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = make_project(tmp_path / "shop", {"welcome.cdx": SCRIPT}, PRICED)
    (folder / "contacts.csv").write_text(
        "key,email,mobile,first_name\nada,ada@example.com,12,Ada\neve,,+12025550123,\n"
    )
    conductor("import", "contacts", str(folder / "contacts.csv"), "--project", str(folder))
    return folder


def preview(shop: Path, *options: str) -> str:
    result = conductor("preview", str(shop / "welcome.cdx"), *options)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_without_a_contact_values_are_as_long_as_they_get(shop: Path) -> None:
    output = preview(shop)
    assert output.startswith("Hello, to a reader with long values\n")
    assert "Maximiliane-Josephine" in output
    assert "1 part, 93 characters, GSM-7, 0.0079 a message" in output


def test_for_a_contact_it_is_what_the_engine_would_send(shop: Path) -> None:
    output = preview(shop, "--contact", "ada", "--step", "Hello")
    assert output.startswith("Hello, to 12\n  would not be sent: the address is not valid\n")
    assert "Shop: hello Ada from" in output
    assert "Mail" not in output


def test_a_default_stands_for_what_a_contact_does_not_have(shop: Path) -> None:
    output = preview(shop, "--contact", "eve")
    assert "Hello, to +12025550123\n" in output
    assert "Shop: hello you from" in output
    assert "Mail, to nobody\n  would not be sent: no address\n" in output


def test_the_latest_event_of_the_contact_is_read(shop: Path) -> None:
    rows = (
        "contact,name,at,source\neve,shop.signup,2026-01-01T10:00:00Z,web\neve,shop.signup,2026-02-01T10:00:00Z,store\n"
    )
    (shop / "events.csv").write_text(rows)
    conductor("import", "events", str(shop / "events.csv"), "--project", str(shop))
    assert "from store!" in preview(shop, "--contact", "eve", "--step", "Hello")


def test_html_shows_phone_inbox_and_two_widths(shop: Path) -> None:
    class Found(HTMLParser):
        frames: list[str] = []

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if tag == "iframe":
                self.frames.append(dict(attrs)["srcdoc"] or "")

    page = preview(shop, "--contact", "ada", "--format", "html")
    parser = Found()
    parser.feed(page)
    assert parser.frames == ["<p>Dear Ada &amp; co</p>"] * 2
    assert page.count('class="phone') == 2
    assert "would not be sent: the address is not valid" in page


def test_the_name_of_the_file_says_the_format(shop: Path) -> None:
    path = shop / "a.html"
    assert preview(shop, "--output", str(path)) == f"wrote {path}\n"
    assert path.read_text().startswith("<!doctype html>")


def test_without_a_browser_a_png_is_refused_with_the_remedy(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(shop))
    result = conductor("preview", str(shop / "welcome.cdx"), "--output", str(shop / "a.png"))
    assert result.exit_code == 2
    assert (
        "needs a browser, and none was found\nhint: install Chromium or Chrome, or ask for `--format html`"
        in result.output
    )


def test_a_browser_is_asked_for_the_height_and_then_for_the_picture(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a stand-in that records how it is called; `make browser` does it with a real one."""
    (shop / "chromium").write_text(
        "#!/bin/sh\n"
        'echo "$@" >>calls\n'
        'for each in "$@"; do case "$each" in --screenshot=*) echo png >"${each#--screenshot=}";; esac; done\n'
        "echo '<html data-height=\"4321\">'\n"
    )
    (shop / "chromium").chmod(0o755)
    monkeypatch.setenv("PATH", f"{shop}:/bin:/usr/bin")
    monkeypatch.chdir(shop)
    assert preview(shop, "--output", "a.png") == "wrote a.png\n"
    first, second = (shop / "calls").read_text().splitlines()
    assert "--dump-dom" in first
    assert "--window-size=1180,4321" in second


def test_a_browser_that_fails_is_told(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (shop / "chromium").write_text("#!/bin/sh\nexit 3\n")
    (shop / "chromium").chmod(0o755)
    monkeypatch.setenv("PATH", f"{shop}:/bin:/usr/bin")
    result = conductor("preview", str(shop / "welcome.cdx"), "--output", str(shop / "a.png"))
    assert result.exit_code == 2
    assert "the browser failed" in result.output


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--contact", "bob"), "there is no contact `bob`"),
        (("--step", "Helo"), "no step `Helo` sends a message\nhint: did you mean `Hello`?"),
        (("--format", "png"), "a PNG file is nothing for a screen"),
    ],
)
def test_what_cannot_be_shown_is_said_with_the_remedy(shop: Path, options: tuple[str, ...], message: str) -> None:
    result = conductor("preview", str(shop / "welcome.cdx"), *options)
    assert result.exit_code == 2
    assert message in result.output


def test_a_conversation_without_messages_has_nothing_to_show(shop: Path) -> None:
    (shop / "quiet.cdx").write_text("when order_count >= 1 -> end")
    assert "the conversation sends no message" in conductor("preview", str(shop / "quiet.cdx")).output


def test_a_call_of_another_program_is_no_message(shop: Path) -> None:
    with (shop / "conductor.toml").open("a") as file:
        file.write('\n[webhook]\nhosts = ["hooks.shop.example"]\n')
    call = 'webhook "https://hooks.shop.example/new" { source event.source } -> '
    (shop / "welcome.cdx").write_text(SCRIPT.replace("sms ", f"{call} sms ", 1))
    assert "hooks.shop.example" not in preview(shop)
