"""Sizes: how large each table and each index is, what of it is dead or free, and what a log holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from conductor_dsl.store.tables import metadata


@dataclass(frozen=True, slots=True)
class TableSize:
    """A table with all its months: bytes of its rows, and of each of its indexes by name.

    `dead` rows have been deleted or replaced, and their place is not free yet; None where the database does not tell.
    """

    name: str
    rows: int
    bytes: int
    indexes: Mapping[str, int] = field(default_factory=dict)
    dead: int | None = None

    @property
    def total(self) -> int:
        """Bytes with the indexes."""
        return self.bytes + sum(self.indexes.values())


@dataclass(frozen=True, slots=True)
class DatabaseSize:
    """The tables, the largest first; bytes of all, those that are free within, and those of the log beside.

    None where the database does not tell.
    """

    tables: Sequence[TableSize]
    bytes: int
    free: int | None = None
    log: int | None = None

    def rows_of(self, name: str) -> int:
        """How many rows a table has."""
        return next((table.rows for table in self.tables if table.name == name), 0)


def database_size(connection: sa.Connection) -> DatabaseSize:
    """How large our tables are; reads all of them, so it takes a while where they are large."""
    found = _of_sqlite(connection) if connection.dialect.name == "sqlite" else _of_postgresql(connection)
    tables = sorted(found, key=lambda table: -table.total)
    if connection.dialect.name != "sqlite":
        return DatabaseSize(tables, connection.scalar(sa.text("SELECT pg_database_size(current_database())")) or 0)
    page, pages, free = (connection.scalar(sa.text(f"PRAGMA {name}")) or 0 for name in _PRAGMAS)
    return DatabaseSize(tables, page * pages, page * free, _log(connection))


_PRAGMAS = ("page_size", "page_count", "freelist_count")
_PAGES = sa.text("SELECT name, sum(pgsize) FROM dbstat WHERE aggregate = 1 GROUP BY name")
_INDEXES = sa.text("SELECT name, tbl_name FROM sqlite_schema WHERE type = 'index'")
_TABLES = sa.text("""
    SELECT coalesce(whole.relname, part.relname), sum(pg_table_size(part.oid)), coalesce(sum(stat.n_dead_tup), 0)
    FROM pg_class AS part
    LEFT JOIN pg_inherits AS of_whole ON of_whole.inhrelid = part.oid
    LEFT JOIN pg_class AS whole ON whole.oid = of_whole.inhparent
    LEFT JOIN pg_stat_user_tables AS stat ON stat.relid = part.oid
    WHERE part.relkind = 'r' AND part.relnamespace = current_schema()::regnamespace
    GROUP BY 1
""")
_INDEXES_OF_TABLES = sa.text("""
    SELECT coalesce(whole_table.relname, part_table.relname), coalesce(whole.relname, part.relname),
           sum(pg_relation_size(part.oid))
    FROM pg_index
    JOIN pg_class AS part ON part.oid = pg_index.indexrelid
    JOIN pg_class AS part_table ON part_table.oid = pg_index.indrelid
    LEFT JOIN pg_inherits AS of_table ON of_table.inhrelid = part_table.oid
    LEFT JOIN pg_class AS whole_table ON whole_table.oid = of_table.inhparent
    LEFT JOIN pg_inherits AS of_index ON of_index.inhrelid = part.oid
    LEFT JOIN pg_class AS whole ON whole.oid = of_index.inhparent
    WHERE part.relkind = 'i' AND part.relnamespace = current_schema()::regnamespace
    GROUP BY 1, 2
""")


def _of_sqlite(connection: sa.Connection) -> list[TableSize]:
    pages = {row[0]: int(row[1]) for row in connection.execute(_PAGES)}
    indexes: dict[str, dict[str, int]] = {}
    for name, table in connection.execute(_INDEXES):
        indexes.setdefault(table, {})[name] = pages.get(name, 0)
    return [
        TableSize(name, _count(connection, table), pages[name], indexes.get(name, {}))
        for name, table in metadata.tables.items()
        if name in pages
    ]


def _of_postgresql(connection: sa.Connection) -> list[TableSize]:
    indexes: dict[str, dict[str, int]] = {}
    for table, name, size in connection.execute(_INDEXES_OF_TABLES):
        indexes.setdefault(table, {})[name] = int(size)
    return [
        TableSize(name, _count(connection, metadata.tables[name]), int(size), indexes.get(name, {}), int(dead))
        for name, size, dead in connection.execute(_TABLES)
        if name in metadata.tables
    ]


def _count(connection: sa.Connection, table: sa.Table) -> int:
    return connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def _log(connection: sa.Connection) -> int:
    """The bytes of the log beside a file; 0 for a database in memory."""
    name = connection.engine.url.database
    log = Path(f"{name}-wal") if name else None
    return log.stat().st_size if log is not None and log.exists() else 0
