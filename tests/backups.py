"""Backups of databases for tests: what an administrator would make, also while they are in use, and put back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from tests.databases import execute, run, server_binaries


def back_up(url: str, folder: Path) -> Path:
    """Copy a database into a file in a folder: by SQLite's own interface for that, or by `pg_dump`."""
    copy, named = folder / "backup", sa.make_url(url)
    copy.unlink(missing_ok=True)
    if named.drivername == "sqlite":
        with closing(sqlite3.connect(named.database or "")) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
    else:
        _postgres("pg_dump", "--format=custom", f"--file={copy}", _plain(named))
    return copy


def put_back(url: str, copy: Path) -> None:
    """Destroy a database, and put its copy in its place; nobody may use it."""
    named = sa.make_url(url)
    if named.drivername == "sqlite":
        for end in ("", "-wal", "-shm"):
            Path(f"{named.database}{end}").unlink(missing_ok=True)
        copy.rename(named.database or "")
    else:
        server = named.set(database="postgres").render_as_string(hide_password=False)
        execute(server, f"DROP DATABASE {named.database} WITH (FORCE)")
        execute(server, f"CREATE DATABASE {named.database} TEMPLATE template0")
        _postgres("pg_restore", "--no-owner", f"--dbname={_plain(named)}", str(copy))


def _postgres(program: str, *options: str) -> None:
    run(server_binaries() / program, *options, account={})


def _plain(named: sa.URL) -> str:
    """The URL as programs of PostgreSQL want it."""
    return named.set(drivername="postgresql").render_as_string(hide_password=False)
