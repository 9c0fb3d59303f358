"""`conductor run`: whatever is due, once."""

from __future__ import annotations

import email
import email.policy
import re
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.cli.serving import LETTER, SETTINGS, WELCOME, conductor, import_contacts, make_project, rows, states

WHEN = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
BOTH = """
conversation "Both" {
  thread "Everybody" when no_order_within 60d check every 1d {
    sms "{{ brand }}: hello {{ first_name | default: 'you' }}. Reply STOP to opt out."
      from code:"34567" list list:"Texts" as "Text"
    -> email saved:"Hello" as "Letter"
    -> wait 3d -> end "done"
  }
}
"""
HELLO = """---
subject: Hello {{ first_name | default: "you" }}, ça va?
preheader: A word before
status: ready
---
<html><body><h1>Hello</h1><p>Read <a href="https://shop.example/x">this</a>.</p>
<p>{{ postal_address }} <a href="{{ unsubscribe_url }}">Leave</a></p></body></html>
"""
ALWAYS = 'windows = { US = ["mon-sun 00:00-24:00"], US-PA = ["mon-sun 00:00-24:00"] }'
"""These tests run at any hour, and texts of the file provider must not wait for the morning."""
FILES = ALWAYS + SETTINGS.replace("[email]", '[sms]\nprovider = "file"\n[email]\nprovider = "file"').replace(
    "[brand]",
    '[brand]\npostal_address = "1 Road"\nunsubscribe_url = "https://shop.example/leave?c={key}"',
)
CONTACTS = "key,email,mobile,first_name\nada,ada@example.com,+17175550100,Ada\nbob,bob@example.com,12,\n"
CONSENT = "contact,list,action,at\n" + "".join(f"{key},Texts,subscribed,2026-01-01\n" for key in ("ada", "bob"))


@pytest.fixture
def letters(tmp_path: Path) -> Path:
    """A project in which three letters are due."""
    folder = make_project(tmp_path / "shop", {"letter.cdx": LETTER})
    import_contacts(folder, 3)
    return folder


@pytest.fixture
def outbox(tmp_path: Path) -> Path:
    """The folder into which the file provider of a project with two contacts has written."""
    folder = make_project(tmp_path / "shop", {"both.cdx": BOTH}, FILES)
    (folder / "messages").mkdir()
    (folder / "messages" / "Hello.html").write_text(HELLO)
    for kind, text in (("contacts", CONTACTS), ("consent", CONSENT)):
        path = folder / f"{kind}.csv"
        path.write_text(text)
        done = conductor("import", kind, str(path), "--project", str(folder))
        assert done.exit_code == 0, done.output
    done = conductor("run", str(folder))
    assert done.exit_code == 0, done.output
    return folder / "outbox"


def read_email(path: Path) -> EmailMessage:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_it_publishes_sends_what_is_due_and_says_when_the_next_is(letters: Path) -> None:
    result = conductor("run", str(letters))
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[0] == "published `Letter`"
    assert re.fullmatch(rf"{WHEN}  Letter: 3 contacts entered thread `Everybody`", lines[1])
    assert re.fullmatch(rf"{WHEN}  Letter: 3 contacts moved on from `Letter`", lines[2])
    assert sorted(lines[3:6]) == [f"email to k{i}@example.com  Letter: We miss you" for i in range(3)]
    assert re.fullmatch(rf"{WHEN}  3 messages: 3 accepted", lines[6])
    assert re.fullmatch(rf"next due at {WHEN}", lines[-1])
    assert states(letters) == {"accepted": 3}


def test_repeating_it_does_nothing_again(letters: Path) -> None:
    first, second = conductor("run", str(letters)), conductor("run", str(letters))
    assert (second.exit_code, second.stderr) == (0, "")
    assert second.stdout.splitlines() == ["`Letter` is published already", first.stdout.splitlines()[-1]]
    assert states(letters) == {"accepted": 3}


def test_a_project_without_contacts_has_nothing_waiting(tmp_path: Path) -> None:
    folder = make_project(tmp_path / "shop", {"welcome.cdx": WELCOME})
    assert conductor("run", str(folder)).stdout == "published `Welcome`\nnothing is waiting\n"


def test_a_script_that_is_gone_lets_nobody_in_any_more(letters: Path) -> None:
    conductor("run", str(letters))
    (letters / "letter.cdx").unlink()
    make_project(letters, {"welcome.cdx": WELCOME})
    result = conductor("run", str(letters))
    assert result.stdout.splitlines()[:2] == [
        "published `Welcome`",
        "retired `Letter`: nobody enters any more, who is inside goes on",
    ]


def test_a_script_with_errors_keeps_all_of_them_from_running(letters: Path) -> None:
    (letters / "second.cdx").write_text(WELCOME.replace("wait 3d", "wait 3x"))
    result = conductor("run", str(letters))
    assert (result.exit_code, result.stderr) == (1, "nothing was published: correct the errors first\n")
    assert "second.cdx:6" in result.stdout
    assert rows(letters, "SELECT count(*) FROM conversation") == [(0,)]


def test_two_scripts_with_one_conversation_are_refused(letters: Path) -> None:
    (letters / "second.cdx").write_text(LETTER)
    result = conductor("run", str(letters))
    assert (result.exit_code, result.stderr) == (1, "nothing was published: correct the errors first\n")
    assert result.stdout.count("error[CDX007]: the conversation `Letter` is in `") == 2
    assert rows(letters, "SELECT count(*) FROM conversation") == [(0,)]


def test_the_file_provider_writes_an_email_that_mail_programs_can_read(outbox: Path) -> None:
    found = {str(each["To"]): each for each in map(read_email, outbox.rglob("*.eml"))}
    assert sorted(found) == ["ada@example.com", "bob@example.com"]
    message = found["ada@example.com"]
    assert message["From"] == "Shop <hello@shop.example>"
    assert message["Reply-To"] == "care@shop.example"
    assert message["Subject"] == "Hello Ada, ça va?"
    assert message["List-Unsubscribe"] == "<https://shop.example/leave?c=ada>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert "https://shop.example/x" in plain.get_content()
    assert "<p>" not in plain.get_content()
    assert '<a href="https://shop.example/leave?c=ada">Leave</a>' in html.get_content()


def test_the_file_provider_writes_texts_to_whom_may_have_them(outbox: Path) -> None:
    [path] = outbox.rglob("*.txt")
    assert path.read_text().splitlines() == [
        "To: +17175550100",
        "From: 34567",
        "Step: Text",
        "",
        "Shop: hello Ada. Reply STOP to opt out.",
    ]
