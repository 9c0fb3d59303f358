"""`conductor ambiguous` and `conductor dead`: what they list, and what they decide."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.serving import LETTER, conductor, import_contacts, make_project, states


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A project that has sent a letter to three contacts."""
    folder = make_project(tmp_path / "shop", {"letter.cdx": LETTER})
    import_contacts(folder, 3)
    assert conductor("run", str(folder)).exit_code == 0
    return folder


def put(folder: Path, state: str, settled: str) -> None:
    """Bring all messages into a state, as a provider would have done."""
    with closing(sqlite3.connect(folder / "conductor.db")) as connection:
        change = f"UPDATE intent SET state = '{state}', settled_at = {settled}, reason = 'timeout: no answer'"
        connection.execute(change)
        connection.execute("DELETE FROM development_message")
        connection.commit()


@pytest.mark.parametrize("command", ["ambiguous", "dead"])
def test_nothing_to_decide_is_said(shop: Path, command: str) -> None:
    done = conductor(command, str(shop))
    assert (done.exit_code, len(done.output.splitlines())) == (0, 1)


def test_a_letter_is_listed_with_its_key_and_all_that_is_known(shop: Path) -> None:
    put(shop, "ambiguous", "NULL")
    done = conductor("ambiguous", str(shop), "--limit", "1")
    first, second, more = done.output.splitlines()
    assert done.exit_code == 1
    assert first.endswith("  email to k0@example.com  (Letter, Letter; contact k0)")
    assert second.startswith("    since 20")
    assert second.endswith(", 1 attempt: timeout: no answer")
    assert more == "... and 2 more (`--limit 3` shows them)"


def test_a_program_gets_a_line_of_json_for_each(shop: Path) -> None:
    put(shop, "dead", "1")
    told = [json.loads(line) for line in conductor("dead", str(shop), "--json").stdout.splitlines()]
    assert [each["contact"] for each in told] == ["k0", "k1", "k2"]
    assert set(told[0]) == {
        *("key", "contact", "conversation", "step", "channel", "address"),
        *("attempts", "since", "expires_at", "reason"),
    }


def test_one_is_sent_again_one_counts_as_sent_and_one_is_given_up(shop: Path) -> None:
    put(shop, "ambiguous", "NULL")
    keys = [json.loads(line)["key"] for line in conductor("ambiguous", str(shop), "--json").stdout.splitlines()]
    done = conductor("ambiguous", str(shop), "--again", keys[0], "--sent", keys[1], "--drop", keys[2])
    assert (done.exit_code, done.output) == (0, "1 count as sent\n1 leave once more\n1 were given up\n")
    assert states(shop) == {"ready": 1, "accepted": 1, "dead": 1}
    assert conductor("dead", str(shop), "--again", "all").output == "1 will be tried again\n"
    assert conductor("run", str(shop)).exit_code == 0
    assert states(shop) == {"accepted": 3}


def test_a_wrong_key_is_an_error(shop: Path) -> None:
    done = conductor("dead", str(shop), "--again", "nonsense")
    assert done.exit_code == 2
    assert "`nonsense` is no key of a message here" in done.output
