"""`conductor prune`: what is old goes, and nothing else; also when the command is killed in the middle."""

from __future__ import annotations

import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from conductor_dsl.runtime.prune import Batch, prune_batch
from conductor_dsl.shared.clock import DAY
from tests.cli.serving import (
    PATIENCE,
    SETTINGS,
    WELCOME,
    Command,
    conductor,
    import_contacts,
    make_project,
    rows,
    write_signups,
)

RUNS = 12_000


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A project in which three contacts have been welcomed, two of them two years ago."""
    folder = make_project(tmp_path / "shop", {"welcome.cdx": WELCOME})
    import_contacts(folder, 3)
    assert conductor("run", str(folder)).exit_code == 0
    conductor("import", "events", str(write_signups(folder, "k0", "k1", "k2")), "--project", str(folder))
    assert conductor("run", str(folder)).exit_code == 0
    write(folder, "UPDATE run SET state = 'exited', reason = 'over', due_at = NULL, ended_at = entered_at + 1")
    for table, columns in {
        "run": ("entered_at", "ended_at"),
        "intent": ("created_at", "settled_at"),
        "history": ("at",),
        "event": ("at",),
    }.items():
        moved = ", ".join(f'"{column}" = "{column}" - {730 * DAY}' for column in columns)
        write(folder, f"UPDATE {table} SET {moved} WHERE contact_id < 3")
    return folder


def write(folder: Path, *statements: str) -> None:
    with closing(sqlite3.connect(folder / "conductor.db")) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def test_it_says_how_much_it_would_delete_and_deletes_as_much(shop: Path) -> None:
    would = conductor("prune", str(shop), "--older-than", "400d", "--dry-run")
    assert would.exit_code == 0, would.output
    assert would.stdout.startswith("0 runs, 2 messages, 2 rows of history from before 20")
    assert "\n2 events from before " in would.stdout
    assert len(rows(shop, "SELECT * FROM intent")) == 3
    done = conductor("prune", str(shop), "--older-than", "400d")
    assert done.exit_code == 0, done.output
    assert done.stdout.replace(" deleted", "")[:60] == would.stdout.replace(" would be deleted", "")[:60]
    assert [len(rows(shop, f"SELECT * FROM {table}")) for table in ("run", "intent", "event")] == [3, 1, 1]
    assert conductor("verify", str(shop)).exit_code == 0
    status = conductor("status", str(shop)).stdout
    assert status.startswith("Welcome: 3 entered\n")
    assert " 3  sent\n" in status


def test_it_goes_by_the_settings_and_says_where_there_are_none(shop: Path) -> None:
    refused = conductor("prune", str(shop))
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "error: it is not said how long things are kept\nhint: add `retention = " in refused.stderr
    (shop / "conductor.toml").write_text(f'{SETTINGS}\n[retention]\nhistory = "1y"\n')
    done = conductor("prune", str(shop))
    assert done.stdout.startswith("0 runs, 2 messages, 2 rows of history from before ")
    assert "events" not in done.stdout


@pytest.mark.parametrize("time_", ["soon", "48h", "-1d"])
def test_what_is_no_time_is_refused(shop: Path, time_: str) -> None:
    refused = conductor("prune", str(shop), f"--older-than={time_}")
    assert (refused.exit_code, refused.stderr.splitlines()[0]) == (2, f"error: `{time_}` is no such time")


def test_scripts_that_look_back_further_are_not_published(shop: Path) -> None:
    (shop / "welcome.cdx").write_text(WELCOME.replace("class alert", "class alert\n  cap email 3 per 1y"))
    (shop / "conductor.toml").write_text(f'{SETTINGS}\n[retention]\nhistory = "200d"\n')
    refused = conductor("run", str(shop))
    assert refused.exit_code == 2
    assert "messages and history cannot be deleted after `200d`: `Welcome` asks `cap email 3 per 1y`" in refused.stderr
    assert conductor("status", str(shop)).stdout.startswith("Welcome: 3 entered")
    (shop / "conductor.toml").write_text(f'{SETTINGS}\n[retention]\nhistory = "13mo"\n')
    ran = conductor("run", str(shop))
    assert ran.exit_code == 0, ran.output
    assert "deleted 4 rows from before " in ran.stdout


def fill(folder: Path) -> None:
    """Many more contacts with two old runs each, of one message, and an old event."""
    with closing(sqlite3.connect(folder / "conductor.db")) as connection, connection:
        at = connection.execute("SELECT min(entered_at) FROM run").fetchone()[0]
        ids = range(10, 10 + RUNS // 2)
        names = "id, key, updated_at"
        connection.executemany(f"INSERT INTO contact ({names}) VALUES (?, ?, 0)", [(id_, f"x{id_}") for id_ in ids])
        for entry in (1, 2):
            columns = "contact_id, conversation_id, entry_no, version_id, step, state, entered_at, ended_at, reason"
            run = f"INSERT INTO run ({columns}) VALUES (?, 1, ?, 1, 1, 'completed', ?, ?, 'greeted')"
            connection.executemany(run, [(id_, entry, at + 9 * entry, at + 9 * entry + 1) for id_ in ids])
            copied = ", ".join(name for name in INTENT if name not in ("contact_id", "entry_no"))
            intent = f"INSERT INTO intent (contact_id, entry_no, {copied}) SELECT ?, ?, {copied} FROM intent LIMIT 1"
            connection.executemany(intent, [(id_, entry) for id_ in ids])


INTENT = (
    *("contact_id", "conversation_id", "entry_no", "step", "visit", "version_id", "message_id", "channel", "list"),
    *("sender", "address", '"values"', "created_at", "state", "attempts", "lane", "due_at", "not_before"),
    *("expires_at", "settled_at", "provider_id"),
)


def test_a_command_that_is_killed_in_the_middle_leaves_a_sound_history(shop: Path) -> None:
    fill(shop)
    with Command("prune", str(shop), "--older-than", "400d") as command:
        deadline = time.monotonic() + PATIENCE
        while len_of(shop, "intent") > RUNS:
            assert time.monotonic() < deadline, "nothing was deleted"
        command.signal(signal.SIGKILL)
        assert command.end() == -signal.SIGKILL
    assert 1 < len_of(shop, "intent") <= RUNS
    assert conductor("verify", str(shop)).exit_code == 0
    assert conductor("prune", str(shop), "--older-than", "400d").exit_code == 0
    assert (len_of(shop, "intent"), len_of(shop, "run")) == (1, 3 + RUNS // 2)
    verified = conductor("verify", str(shop))
    assert verified.exit_code == 0
    assert f"{RUNS // 2:,} more were deleted" in verified.stdout


def test_ctrl_c_stops_between_batches_and_says_what_was_done(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[object] = []

    def interrupted(*arguments: Any) -> Batch:
        if done:
            raise KeyboardInterrupt
        done.append(arguments)
        return prune_batch(*arguments)

    monkeypatch.setattr("conductor_dsl.cli.prune.prune_batch", interrupted)
    stopped = conductor("prune", str(shop), "--older-than", "400d")
    assert (stopped.exit_code, stopped.stderr) == (130, "stopped; the next time it goes on with the rest\n")
    assert stopped.stdout.startswith("0 runs, 2 messages, 2 rows of history from before ")
    assert "\n0 events from before " in stopped.stdout


def len_of(folder: Path, table: str) -> int:
    return int(rows(folder, f"SELECT count(*) FROM {table}")[0][0])
