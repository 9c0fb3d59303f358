"""A database that a story of its own process may do with as it likes."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.databases import execute, start_server


@contextmanager
def new_database(kind: str) -> Iterator[str]:
    """The URL of a new SQLite file, or of a database on a PostgreSQL that is started for it."""
    with tempfile.TemporaryDirectory(prefix="cdx-pg-") as name:
        home = Path(name)
        if kind == "sqlite":
            yield f"sqlite:///{home / 'conductor.db'}"
            return
        control = start_server(home)
        try:
            execute(f"postgresql+psycopg://postgres@/postgres?host={home}", "CREATE DATABASE shop")
            yield f"postgresql+psycopg://postgres@/shop?host={home}"
        finally:
            control("stop", "-m", "immediate")
