"""A ring reaches every node that listens at the database, and no other."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from threading import Event

import pytest
import sqlalchemy as sa

from conductor_dsl.runtime.doorbell import Doorbell, ring
from conductor_dsl.store.connect import connect
from conductor_dsl.store.node_tables import node

PATIENCE = 30.0


@pytest.fixture
def engine(sqlite_url: str) -> Iterator[sa.Engine]:
    opened = connect(sqlite_url)
    yield opened
    opened.dispose()


def ring_all(engine: sa.Engine) -> int:
    with engine.connect() as connection:
        return ring(connection)


def names(engine: sa.Engine) -> list[str]:
    with engine.connect() as connection:
        return sorted(connection.scalars(sa.select(node.c.id)))


def test_a_ring_reaches_every_node(engine: sa.Engine) -> None:
    heard = [Event(), Event()]
    with closing(Doorbell(engine, "one", heard[0].set)) as one, closing(Doorbell(engine, "two", heard[1].set)) as two:
        one.open()
        two.open()
        assert ring_all(engine) == 2
        assert all(event.wait(PATIENCE) for event in heard)


def test_a_closed_doorbell_hears_nothing_and_is_forgotten(engine: sa.Engine) -> None:
    bell = Doorbell(engine, "one", pytest.fail)
    bell.open()
    assert names(engine) == ["one"]
    bell.close()
    assert (names(engine), ring_all(engine)) == ([], 0)


def test_a_node_that_has_died_is_forgotten_by_the_next_one(engine: sa.Engine) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    with engine.begin() as connection:
        connection.execute(sa.insert(node).values(id="dead", pid=dead.pid, bell_port=9))
    with closing(Doorbell(engine, "new", lambda: None)) as bell:
        bell.open()
        assert names(engine) == ["new"]


def test_a_ring_at_a_port_where_nobody_listens_does_no_harm(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(sa.insert(node).values(id="gone", pid=1, bell_port=9))
    assert ring_all(engine) == 1
