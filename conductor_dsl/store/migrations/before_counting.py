"""Changes that are made only where they are missing, for databases from before revisions were counted.

Such a database does not say which of some twenty shapes it has, and it may be a mixture: programs of that time made the
tables that they missed, but no columns and no indexes. So the first revisions look at each thing before they touch it.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from conductor_dsl.store.schema import index_line


class Patches:
    """What a database has, read once, and what is added to it."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self._is_sqlite = connection.dialect.name == "sqlite"
        inspector = sa.inspect(connection)
        self.columns: dict[str, dict[str, Any]] = {}
        """The types of the columns of each table, by name."""
        for (_, table), found in inspector.get_multi_columns().items():
            self.columns[table] = {column["name"]: column["type"] for column in found}
        self._made: set[str] = set()
        self._indexes = {
            index["name"]: (table, index_line(index))
            for (_, table), found in inspector.get_multi_indexes().items()
            for index in found
        }

    def create(self, table: str, body: str, *, kept_in_key: bool = True) -> bool:
        """Make a table unless it is there; whether it was made.

        In `body` `{id}` stands for the type of an id, `{dealt}` and `{number}` for ones that the database deals out.
        """
        if table in self.columns or table in self._made:
            return False
        own = ("INTEGER", "INTEGER", "INTEGER") if self._is_sqlite else ("BIGINT", "BIGSERIAL", "SERIAL")
        tail = " WITHOUT ROWID" if self._is_sqlite and kept_in_key else ""
        types = dict(zip(("id", "dealt", "number"), own, strict=True))
        self.say(f"CREATE TABLE {table} ({body.format(**types)}){tail}")
        self._made.add(table)
        return True

    def add(self, table: str, column: str, definition: str) -> bool:
        """Add a column unless it is there, as in a table that this revision has made; whether it was added."""
        if table in self._made or column in self.columns[table]:
            return False
        kind = definition.format(id="INTEGER" if self._is_sqlite else "BIGINT")
        self.say(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")
        self.columns[table][column] = None
        return True

    def drop_column(self, table: str, column: str) -> None:
        """Drop a column."""
        self.say(f"ALTER TABLE {table} DROP COLUMN {column}")
        del self.columns[table][column]

    def drop(self, table: str) -> None:
        """Drop a table with its indexes, if it is there."""
        if self.columns.pop(table, None) is not None:
            self.say(f"DROP TABLE {table}")
            self._indexes = {name: index for name, index in self._indexes.items() if index[0] != table}

    def index(self, name: str, table: str, over: str, where: str | None = None, *, unique: bool = False) -> None:
        """Let there be this index, in place of another of its name."""
        asked = {"name": name, "column_names": over.split(", "), "unique": unique}
        if self._indexes.get(name) == (table, index_line({**asked, "dialect_options": {"sqlite_where": where}})):
            return
        if name in self._indexes:
            self.say(f"DROP INDEX {name}")
        partial = f" WHERE {where}" if where else ""
        self.say(f"CREATE {'UNIQUE ' if unique else ''}INDEX {name} ON {table} ({over}){partial}")

    def say(self, statement: str) -> None:
        """Run a statement without values."""
        self.connection.exec_driver_sql(statement)
