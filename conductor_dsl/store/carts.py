"""Carts: each as it was last touched. One that was ordered or emptied is closed.

A cart is closed by a row that says so, by an order that names it, and by an order of a product in it; by an order of
which nobody knows the products, too: better one reminder too few. A touch after the order opens it again.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from conductor_dsl.program.json_sql import json_word
from conductor_dsl.store.batches import arrival
from conductor_dsl.store.catalogue_tables import cart, cart_item
from conductor_dsl.store.incoming import incoming_cart, incoming_cart_item, take, take_for_contacts
from conductor_dsl.store.insert_missing import insert_missing
from conductor_dsl.store.orders import PLACED
from conductor_dsl.store.tables import order_item, orders
from conductor_dsl.store.watches import forget_ordered_carts, watch_carts

_TOLD = ("contact_id", "key", "at", "total_cents", "items", "url", "open")


def add_carts(
    connection: sa.Connection, rows: list[tuple[object, ...]], skus: list[tuple[object, ...]]
) -> tuple[int, set[int]]:
    """Store what is news among rows in the columns of `incoming_cart`, each contact and cart at most once.

    `skus` are pairs of a row's number and a product. The carts with news lie in `incoming_cart` afterwards. Returns how
    many they are, and the numbers of the rows whose contact does not exist.
    """
    unknown = take_for_contacts(connection, incoming_cart, rows)
    take(connection, incoming_cart_item, skus)
    connection.execute(sa.delete(incoming_cart).where(sa.or_(incoming_cart.c.contact_id.is_(None), _is_known())))
    news = sa.select(*(incoming_cart.c[name] for name in _TOLD)).order_by(incoming_cart.c.contact_id)
    changed = _put(connection, news)
    _put_items(connection)
    _close_ordered(connection, sa.select(incoming_cart.c.contact_id))
    watch_carts(connection)
    forget_ordered_carts(connection)
    return changed, unknown


def close_ordered_carts(connection: sa.Connection) -> None:
    """Close the carts that the orders in `arrival` are about."""
    key = json_word(arrival.c.payload, "cart_id")
    values: tuple[sa.ColumnElement[Any], ...] = (
        arrival.c.contact_id,
        key,
        arrival.c.at,
        sa.literal(0),
        sa.literal("[]"),
        sa.literal(""),
        sa.false(),
    )
    rank = sa.func.row_number().over(partition_by=(arrival.c.contact_id, key), order_by=arrival.c.at.desc())
    named: list[Any] = [value.label(name) for name, value in zip(_TOLD, values, strict=True)]
    found = sa.select(*named, rank.label("rank")).where(arrival.c.name == PLACED, key.is_not(None)).subquery("found")
    _put(connection, sa.select(*(found.c[name] for name in _TOLD)).where(found.c.rank == 1))
    _close_ordered(connection, sa.select(arrival.c.contact_id).where(arrival.c.name == PLACED))


def _is_known() -> sa.ColumnElement[bool]:
    """Whether a later touch of the cart is stored, or the same; of two at one instant the one that closes counts."""
    coming = incoming_cart.c
    same = sa.and_(cart.c.at == coming.at, sa.or_(~cart.c.open, coming.open))
    later = sa.or_(cart.c.at > coming.at, same)
    return sa.exists().where(cart.c.contact_id == coming.contact_id, cart.c.key == coming.key, later)


def _put(connection: sa.Connection, news: sa.Select[Any]) -> int:
    """Store carts; an earlier touch never takes the place of a later one."""
    insert = sqlite.insert(cart) if connection.dialect.name == "sqlite" else postgresql.insert(cart)
    # SQLite cannot tell ON CONFLICT from a join condition unless the select has a WHERE.
    put = insert.from_select(list(_TOLD), news.where(sa.true()))
    new = put.excluded
    told = {name: new[name] for name in ("at", "open")}
    kept = {
        name: sa.case((new.open, new[name]), (new["items"] != "[]", new[name]), else_=cart.c[name])
        for name in ("total_cents", "items", "url")
    }
    again = put.on_conflict_do_update(
        index_elements=["contact_id", "key"],
        set_=told | kept,
        where=sa.or_(new.at > cart.c.at, sa.and_(new.at == cart.c.at, cart.c.open, ~new.open)),
    )
    return connection.execute(again).rowcount


def _put_items(connection: sa.Connection) -> None:
    """Let the carts with news hold the products that they hold now."""
    coming = incoming_cart.c
    told = sa.exists().where(incoming_cart_item.c.number == coming.number)
    here = sa.and_(coming.contact_id == cart_item.c.contact_id, coming.key == cart_item.c.cart_key)
    contacts = cart_item.c.contact_id.in_(sa.select(coming.contact_id))
    connection.execute(sa.delete(cart_item).where(contacts, sa.exists().where(here, sa.or_(coming.open, told))))
    columns = {"contact_id": coming.contact_id, "cart_key": coming.key, "sku": incoming_cart_item.c.sku}
    source = sa.select(incoming_cart).join(incoming_cart_item, incoming_cart_item.c.number == coming.number)
    insert_missing(connection, cart_item, columns, source)


def _close_ordered(connection: sa.Connection, contacts: sa.Select[Any]) -> None:
    """Close the open carts of these contacts after whose last touch came an order of something in them."""
    shared = sa.exists().where(
        cart_item.c.contact_id == cart.c.contact_id,
        cart_item.c.cart_key == cart.c.key,
        order_item.c.contact_id == cart.c.contact_id,
        order_item.c.sku == cart_item.c.sku,
        order_item.c.at >= cart.c.at,
    )
    untold = sa.exists().where(orders.c.contact_id == cart.c.contact_id, orders.c.at >= cart.c.at)
    untold = untold.where(orders.c["items"] == "[]")
    ordered = sa.and_(cart.c.contact_id.in_(contacts), cart.c.open, sa.or_(shared, untold))
    connection.execute(sa.update(cart).where(ordered).values(open=sa.false()))
