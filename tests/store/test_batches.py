"""Rows that go into temporary tables."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from conductor_dsl.program.states import IntentState
from conductor_dsl.store.batches import arrival, fill, settled
from conductor_dsl.store.connect import connect

TEXTS = ("", "\\N", "\\.", "a\tb\nc\rd\\e", '"{,}"', "NULL", "é\u2028\U0001f600", "\x1f\x7f")


def test_what_is_filled_in_is_there_to_the_letter(database_url: str) -> None:
    engine = connect(database_url)
    rows = [(number, 7, text, -number, text, None, None) for number, text in enumerate(TEXTS)]
    with engine.begin() as connection:
        fill(connection, arrival, [(99, 9, "before", 0, "{}", "k", 1)])
        fill(connection, arrival, rows)
        assert [tuple(row) for row in connection.execute(sa.select(arrival).order_by(arrival.c.number))] == rows
        fill(connection, arrival, [])
        assert connection.scalar(sa.select(sa.func.count()).select_from(arrival)) == 0
        fill(connection, settled, [(1, 2, 3, 4, 5, None, IntentState.ACCEPTED, 6)])
        assert connection.scalar(sa.select(settled.c.state)) == "accepted"
    engine.dispose()


def test_what_goes_wrong_while_rows_are_given_undoes_all_of_it(postgres_url: str) -> None:
    """It is an error of SQLAlchemy, which is explained, and not one of the driver's own."""
    engine = connect(postgres_url)
    with engine.connect() as connection:
        with pytest.raises(sa.exc.DataError, match="NUL"):
            fill(connection, arrival, [(0, 7, "a\0b", 0, "{}", None, None)])
        connection.rollback()
        fill(connection, arrival, [(1, 7, "a", 0, "{}", None, None)])
        assert connection.scalars(sa.select(arrival.c.number)).all() == [1]
    engine.dispose()
