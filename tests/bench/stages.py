"""Where it is played: SQLite files and a real PostgreSQL, both of which write every commit through to the disk."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa

from tests.databases import execute, start_server

ROOT = Path(__file__).parents[2]
SERVER_OPTIONS = (
    "-c shared_buffers=512MB -c max_wal_size=4GB -c checkpoint_timeout=30min -c max_connections=60 -c listen_addresses="
)
"""Nothing that is faster than safe: fsync, synchronous_commit and full_page_writes are as PostgreSQL has them."""


class Stage(Protocol):
    """A kind of database: makes databases with data, and copies of them."""

    name: str
    server: int
    """The process of the server whose CPU counts; 0 where there is none."""

    def make(self, maker: str, options: Mapping[str, Any]) -> str:
        """The URL of a database made by `python -m MAKER URL OPTIONS`; made once, gone when the stage is."""

    def copy(self, url: str) -> str:
        """The URL of a copy of a database, which takes the place of the copy before."""


class SqliteStage:
    """SQLite files in a folder."""

    name, server = "SQLite", 0

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[str, Path] = {}

    def make(self, maker: str, options: Mapping[str, Any]) -> str:
        call = _call(maker, options)
        if call not in self._made:
            path = self._folder / f"data{len(self._made)}.db"
            run_module(maker, f"sqlite:///{path}", json.dumps(options))
            self._made[call] = path
        return f"sqlite:///{self._made[call]}"

    def copy(self, url: str) -> str:
        copied = self._folder / "run.db"
        for old in self._folder.glob("run.db*"):
            old.unlink()
        shutil.copyfile(url.removeprefix("sqlite:///"), copied)
        return f"sqlite:///{copied}"


class PostgresStage:
    """Databases on a PostgreSQL server."""

    name = "PostgreSQL"

    def __init__(self, url: str, server: int) -> None:
        self._url, self.server = url, server
        self._prefix = f"bench_{uuid.uuid4().hex[:8]}"
        self._made: dict[str, str] = {}

    def make(self, maker: str, options: Mapping[str, Any]) -> str:
        call = _call(maker, options)
        if call not in self._made:
            name = f"{self._prefix}_{len(self._made)}"
            execute(self._url, f"CREATE DATABASE {name} TEMPLATE template0")
            run_module(maker, self._named(name), json.dumps(options))
            execute(self._named(name), "VACUUM (ANALYZE, FREEZE)")
            self._made[call] = name
        return self._named(self._made[call])

    def copy(self, url: str) -> str:
        copied, source = f"{self._prefix}_run", sa.make_url(url).database
        execute(self._url, f"DROP DATABASE IF EXISTS {copied} WITH (FORCE)")
        execute(self._url, f"CREATE DATABASE {copied} TEMPLATE {source} STRATEGY FILE_COPY")
        # What the copy has left to be written is not the business of whoever plays on it.
        execute(self._url, "CHECKPOINT")
        return self._named(copied)

    def close(self) -> None:
        """Drop what was made."""
        for name in (f"{self._prefix}_run", *self._made.values()):
            execute(self._url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _named(self, name: str) -> str:
        return sa.make_url(self._url).set(database=name).render_as_string(hide_password=False)


@contextmanager
def stages(folder: Path) -> Iterator[dict[str, Stage]]:
    """SQLite in a folder, and the PostgreSQL that `CONDUCTOR_TEST_PG` names, or one started for the occasion."""
    with ExitStack() as stack:
        work = Path(tempfile.mkdtemp(prefix="cdx-bench-", dir=folder))
        stack.callback(shutil.rmtree, work, ignore_errors=True)
        postgres = stack.enter_context(_postgres())
        stack.callback(postgres.close)
        yield {"sqlite": SqliteStage(work), "postgresql": postgres}


@contextmanager
def _postgres() -> Iterator[PostgresStage]:
    named = os.environ.get("CONDUCTOR_TEST_PG")
    if named:
        yield PostgresStage(named, 0)
        return
    # Short, for it is part of the name of a socket, and other users must be able to enter it.
    home = Path(tempfile.mkdtemp(prefix="cdx-pg-"))
    try:
        control = start_server(home, SERVER_OPTIONS)
        server = int((home / "data" / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0])
        try:
            yield PostgresStage(f"postgresql+psycopg://postgres@/postgres?host={home}", server)
        finally:
            control("stop", "-m", "immediate")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def run_module(*arguments: str) -> str:
    """Run a module of Python in a process of its own, whose memory is not ours; returns what it printed."""
    command = [sys.executable, "-m", *arguments]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


def _call(maker: str, options: Mapping[str, Any]) -> str:
    return f"{maker} {json.dumps(options, sort_keys=True)}"
