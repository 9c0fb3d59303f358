"""Orders: each stored once, with its items, and with the sums that a contact carries kept in step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from conductor_dsl.program.json_sql import json_put, json_text
from conductor_dsl.shared.clock import Instant
from conductor_dsl.store.batches import arrival, empty
from conductor_dsl.store.incoming import incoming_order, incoming_order_item, take, take_for_contacts
from conductor_dsl.store.insert_missing import insert_missing
from conductor_dsl.store.tables import contact, order_item, orders

PLACED = "order.placed"
"""The name under which a new order arrives."""


def add_orders(
    connection: sa.Connection, rows: list[tuple[object, ...]], now: Instant, items: Sequence[tuple[object, ...]] = ()
) -> tuple[int, set[int]]:
    """Store the new ones among rows in the columns of `incoming_order`, each contact and key at most once.

    `items` are rows in the columns of `incoming_order_item`: what was bought, by the number of the order. The new
    orders lie in `arrival` afterwards. Returns how many they are, and the numbers of the rows whose contact does not
    exist.
    """
    unknown = take_for_contacts(connection, incoming_order, rows)
    empty(connection, arrival)
    added = _announce_new(connection)
    _store_new(connection)
    take(connection, incoming_order_item, list(items))
    _store_items(connection)
    connection.execute(_sums(now))
    return added, unknown


def order_to_payload(order: Any) -> sa.ColumnElement[str]:
    """What the event of an order says, as JSON text, from the columns of `orders`."""
    members = {
        "order_id": json_text(order.key),
        "total": json_text(sa.cast(order.total_cents, sa.Float) / 100),
        "placed_at": json_text(order.at),
        "items": order["items"],
    }
    payload: sa.ColumnElement[str] = sa.literal("{}", sa.Text)
    for name, value in members.items():
        payload = json_put(payload, sa.bindparam(None, name, sa.Text), value)
    return payload


def _announce_new(connection: sa.Connection) -> int:
    coming = incoming_order.c
    stored = sa.exists().where(orders.c.contact_id == coming.contact_id, orders.c.key == coming.key)
    new = sa.select(coming.number, coming.contact_id, sa.literal(PLACED), coming.at, coming.payload)
    new = new.where(coming.contact_id.is_not(None), ~stored)
    columns = ("number", "contact_id", "name", "at", "payload")
    return connection.execute(sa.insert(arrival).from_select(columns, new)).rowcount


def _store_new(connection: sa.Connection) -> None:
    coming = incoming_order.c
    columns = {name: coming[name] for name in ("contact_id", "key", "at", "total_cents", "items")}
    source = sa.select(incoming_order).join(arrival, arrival.c.number == coming.number)
    insert_missing(connection, orders, columns, source.order_by(coming.contact_id, coming.key))


def _store_items(connection: sa.Connection) -> None:
    coming, item = incoming_order.c, incoming_order_item.c
    columns = {
        "contact_id": coming.contact_id,
        "sku": item.sku,
        "at": coming.at,
        "order_key": coming.key,
        "quantity": item.quantity,
    }
    source = sa.select(incoming_order_item).join(incoming_order, coming.number == item.number)
    source = source.join(arrival, arrival.c.number == coming.number)
    insert_missing(connection, order_item, columns, source.order_by(coming.contact_id, item.sku))


def _sums(now: Instant) -> sa.Update:
    """Add the new orders to what their contacts carry."""
    coming = incoming_order.c
    sums = (
        sa.select(
            coming.contact_id,
            sa.func.count().label("orders"),
            sa.func.sum(coming.total_cents).label("cents"),
            sa.func.min(coming.at).label("first"),
            sa.func.max(coming.at).label("last"),
        )
        .join(arrival, arrival.c.number == coming.number)
        .group_by(coming.contact_id)
        .subquery("sums")
    )
    first, last = contact.c.first_order_at, contact.c.last_order_at
    added = {
        "order_count": contact.c.order_count + sums.c.orders,
        "total_cents": contact.c.total_cents + sums.c.cents,
        "first_order_at": sa.case((first < sums.c.first, first), else_=sums.c.first),
        "last_order_at": sa.case((last > sums.c.last, last), else_=sums.c.last),
    }
    return sa.update(contact).where(contact.c.id == sums.c.contact_id).values(**added, updated_at=now)
