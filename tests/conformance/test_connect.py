"""Opening a database: ours, new, foreign, broken or from the future."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from conductor_dsl.shared.errors import DatabaseError
from conductor_dsl.store.connect import connect, reading
from conductor_dsl.store.node_tables import installation
from conductor_dsl.store.standing import GENERATION, HEAD, alembic_version
from conductor_dsl.store.tables import metadata

PATIENCE = 60.0


def execute(url: str, *statements: str) -> None:
    """Run statements from outside Conductor."""
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def refusal(url: str) -> DatabaseError:
    """How a database is refused: in one line, with a hint."""
    with pytest.raises(DatabaseError) as caught:
        connect(url)
    assert "\n" not in str(caught.value)
    assert caught.value.hint
    return caught.value


def test_a_new_database_gets_every_table_and_keeps_them(database_url: str) -> None:
    for _ in range(2):
        engine = connect(database_url)
        with engine.connect() as connection:
            assert set(metadata.tables) <= set(sa.inspect(connection).get_table_names())
            assert list(connection.scalars(sa.select(installation.c.number))) == [GENERATION]
            assert list(connection.scalars(sa.select(alembic_version.c.version_num))) == [HEAD]
        engine.dispose()


def test_the_database_of_another_program_is_refused_and_left_alone(database_url: str) -> None:
    execute(database_url, "CREATE TABLE invoices (id INTEGER)")
    assert "belongs to something else" in str(refusal(database_url))
    engine = sa.create_engine(database_url)
    assert sa.inspect(engine).get_table_names() == ["invoices"]
    engine.dispose()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "conductor.db"
    path.write_bytes(b"PK\x03\x04 a zip file, say" * 100)
    assert "cannot open the database" in str(refusal(f"sqlite:///{path}"))
    assert path.read_bytes().startswith(b"PK")


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    assert "nowhere" in str(refusal(f"sqlite:///{tmp_path / 'nowhere' / 'conductor.db'}"))


def test_a_directory_is_no_database(tmp_path: Path) -> None:
    refusal(f"sqlite:///{tmp_path}")


@pytest.mark.parametrize("url", ["", "conductor.db", "nosuch://x", "mysql://root:secret@localhost/x"])
def test_a_url_that_says_nothing_we_know_is_refused(url: str) -> None:
    assert "secret" not in str(refusal(url))


def test_a_server_that_does_not_answer_is_named_without_its_password() -> None:
    found = str(refusal("postgresql+psycopg://ada:secret@127.0.0.1:1/shop"))
    assert "127.0.0.1:1" in found
    assert "secret" not in found


def test_sqlite_writes_every_commit_through_to_the_disk(sqlite_url: str) -> None:
    engine = connect(sqlite_url)
    with engine.connect() as connection:
        settings = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]
        assert settings == ["wal", 2]
    engine.dispose()


def test_sqlite_lets_readers_read_while_somebody_writes(sqlite_url: str) -> None:
    engine = connect(sqlite_url)
    with engine.begin(), reading(engine) as reader:
        assert reader.scalar(sa.select(installation.c.number)) == GENERATION
    engine.dispose()


def test_a_writer_of_sqlite_waits_for_another_one_for_as_long_as_its_url_says(sqlite_url: str) -> None:
    engine, impatient = connect(sqlite_url), connect(f"{sqlite_url}?timeout=0.02")
    begun, done = threading.Event(), threading.Event()

    def write() -> None:
        begun.set()
        with engine.begin():
            done.set()

    writer = threading.Thread(target=write)
    with engine.begin():
        writer.start()
        assert begun.wait(PATIENCE)
        with pytest.raises(DatabaseError, match="database is locked") as caught, impatient.begin():
            pass
        assert "another program keeps it to itself" in str(caught.value.hint)
        assert not done.is_set()
    assert done.wait(PATIENCE)
    writer.join()
    for each in (engine, impatient):
        each.dispose()


def test_a_connection_that_broke_while_nobody_used_it_is_made_anew(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, number = connect(postgres_url), sa.select(installation.c.number)
    # It returns when they are gone, not when they have been told to go.
    ended = "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity"
    others = "pid <> pg_backend_pid() AND usename <> '' AND datname = current_database()"
    for idle, breaks in ((0, False), (3_600_000, True)):
        monkeypatch.setattr("conductor_dsl.store.connect.IDLE", idle)
        with reading(engine) as reader:
            assert reader.scalar(number) == GENERATION
        execute(postgres_url, f"{ended} WHERE {others}")
        if breaks:
            with pytest.raises(DatabaseError, match="the database failed"), reading(engine) as reader:
                reader.scalar(number)
        with reading(engine) as reader:
            assert reader.scalar(number) == GENERATION
    engine.dispose()
