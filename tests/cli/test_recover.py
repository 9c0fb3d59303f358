"""`conductor recover`, with a shop that is killed and put back from a backup, and a provider that remembers."""

from __future__ import annotations

import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from conductor_dsl.shared.clock import to_datetime
from tests.backups import back_up, put_back
from tests.cli.serving import PATIENCE, STOPS_WITHIN, WELCOME, Command, conductor, make_project, rows, serve, states
from tests.sim.simulating import Simulated, simulated
from tests.sim.text_shop import HELLO, text_settings

MANY = 120
SENT = 80
"""So many have their text before the shop is lost."""
AWAITED = f"+1717555{SENT + 10:04}"
"""One of the next 20: the provider does not answer, and so the shop cannot have sent to the 20 behind them."""
HANGS = f"""
[[rule]]
to = "{AWAITED}"
fault = "hang"
first = 1
"""
TOKEN = {"SHOP_TOKEN": "simulated"}
Shop = tuple[Path, Simulated, str]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A shop that has sent to some, was backed up, has sent to more, and was lost; with when the backup was made."""
    with simulated(tmp_path, "--seed", "1", "--receipt", "never=1", plan=HANGS) as provider:
        settings = text_settings(provider.url, batch=20, sms='timeout = "60s"')
        folder = make_project(tmp_path / "shop", {"hello.cdx": HELLO}, settings)
        # Whoever goes by their names meets them in the order of their numbers, too.
        people = [f"k{number:03},Ada {number},+1717555{number:04}" for number in range(MANY)]
        bring(folder, "contacts", "key,first_name,mobile", *people)
        words = [f"k{number:03},Texts,subscribed,2026-01-01T00:00:00Z" for number in range(MANY)]
        bring(folder, "consent", "contact,list,action,at", *words)
        url = f"sqlite:///{folder / 'conductor.db'}"
        with serve(folder, environ=TOKEN) as serving:
            serving.wait_for("accepted")
            copy = back_up(url, tmp_path)
            while settled(folder) < SENT:
                serving.wait_for("accepted")
            deadline = time.monotonic() + PATIENCE
            while AWAITED not in taken(provider):
                assert time.monotonic() < deadline, "the provider is not asked"
            serving.signal(signal.SIGKILL)
            assert serving.end() == -signal.SIGKILL
        put_back(url, copy)
        assert 0 < settled(folder) < MANY
        # To the millisecond: a second later may not have come yet.
        yield folder, provider, to_datetime(last_acted(folder) + 1).isoformat()


def last_acted(folder: Path) -> int:
    """When the engine last did anything that the database knows of."""
    columns = ("settled_at FROM intent", "created_at FROM intent", "at FROM history", "ended_at FROM run")
    found = [rows(folder, f"SELECT max({column.replace(' ', ') ', 1)}")[0][0] for column in columns]
    return max(int(at) for at in found if at is not None)


def bring(folder: Path, kind: str, *lines: str) -> None:
    """Import a file."""
    path = folder / f"{kind}.csv"
    path.write_text("\n".join(lines))
    done = conductor("import", kind, str(path), "--project", str(folder))
    assert done.exit_code == 0, done.output


def settled(folder: Path) -> int:
    """How many texts a provider is known to have taken; of those that it was asked for it says more."""
    return states(folder).get("accepted", 0) + states(folder).get("delivered", 0)


def asked_for(folder: Path) -> dict[str, str]:
    """The numbers to which the database knows that a text was on its way, and how it stands."""
    return dict(rows(folder, "SELECT address, state FROM intent WHERE state <> 'ready'"))


def send_the_rest(folder: Path) -> None:
    """Serve until everybody has a text, as the database sees it."""
    with serve(folder, environ=TOKEN) as serving:
        while settled(folder) < MANY:
            serving.wait_for("message")
        serving.signal(signal.SIGTERM)
        assert serving.end(within=STOPS_WITHIN) == 0


def taken(provider: Simulated) -> Counter[str]:
    """How often the provider has taken a text, by number."""
    return Counter(str(entry["to"]) for entry in provider.entries() if entry["kind"] == "accepted")


def test_after_a_backup_nobody_gets_a_text_twice_and_nobody_none(shop: Shop) -> None:
    folder, provider, made = shop
    with Command("recover", str(folder), "--since", made, environ=TOKEN) as recovering:
        assert recovering.end() == 0
    left = MANY - taken(provider).total()
    assert states(folder)["ready"] == left > 0
    assert f"not sent then, and leaving at the next start: {left}\n" in recovering.lines
    send_the_rest(folder)
    assert set(taken(provider).values()) == {1}
    assert len(taken(provider)) == MANY
    assert conductor("verify", str(folder)).exit_code == 0
    done = conductor("ambiguous", str(folder))
    assert (done.exit_code, done.output) == (0, "of every message it is known what became of it\n")


def test_without_it_those_who_were_sent_to_after_the_backup_get_it_again(shop: Shop) -> None:
    folder, provider, _ = shop
    before, known = taken(provider), asked_for(folder)
    again = before.keys() - known.keys()
    assert again
    send_the_rest(folder)
    assert {taken(provider)[number] for number in again} == {2}
    assert {taken(provider)[number] for number, state in known.items() if state == "accepted"} == {1}


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--since", "yesterday"), "`--since yesterday` is no instant"),
        (("--since", "2026-03-02T04:00"), "write it with its zone"),
        (("--since", "2999-01-01T00:00Z"), "2999-01-01T00:00:00Z has not come yet"),
        (("--since", "2026-01-02T00:00Z", "--until", "2026-01-01T00:00Z"), "`--until` has to be between"),
    ],
)
def test_nonsense_is_refused(tmp_path: Path, options: tuple[str, ...], told: str) -> None:
    folder = make_project(tmp_path / "shop", {"hello.cdx": HELLO}, text_settings("http://x", batch=20))
    done = conductor("recover", str(folder), *options)
    assert (done.exit_code, told in done.output) == (2, True), done.output
    assert not (folder / "conductor.db").exists()


def test_a_node_that_runs_is_in_the_way_and_so_is_a_recovery_that_has_not_ended(tmp_path: Path) -> None:
    folder = make_project(tmp_path / "shop", {"welcome.cdx": WELCOME})
    since = ("--since", "2026-01-01T00:00Z")
    with serve(folder) as serving:
        serving.wait_for("serving")
        done = conductor("recover", str(folder), *since)
        assert (done.exit_code, "a node is running over this database" in done.output) == (2, True), done.output
        serving.signal(signal.SIGKILL)
        serving.end()
    done = conductor("recover", str(folder), *since)
    assert "which is after 2026-01-01T00:00:00Z" in done.output
    with closing(sqlite3.connect(folder / "conductor.db")) as connection, connection:
        connection.execute("INSERT INTO recovery (since_at, until_at) VALUES (1, 2)")
    for command in ("run", "serve"):
        done = conductor(command, str(folder))
        assert (done.exit_code, "has not come to its end" in done.output) == (2, True), done.output
    assert conductor("recover", str(folder), *since).exit_code == 0
    assert conductor("run", str(folder)).exit_code == 0
