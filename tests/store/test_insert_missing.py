"""Rows whose key is there already are left out, whether that was to be expected or not."""

from __future__ import annotations

import sqlalchemy as sa

from conductor_dsl.store.connect import connect
from conductor_dsl.store.insert_missing import insert_new
from conductor_dsl.store.tables import audience


def test_new_rows_are_written_beside_those_that_are_there_against_expectation(database_url: str) -> None:
    engine = connect(database_url)
    numbers = sa.union_all(*(sa.select(sa.literal(number).label("number")) for number in range(3))).subquery()
    columns = {"contact_id": numbers.c.number, "thread_id": sa.literal(1)}
    with engine.begin() as connection:
        assert insert_new(connection, audience, columns, sa.select(numbers).where(numbers.c.number > 1)) == 1
        assert insert_new(connection, audience, columns, sa.select(numbers)) == 2
    with engine.connect() as connection:
        assert sorted(connection.scalars(sa.select(audience.c.contact_id))) == [0, 1, 2]
    engine.dispose()
