"""INSERT that leaves out rows whose key is already there, on both databases."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite


def put_missing(connection: sa.Connection, table: sa.Table, rows: Iterable[Sequence[object]]) -> int:
    """Insert rows, with values in the order of the columns, whose key is not there yet; returns their number."""
    names = [column.name for column in table.c]
    values = [dict(zip(names, row, strict=True)) for row in rows]
    if not values:
        return 0
    insert = sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)
    return connection.execute(insert.on_conflict_do_nothing(), values).rowcount


def insert_missing(
    connection: sa.Connection, table: sa.Table, columns: dict[str, Any], source: sa.Select[Any] | None = None
) -> int:
    """Insert what a select gives; returns the number of new rows.

    `columns` maps column names to expressions over `source`, whose own columns are replaced by them.
    """
    dialect = connection.dialect.name
    insert = sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
    chosen = (sa.select() if source is None else source).with_only_columns(*columns.values())
    # SQLite cannot tell ON CONFLICT from a join condition unless the select has a WHERE.
    statement = insert.from_select(list(columns), chosen.where(sa.true())).on_conflict_do_nothing()
    return connection.execute(statement).rowcount


def insert_new(connection: sa.Connection, table: sa.Table, columns: dict[str, Any], source: sa.Select[Any]) -> int:
    """The same for rows of which hardly ever one is there.

    To be prepared for that costs PostgreSQL a quarter of such an INSERT: it writes each row, and then that it stays. So
    it is tried without, and done again if that fails.
    """
    if connection.dialect.name == "postgresql":
        chosen = source.with_only_columns(*columns.values())
        try:
            with connection.begin_nested():
                return connection.execute(sa.insert(table).from_select(list(columns), chosen)).rowcount
        except sa.exc.IntegrityError:
            pass
    return insert_missing(connection, table, columns, source)
