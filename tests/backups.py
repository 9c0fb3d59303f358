"""Backups of databases for tests: what an administrator would make, and put back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from tests.databases import execute


def back_up(url: str) -> str:
    """Copy a database, which may be in use on SQLite; returns the URL of the copy, on the same server or beside it.

    SQLite's own interface for backups copies the file; PostgreSQL copies the files of a database as a template.
    """
    named = sa.make_url(url)
    assert named.database is not None
    copy = f"{named.database}.backup" if named.drivername == "sqlite" else f"{named.database}_backup"
    if named.drivername == "sqlite":
        with closing(sqlite3.connect(named.database)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
    else:
        execute(_server(named), f"CREATE DATABASE {copy} TEMPLATE {named.database}")
    return named.set(database=copy).render_as_string(hide_password=False)


def put_back(url: str, copy: str) -> None:
    """Destroy a database, and put a copy in its place; nobody may use either."""
    named, other = sa.make_url(url), sa.make_url(copy)
    assert named.database is not None and other.database is not None
    if named.drivername == "sqlite":
        for end in ("", "-wal", "-shm"):
            Path(named.database + end).unlink(missing_ok=True)
        Path(other.database).rename(named.database)
    else:
        execute(_server(named), f"DROP DATABASE {named.database} WITH (FORCE)")
        execute(_server(named), f"ALTER DATABASE {other.database} RENAME TO {named.database}")


def _server(named: sa.URL) -> str:
    return named.set(database="postgres").render_as_string(hide_password=False)
