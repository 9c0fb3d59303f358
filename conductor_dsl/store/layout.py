"""How the tables lie on many machines: what belongs to a contact lies with the contact, the rest is whole everywhere.

The statements are made of the metadata, so they cannot differ from it. `docs/scaling.md` shows them.
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from conductor_dsl.store.tables import contact, metadata

WHOLE = ("erased",)
"""Tables that begin with the contact and yet are not split: `erased` is asked by an address, of nobody we know."""


def contact_column(table: sa.Table) -> str | None:
    """The column by which a table is split: the contact, with whom its key begins; None where it is kept whole."""
    if table.name == contact.name:
        return "id"
    leading = next(iter(table.primary_key.columns)).name
    return "contact_id" if leading == "contact_id" and table.name not in WHOLE else None


def split_tables() -> list[sa.Table]:
    """The tables that are split by contact, that of the contacts first."""
    found = [table for table in metadata.sorted_tables if contact_column(table)]
    return sorted(found, key=lambda table: table is not contact)


def whole_tables() -> list[sa.Table]:
    """The tables that are not split, those that others refer to first."""
    return [table for table in metadata.sorted_tables if contact_column(table) is None]


def citus_statements() -> list[str]:
    """What makes the tables of a new database distributed ones; for psql, on the coordinator."""
    whole = [f"SELECT create_reference_table('{table.name}')" for table in whole_tables()]
    return [*whole, *_loosened(), *_split()]


def partition_statements(parts: int) -> list[str]:
    """What makes the tables in an empty database, those of contacts in so many parts by a hash of the contact."""
    copies = sa.MetaData()
    statements = []
    for table in metadata.sorted_tables:
        column = contact_column(table)
        copy = table.to_metadata(copies)
        if column:
            copy.dialect_options["postgresql"]["partition_by"] = f"HASH ({column})"
            for constraint in _too_wide(copy):
                copy.constraints.remove(constraint)
        statements.append(_compiled(CreateTable(copy)))
        statements += [
            _compiled(CreateIndex(index)) for index in sorted(copy.indexes, key=lambda index: str(index.name))
        ]
        if column:
            statements += [_index_instead(constraint) for constraint in _too_wide(table)]
            statements += _parts(table.name, parts)
    return statements


def _split() -> Iterator[str]:
    for table in split_tables():
        beside = "" if table is contact else f", colocate_with => '{contact.name}'"
        yield f"SELECT create_distributed_table('{table.name}', '{contact_column(table)}'{beside})"


def _loosened() -> Iterator[str]:
    """Let go of what one machine alone cannot see: that a value is nobody else's. An index takes its place."""
    for table in split_tables():
        for constraint in _too_wide(table):
            yield f"ALTER TABLE {table.name} DROP CONSTRAINT {_name(constraint)}"
            yield _index_instead(constraint)


def _too_wide(table: sa.Table) -> list[sa.UniqueConstraint]:
    """The constraints over all contacts, which a table that is split by contact cannot have."""
    column = contact_column(table)
    unique = (each for each in table.constraints if isinstance(each, sa.UniqueConstraint))
    return [each for each in unique if column and column not in each.columns]


def _name(constraint: sa.UniqueConstraint) -> str:
    """Its name, or that which PostgreSQL gives a constraint without one."""
    return (
        str(constraint.name)
        if constraint.name
        else "_".join([constraint.table.name, *(column.name for column in constraint.columns), "key"])
    )


def _index_instead(constraint: sa.UniqueConstraint) -> str:
    columns = ", ".join(column.name for column in constraint.columns)
    return f"CREATE INDEX {_name(constraint)} ON {constraint.table.name} ({columns})"


def _parts(name: str, parts: int) -> Iterator[str]:
    for part in range(parts):
        yield f"CREATE TABLE {name}_{part} PARTITION OF {name} FOR VALUES WITH (MODULUS {parts}, REMAINDER {part})"


def _compiled(statement: CreateTable | CreateIndex) -> str:
    return str(statement.compile(dialect=postgresql.dialect())).strip()  # type: ignore[no-untyped-call]
