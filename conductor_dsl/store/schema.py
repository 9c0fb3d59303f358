"""What a schema looks like, in lines: as `tables.py` wants it, and as a database has it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

Schema = Mapping[str, frozenset[str]]
"""For each table a line for each of its columns, keys, constraints and indexes, in words that both databases share."""


def wanted_schema(metadata: sa.MetaData, dialect: sa.Dialect) -> Schema:
    """The schema that a metadata describes, as this kind of database has it."""
    return {name: frozenset(_wanted_lines(table, dialect)) for name, table in metadata.tables.items()}


def found_schema(connection: sa.Connection) -> Schema:
    """The schema of the tables that are there."""
    inspector = sa.inspect(connection)
    dialect, columns = connection.dialect, inspector.get_multi_columns()
    keys, uniques = inspector.get_multi_pk_constraint(), inspector.get_multi_unique_constraints()
    foreign, indexes = inspector.get_multi_foreign_keys(), inspector.get_multi_indexes()
    options, cut = inspector.get_multi_table_options(), _cut_tables(connection)
    found: dict[str, set[str]] = {}
    for name, described in columns.items():
        lines = {_column(c["name"], c["type"], c["nullable"], c["default"], dialect) for c in described}
        lines |= {_key(keys[name]["constrained_columns"])}
        lines |= {_unique(each["column_names"]) for each in uniques.get(name, ())}
        lines |= {_reference(e["constrained_columns"], e["referred_table"]) for e in foreign.get(name, ())}
        lines |= {index_line(each) for each in indexes.get(name, ()) if not each.get("duplicates_constraint")}
        lines |= _rowid(bool(options.get(name, {}).get("sqlite_with_rowid", True)))
        lines |= {_CUT} if name[1] in cut else set()
        found[name[1]] = lines
    return {name: frozenset(lines) for name, lines in found.items()}


def missing(wanted: Schema, found: Schema) -> list[str]:
    """What a database lacks that is wanted, in words."""
    gone = [f"there is no table `{name}`" for name in sorted(wanted.keys() - found.keys())]
    return gone + [
        f"`{name}` has no {line}"
        for name in sorted(wanted.keys() & found.keys())
        for line in sorted(wanted[name] - found[name])
    ]


def unusable(wanted: Schema, found: Schema) -> list[str]:
    """What a database lacks without which no statement runs, in words: tables and columns.

    Keys, constraints and indexes are missing where somebody laid the tables out for many machines.
    """
    return missing(_columns(wanted), {name: found[name] for name in wanted.keys() & found.keys()})


def _columns(schema: Schema) -> Schema:
    return {name: frozenset(line for line in lines if line.startswith(_COLUMN)) for name, lines in schema.items()}


def surplus(wanted: Schema, found: Schema) -> list[str]:
    """What the wanted tables have that is not wanted, in words; tables of others are none of ours."""
    return [
        f"`{name}` has a {line} that nobody asked for"
        for name in sorted(wanted.keys() & found.keys())
        for line in sorted(found[name] - wanted[name])
    ]


_COLUMN = "column "
_CUT = "parts that are tables of their own"


def _cut_tables(connection: sa.Connection) -> set[str]:
    """The names of the tables that are made of others."""
    if connection.dialect.name != "postgresql":
        return set()
    asked = sa.text("SELECT relname FROM pg_class WHERE relkind = 'p' AND pg_table_is_visible(oid)")
    return set(connection.scalars(asked))


def _wanted_lines(table: sa.Table, dialect: sa.Dialect) -> Iterable[str]:
    for column in table.columns:
        default = getattr(column.server_default, "arg", None)
        yield _column(
            column.name, column.type, bool(column.nullable), None if default is None else str(default), dialect
        )
    yield _key([column.name for column in table.primary_key])
    for constraint in table.constraints:
        if isinstance(constraint, sa.UniqueConstraint):
            yield _unique([column.name for column in constraint])
        if isinstance(constraint, sa.ForeignKeyConstraint):
            yield _reference(constraint.column_keys, constraint.referred_table.name)
    for index in table.indexes:
        kind = index.dialect_options[dialect.name]
        included = kind.get("include") or () if dialect.name == "postgresql" else ()
        columns = [str(getattr(each, "name", each)) for each in index.expressions]
        yield _index(index.name, columns, bool(index.unique), _names(included), kind.get("where"))
    if dialect.name == "sqlite":
        yield from _rowid(table.dialect_options["sqlite"]["with_rowid"])
    if dialect.name == "postgresql" and table.dialect_options["postgresql"]["partition_by"]:
        yield _CUT


def _column(name: str, kind: Any, nullable: bool, default: str | None, dialect: sa.Dialect) -> str:
    words = f"{_COLUMN}`{name}` {kind.compile(dialect).lower()}" + ("" if nullable else " not null")
    # A number that the database itself deals out is part of being the key.
    if default is None or default.startswith("nextval("):
        return words
    value = re.sub(r"::[a-z ]+", "", default).strip("'")
    return f"{words} default {value}"


def _key(columns: Iterable[str]) -> str:
    return f"primary key ({', '.join(columns)})"


def _unique(columns: Iterable[str | None]) -> str:
    return f"unique ({', '.join(map(str, columns))})"


def _reference(columns: Iterable[str], table: str) -> str:
    return f"foreign key ({', '.join(columns)}) to `{table}`"


def index_line(index: Mapping[str, Any]) -> str:
    """The line of an index, as an inspector describes one."""
    options = index.get("dialect_options", {})
    where = options.get("postgresql_where") or options.get("sqlite_where")
    included = options.get("postgresql_include") or ()
    columns = index.get("expressions") or index["column_names"]
    return _index(index["name"], columns[: len(columns) - len(included)], index["unique"], included, where)


def _index(name: Any, columns: Iterable[str], unique: bool, included: Iterable[str], where: Any) -> str:
    words = f"{'unique ' if unique else ''}index `{name}` ({', '.join(columns)})"
    with_more = f" with ({', '.join(included)})" if included else ""
    return words + with_more + ("" if where is None else f" where {_condition(str(where))}")


def _condition(text: str) -> str:
    """The words of a condition; PostgreSQL writes `state IN ('a', 'b')` as `(state = ANY (ARRAY['a'::text, ...]))`."""
    words = re.findall(r"'[^']*'|[a-z_]+|\d+", re.sub(r"::[a-z]+(\[\])?", "", text), re.IGNORECASE)
    return " ".join(word for word in words if word.upper() not in {"IN", "ANY", "ARRAY"})


def _names(columns: Iterable[Any]) -> list[str]:
    return [str(getattr(each, "name", each)) for each in columns]


def _rowid(has_rowid: bool) -> set[str]:
    return set() if has_rowid else {"row kept in its key"}
