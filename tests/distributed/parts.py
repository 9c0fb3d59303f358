"""PostgreSQL databases in which the tables of contacts are split by a hash of the contact."""

from __future__ import annotations

import sqlalchemy as sa

from conductor_dsl.store.connect import connect
from conductor_dsl.store.layout import partition_statements

PARTS = 4


def connect_split(url: str, parts: int = PARTS) -> sa.Engine:
    """An engine on an empty database, in which the tables of contacts are made in so many parts."""
    bare = sa.create_engine(url)
    with bare.begin() as connection:
        for statement in partition_statements(parts):
            connection.exec_driver_sql(statement)
    bare.dispose()
    return connect(url)
