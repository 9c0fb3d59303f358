"""What is due where, for a node that asks before every batch: it must not cost by the runs that wait."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from conductor_dsl.store import tables as t
from conductor_dsl.store.connect import connect
from conductor_dsl.store.runs import steps_in_use

PLACES = ((3, 1), (3, 4), (5, 0), (7, 2))
STRIDE = 10
"""So many instructions of SQLite's machine are counted at once."""


def park(engine: sa.Engine, count: int) -> None:
    """Let so many runs wait, some at each of the places; some have ended."""
    row = {"conversation_id": 1, "entry_no": 1, "state": "active", "entered_at": 1}
    rows = []
    for number in range(1, count + 1):
        version, step = PLACES[number % 4]
        rows.append({**row, "contact_id": number, "version_id": version, "step": step, "due_at": 1_000 + number})
    with engine.begin() as connection:
        connection.execute(sa.insert(t.run), rows)
        ended = {"due_at": None, "state": "completed", "ended_at": 5}
        connection.execute(sa.update(t.run).where(t.run.c.contact_id % 3 == 0).values(ended))


@contextmanager
def counted(connection: sa.Connection) -> Iterator[list[int]]:
    """How often SQLite has done so many instructions of its machine."""
    done: list[int] = []
    driver = connection.connection.driver_connection
    driver.set_progress_handler(lambda: done.append(1), STRIDE)  # type: ignore[union-attr]
    yield done
    driver.set_progress_handler(None, STRIDE)  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", ["sqlite_url", "postgres_url"])
def test_each_step_is_told_with_what_is_due_first(kind: str, request: pytest.FixtureRequest) -> None:
    engine = connect(request.getfixturevalue(kind))
    with engine.connect() as connection:
        assert steps_in_use(connection) == []
    park(engine, 40)
    with engine.connect() as connection:
        assert sorted(steps_in_use(connection)) == [(3, 1, 1_004), (3, 4, 1_001), (5, 0, 1_002), (7, 2, 1_007)]
    engine.dispose()


def test_a_hundred_times_as_many_runs_cost_no_more(sqlite_url: str) -> None:
    engine, costs = connect(sqlite_url), []
    for count in (200, 20_000):
        with engine.begin() as connection:
            connection.execute(sa.delete(t.run))
        park(engine, count)
        with engine.connect() as connection, counted(connection) as done:
            assert len(steps_in_use(connection)) == len(PLACES)
        costs.append(len(done))
    assert 0 < costs[1] <= costs[0] + 2
    engine.dispose()
