"""Orders are stored once, and their sums follow."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from conductor_dsl.store.batches import arrival
from conductor_dsl.store.connect import connect
from conductor_dsl.store.contacts import upsert_contacts
from conductor_dsl.store.orders import add_orders
from conductor_dsl.store.tables import contact, orders


@pytest.fixture
def connection(database_url: str) -> Iterator[sa.Connection]:
    engine = connect(database_url)
    with engine.begin() as connection:
        upsert_contacts(connection, [(key, *(None,) * 7, "{}") for key in ("a", "b")], 1)
        yield connection
    engine.dispose()


def order(number: int, who: str, key: str, at: int, cents: int) -> tuple[object, ...]:
    return (number, None, who, key, at, cents, "[]", f'{{"order_id":"{key}"}}')


def sums(connection: sa.Connection, key: str) -> tuple[object, ...]:
    c = contact.c
    chosen = sa.select(c.order_count, c.total_cents, c.first_order_at, c.last_order_at).where(c.key == key)
    return tuple(connection.execute(chosen).one())


def test_sums_count_every_order_once(connection: sa.Connection) -> None:
    first = [order(0, "a", "1", 50, 100), order(1, "a", "2", 30, 250), order(2, "b", "1", 40, 5)]
    assert add_orders(connection, first, 60) == (3, set())
    assert sums(connection, "a") == (2, 350, 30, 50)
    second = [order(0, "a", "2", 30, 250), order(1, "a", "3", 70, 1), order(2, "a", "4", 10, 1)]
    assert add_orders(connection, second, 80) == (2, set())
    assert sums(connection, "a") == (4, 352, 10, 70)
    assert sums(connection, "b") == (1, 5, 40, 40)


def test_an_order_that_is_known_never_changes(connection: sa.Connection) -> None:
    add_orders(connection, [order(0, "a", "1", 50, 100)], 60)
    assert add_orders(connection, [order(0, "a", "1", 55, 999)], 60) == (0, set())
    assert sums(connection, "a") == (1, 100, 50, 50)
    assert tuple(connection.execute(sa.select(orders.c.at, orders.c.total_cents)).one()) == (50, 100)


def test_an_order_of_nobody_is_reported_and_not_stored(connection: sa.Connection) -> None:
    assert add_orders(connection, [order(0, "zz", "1", 50, 100), order(1, "a", "1", 50, 100)], 60) == (1, {0})
    assert connection.scalar(sa.select(sa.func.count()).select_from(orders)) == 1


def test_only_new_orders_arrive(connection: sa.Connection) -> None:
    add_orders(connection, [order(0, "a", "1", 50, 100)], 60)
    add_orders(connection, [order(0, "a", "1", 50, 100), order(1, "a", "2", 55, 100)], 60)
    arrived = connection.execute(sa.select(arrival.c.number, arrival.c.name, arrival.c.at, arrival.c.payload)).all()
    assert [tuple(row) for row in arrived] == [(1, "order.placed", 55, '{"order_id":"2"}')]
