"""Tables of a plugin's own, in the database of the project."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # checking a script asks plugins for their words only, and need not wait for SQLAlchemy
    import sqlalchemy as sa

_LOCK = 4_115_224_002
"""A number by which nodes wait for each other; any would do that nobody else uses."""


def ensure_tables(engine: sa.Engine, tables: sa.MetaData) -> None:
    """Make the tables that are not there yet, with their indexes.

    Nodes of a cluster may begin at the same moment, and PostgreSQL's IF NOT EXISTS fails if two ask it at once.
    """
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        tables.create_all(connection)
