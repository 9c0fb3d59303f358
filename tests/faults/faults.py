"""What can happen to a database while the engine runs, or before it begins, and how it is put right again."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

UNLIMITED = resource.RLIM_INFINITY


@dataclass(frozen=True, slots=True)
class Scene:
    """A running node: the number of its process, and its database."""

    pid: int
    url: str

    @property
    def file(self) -> Path:
        """The SQLite file."""
        return Path(sa.make_url(self.url).database or "")


Fault = Callable[[Scene], Iterator[None]]


def full_disk(scene: Scene) -> Iterator[None]:
    """No file can grow: a process that writes behind a certain length is refused."""
    before = resource.prlimit(scene.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(scene.pid, resource.RLIMIT_FSIZE, (1, before[1]))
    yield
    resource.prlimit(scene.pid, resource.RLIMIT_FSIZE, before)


def locked(scene: Scene) -> Iterator[None]:
    """Another program has the file to itself."""
    with closing(sqlite3.connect(scene.file, isolation_level=None, timeout=60)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield
        connection.execute("ROLLBACK")


def cut_off(scene: Scene) -> Iterator[None]:
    """The database takes no connections any more, and those that are open break."""
    with _administrator(scene.url) as (connection, name):
        connection.exec_driver_sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        _break_connections(connection, name)
        yield
        connection.exec_driver_sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


def too_many_connections(scene: Scene) -> Iterator[None]:
    """All connections that the server has are taken by others; the node has lost its own while it slept."""
    engine = sa.create_engine(_maintenance(scene.url), poolclass=sa.NullPool)
    with _administrator(scene.url) as (connection, name), ExitStack() as taken:
        os.kill(scene.pid, signal.SIGSTOP)
        _break_connections(connection, name)
        # One that is about to end still counts.
        _wait_until_nobody_is_connected(connection, name)
        with suppress(sa.exc.OperationalError):
            while True:
                taken.enter_context(engine.connect())
        os.kill(scene.pid, signal.SIGCONT)
        yield


def read_only(scene: Scene) -> Iterator[None]:
    """The server takes no changes, as one that has become a standby."""
    with _administrator(scene.url) as (connection, name):
        connection.exec_driver_sql(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        _break_connections(connection, name)
        yield
        connection.exec_driver_sql(f"ALTER DATABASE {name} RESET default_transaction_read_only")
        _break_connections(connection, name)


def statement_timeout(scene: Scene) -> Iterator[None]:
    """Statements may last no longer than a moment, and a table that all need is locked."""
    with _administrator(scene.url) as (connection, name):
        connection.exec_driver_sql(f"ALTER DATABASE {name} SET statement_timeout = '100ms'")
        _break_connections(connection, name)
        engine = sa.create_engine(scene.url, poolclass=sa.NullPool)
        with engine.begin() as locking:
            locking.exec_driver_sql("SET LOCAL statement_timeout = 0")
            locking.exec_driver_sql("LOCK TABLE run, intent IN ACCESS EXCLUSIVE MODE")
            yield
        connection.exec_driver_sql(f"ALTER DATABASE {name} RESET statement_timeout")
        _break_connections(connection, name)


FAULTS: Mapping[str, tuple[str, Fault, str]] = {
    "full disk": ("sqlite", full_disk, "disk I/O error"),
    "locked": ("sqlite", locked, "database is locked"),
    "cut off": ("postgresql", cut_off, "not currently accepting connections"),
    "too many connections": ("postgresql", too_many_connections, "too many clients"),
    "read only": ("postgresql", read_only, "read-only transaction"),
    "statement timeout": ("postgresql", statement_timeout, "statement timeout"),
}
"""By name: on which database it can happen, what happens, and words that whoever serves is told."""


def _maintenance(url: str) -> sa.URL:
    return sa.make_url(url).set(database="postgres")


@contextmanager
def _administrator(url: str) -> Iterator[tuple[sa.Connection, str]]:
    """A connection to the server, and the name of the database."""
    engine = sa.create_engine(_maintenance(url), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        yield connection, sa.make_url(url).database or ""


def _break_connections(connection: sa.Connection, name: str) -> None:
    connection.exec_driver_sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")


def _wait_until_nobody_is_connected(connection: sa.Connection, name: str) -> None:
    while connection.scalar(sa.text(f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{name}'")):
        connection.exec_driver_sql("SELECT pg_sleep(0.01)")
