"""`conductor contact`: what is held of somebody is shown, handed out, and forgotten."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.serving import LETTER, SETTINGS, conductor, import_contacts, make_project, rows


@pytest.fixture(params=["development", "file"])
def shop(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A project that has sent a letter to three contacts."""
    settings = SETTINGS.replace("[email]", f'[email]\nprovider = "{request.param}"')
    folder = make_project(tmp_path / "shop", {"letter.cdx": LETTER}, settings)
    import_contacts(folder, 3)
    consent = folder / "consent.csv"
    consent.write_text("contact,list,action,at,source,text\nk1,Texts,subscribed,2026-01-02T03:04:05Z,till,Yes!\n")
    assert conductor("import", "consent", str(consent), "--project", str(folder)).exit_code == 0
    assert conductor("run", str(folder)).exit_code == 0
    return folder


def contact(shop: Path, command: str, *arguments: str) -> tuple[int, str]:
    """The exit code and the output of a command about contacts."""
    done = conductor("contact", command, *arguments, "--project", str(shop))
    return done.exit_code, done.output


@pytest.mark.parametrize("name", ["k1", "k1@example.com"])
def test_a_contact_is_shown_with_what_it_agreed_to_and_was_sent(shop: Path, name: str) -> None:
    code, told = contact(shop, "show", name)
    assert code == 0
    assert told.startswith("k1\n")
    assert "email  k1@example.com (valid)" in told
    assert "2026-01-02T03:04:05Z  subscribed Texts; by till; shown: Yes!" in told
    assert "Letter, Letter, email to k1@example.com: sent: We miss you" in told
    assert "k2" not in told


def test_a_contact_is_exported_as_json(shop: Path) -> None:
    code, told = contact(shop, "export", "k1")
    held = json.loads(told)
    assert (code, held["format"], held["contact"]["key"]) == (0, "conductor-contact-1", "k1")
    assert held["intent"][0]["text"].startswith("Come back")


def test_a_contact_is_erased_with_what_the_provider_keeps(shop: Path) -> None:
    code, told = contact(shop, "erase", "k1", "--yes")
    assert (code, told) == (0, "1 erased\n")
    left = [path for path in shop.rglob("*.eml") if b"k1@" in path.read_bytes()]
    assert left == []
    names = {name for (name,) in rows(shop, "SELECT name FROM sqlite_master WHERE type = 'table'")}
    for name in names:
        assert "k1@example.com" not in str(rows(shop, f'SELECT * FROM "{name}"')), name
    assert contact(shop, "erase", "k1@example.com", "--yes") == (0, "erased already\n")
    code, told = contact(shop, "show", "k1")
    assert (code, "`k1` has been erased" in told) == (2, True)
    assert contact(shop, "show", "k2")[0] == 0


def test_nobody_is_erased_without_a_yes(shop: Path) -> None:
    code, _ = contact(shop, "erase", "k1")
    assert code != 0
    assert contact(shop, "show", "k1")[0] == 0


def test_nobody_is_erased_where_one_is_not_known(shop: Path) -> None:
    code, told = contact(shop, "erase", "k1", "k9", "--yes")
    assert (code, "there is no contact `k9`" in told) == (2, True)
    assert contact(shop, "show", "k1")[0] == 0


def test_who_was_erased_may_be_let_back(shop: Path) -> None:
    contact(shop, "erase", "k1", "--yes")
    again = str(shop / "contacts.csv")
    assert "1 rejected" in conductor("import", "contacts", again, "--project", str(shop)).output
    conductor("suppress", "k1", "k1@example.com", "--lift", "--project", str(shop))
    assert "0 rejected" in conductor("import", "contacts", again, "--project", str(shop)).output
