"""Databases as older versions of Conductor left them.

`schemas.json` has every schema that stood on the main branch since the first version that could run, up to the one from
which revisions are counted: the statements by which SQLAlchemy made it then, each with the first and the last version
that it belongs to. The files that are named after a commit have the rows that the program of that commit wrote for the
same small project, killed while a provider had messages in hand.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Version:
    """A commit that changed the schema; `number` is what it kept as the number of its schema."""

    commit: str
    day: str
    title: str
    number: int


@cache
def _schemas() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((HERE / "schemas.json").read_text(encoding="utf-8"))
    return found


def versions() -> list[Version]:
    """Every older version, oldest first."""
    return [Version(**each) for each in _schemas()["versions"]]


def with_rows() -> list[str]:
    """The commits of the versions of which there are rows, oldest first."""
    return [each.commit for each in versions() if (HERE / f"{each.commit}.json").exists()]


def rows_of(commit: str) -> dict[str, list[dict[str, Any]]]:
    """The rows that the program of a commit left, by table."""
    found: dict[str, list[dict[str, Any]]] = json.loads((HERE / f"{commit}.json").read_text(encoding="utf-8"))
    return found


def make_older(url: str, commit: str, *, filled: bool = True) -> None:
    """Make a database as the program of a commit made it, with its rows or with none but the number of its schema."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    number = [each.commit for each in versions()].index(commit)
    with engine.begin() as connection:
        for first, last, statement in _schemas()[connection.dialect.name]:
            if first <= number <= last:
                connection.exec_driver_sql(statement)
        _fill(connection, rows_of(commit) if filled else _only_number(connection, versions()[number].number))
    engine.dispose()


def _only_number(connection: sa.Connection, number: int) -> dict[str, list[dict[str, Any]]]:
    names = sa.inspect(connection).get_table_names()
    named = "schema_version" if "schema_version" in names else "installation"
    return {named: [{"number": number} | ({} if named == "schema_version" else {"secret": "s"})]}


def _fill(connection: sa.Connection, rows: dict[str, list[dict[str, Any]]]) -> None:
    found = sa.MetaData()
    found.reflect(connection)
    for table in found.sorted_tables:
        if table.name in rows:
            connection.execute(sa.insert(table), rows[table.name])
    if connection.dialect.name == "postgresql":
        for name in ("contact", "conversation", "conversation_version", "message", "thread"):
            last = sa.text(f"SELECT setval('{name}_id_seq', greatest((SELECT max(id) FROM {name}), 1))")
            connection.execute(last)
