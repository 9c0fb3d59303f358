"""A ring reaches every node that listens at the database, and no other."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from threading import Event, Semaphore

import pytest
import sqlalchemy as sa

from conductor_dsl.runtime.doorbell import make_doorbell, ring
from conductor_dsl.runtime.loopback import LoopbackDoorbell, ring_loopback
from conductor_dsl.store.connect import connect
from conductor_dsl.store.node_tables import node

PATIENCE = 60.0


@pytest.fixture
def engine(sqlite_url: str) -> Iterator[sa.Engine]:
    opened = connect(sqlite_url)
    yield opened
    opened.dispose()


def names(engine: sa.Engine) -> list[str]:
    with engine.connect() as connection:
        return sorted(connection.scalars(sa.select(node.c.id)))


def test_a_ring_reaches_every_node(engine: sa.Engine) -> None:
    heard = [Event(), Event()]
    with (
        closing(LoopbackDoorbell(engine, "one", heard[0].set)) as one,
        closing(LoopbackDoorbell(engine, "two", heard[1].set)) as two,
    ):
        one.open()
        two.open()
        assert ring_loopback(engine) == 2
        assert all(event.wait(PATIENCE) for event in heard)


def test_a_closed_doorbell_hears_nothing_and_is_forgotten(engine: sa.Engine) -> None:
    bell = LoopbackDoorbell(engine, "one", pytest.fail)
    bell.open()
    assert names(engine) == ["one"]
    bell.close()
    assert (names(engine), ring_loopback(engine)) == ([], 0)


def test_a_node_that_has_died_is_forgotten_by_the_next_one(engine: sa.Engine) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    with engine.begin() as connection:
        connection.execute(sa.insert(node).values(id="dead", pid=dead.pid, bell_port=9))
    with closing(LoopbackDoorbell(engine, "new", lambda: None)) as bell:
        bell.open()
        assert names(engine) == ["new"]


def test_a_ring_at_a_port_where_nobody_listens_does_no_harm(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(sa.insert(node).values(id="gone", pid=1, bell_port=9))
    assert ring_loopback(engine) == 1


def test_over_postgresql_a_ring_reaches_every_node(postgres_url: str) -> None:
    engine, other = connect(postgres_url), connect(postgres_url)
    heard = [Semaphore(0), Semaphore(0)]
    with (
        closing(make_doorbell(engine, "one", heard[0].release)) as one,
        closing(make_doorbell(other, "two", heard[1].release)) as two,
    ):
        for bell in (one, two):
            bell.open()
        assert all(each.acquire(timeout=PATIENCE) for each in heard)  # each looks once when it begins to listen
        ring(other)
        assert all(each.acquire(timeout=PATIENCE) for each in heard)
    for each in (engine, other):
        each.dispose()


def test_over_postgresql_a_broken_connection_is_made_anew(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conductor_dsl.runtime.notify.RECONNECT", 0.01)
    engine, heard = connect(postgres_url), Semaphore(0)
    with closing(make_doorbell(engine, "one", heard.release)) as bell:
        bell.open()
        assert heard.acquire(timeout=PATIENCE)
        with engine.begin() as connection:
            others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN %'"
            assert connection.scalar(sa.text(others))
        assert heard.acquire(timeout=PATIENCE)
        ring(engine)
        assert heard.acquire(timeout=PATIENCE)
    engine.dispose()
