"""A database that fails: whoever serves is told what to do, and the node goes on when it works again."""

from __future__ import annotations

import os
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from conductor_dsl.shared.errors import DatabaseError
from conductor_dsl.store.connect import connect
from conductor_dsl.store.node_tables import installation
from tests.cli.serving import STOPS_WITHIN, WELCOME, conductor, make_project, serve
from tests.databases import execute
from tests.story import tell


def test_a_node_can_be_stopped_while_another_program_has_the_database_to_itself(tmp_path: Path) -> None:
    folder = make_project(tmp_path / "shop", {"welcome.cdx": WELCOME})
    database = folder / "conductor.db"
    with serve(folder, {"CONDUCTOR_DATABASE_URL": f"sqlite:///{database}?timeout=1"}) as serving:
        serving.wait_for("serving")
        with closing(sqlite3.connect(database, isolation_level=None, timeout=30)) as other:
            other.execute("BEGIN EXCLUSIVE")
            serving.signal(signal.SIGTERM)
            assert serving.end(within=STOPS_WITHIN) == 0
    assert serving.lines[-1] == "stopped; whatever is waiting goes on at the next start\n"
    assert conductor("run", str(folder)).exit_code == 0


def test_a_file_that_was_damaged_can_be_read_once_it_is_put_back(sqlite_url: str) -> None:
    engine = connect(sqlite_url)
    file = Path(sa.make_url(sqlite_url).database or "")
    engine.dispose()  # nothing is left beside the file
    kept = file.read_bytes()
    file.write_bytes(kept[:4096] + b"\xa5" * (len(kept) - 4096))
    secret = sa.select(installation.c.secret)
    with pytest.raises(DatabaseError, match="malformed") as told, engine.connect() as connection:
        connection.scalar(secret)
    assert told.value.hint is not None and "put a backup in its place" in told.value.hint
    file.write_bytes(kept)
    with engine.connect() as connection:
        assert connection.scalar(secret)
    engine.dispose()


@pytest.mark.parametrize(
    ("statement", "words", "hint"),
    [
        ("ALTER ROLE {role} CONNECTION LIMIT 0", "too many connections for role", "raise `CONNECTION LIMIT`"),
        ("ALTER ROLE {role} SET default_transaction_read_only = on", "read-only transaction", "may be a standby"),
        ("ALTER DATABASE {name} ALLOW_CONNECTIONS false", "not currently accepting connections", "lets nobody into"),
    ],
)
def test_what_postgresql_refuses_is_told_with_a_remedy(
    postgres_url: str, statement: str, words: str, hint: str
) -> None:
    named = sa.make_url(postgres_url)
    role, server = f"clerk_{os.getpid()}", named.set(database="postgres").render_as_string(hide_password=False)
    execute(server, f"CREATE ROLE {role} LOGIN")
    execute(server, f"GRANT ALL ON DATABASE {named.database} TO {role}")
    try:
        execute(server, statement.format(role=role, name=named.database))
        with pytest.raises(DatabaseError, match=words) as told:
            connect(named.set(username=role).render_as_string(hide_password=False))
        assert told.value.hint is not None and hint in told.value.hint
    finally:
        execute(server, f"ALTER DATABASE {named.database} ALLOW_CONNECTIONS true")
        execute(server, f"REVOKE ALL ON DATABASE {named.database} FROM {role}")
        execute(server, f"DROP ROLE {role}")


@pytest.mark.faults
@pytest.mark.parametrize(("database", "rounds"), [("sqlite", "20"), ("postgresql", "20")])
def test_it_goes_on_after_every_fault_and_nothing_is_lost_or_doubled(
    tmp_path: Path, database: str, rounds: str
) -> None:
    options = ("--database", database, "--rounds", rounds)
    told = tell("tests.faults", tmp_path, *options, figures=f"faults-{database}")
    assert told["holds"], told
    assert set(told["met"].values()) == {int(rounds)}
    # No more is told than happens: there is no loop of crashes.
    assert told["errors"] <= 4 * sum(told["met"].values())
