"""`conductor suppress`: addresses are closed and opened by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.serving import LETTER, conductor, import_contacts, make_project


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A project with three contacts, to whom a letter is due."""
    folder = make_project(tmp_path / "shop", {"letter.cdx": LETTER})
    import_contacts(folder, 3)
    return folder


def test_a_closed_address_gets_nothing_until_it_is_opened(shop: Path) -> None:
    stored = shop / "contacts.csv"
    stored.write_text("key,email\nk,late@example.com\n")
    done = conductor("suppress", "Late@example.com", "+17175550123", "--project", str(shop))
    assert (done.exit_code, done.output) == (0, "closed; 0 contacts had them\n")
    conductor("import", "contacts", str(stored), "--project", str(shop))
    done = conductor("suppress", "late@example.com", "--lift", "--project", str(shop))
    assert (done.exit_code, done.output) == (0, "2 opened\n")


def test_what_is_no_address_is_named(shop: Path) -> None:
    done = conductor("suppress", "somebody", "--project", str(shop))
    assert done.exit_code == 2
    assert "`somebody` is neither an e-mail address nor a phone number" in done.output
