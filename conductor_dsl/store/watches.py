"""Watches: who is interested in which product, until they buy it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from conductor_dsl.program.json_sql import json_shown
from conductor_dsl.store.batches import arrival
from conductor_dsl.store.catalogue_tables import product, watch
from conductor_dsl.store.incoming import incoming_cart, incoming_cart_item
from conductor_dsl.store.orders import PLACED
from conductor_dsl.store.tables import order_item

ASKED, VIEWED, CARTED = "asked", "viewed", "carted"
KINDS_BY_EVENT = {"alert.requested": ASKED, "product.viewed": VIEWED}
"""The events that tell of interest in the product `sku` of their payload, and in what way."""
LONGEST_SKU = 255


def watch_arrivals(connection: sa.Connection) -> None:
    """Note the interest that the events in `arrival` show."""
    # Where shops number their products, JSON has a number.
    sku = json_shown(arrival.c.payload, "sku")
    kind = sa.case(KINDS_BY_EVENT, value=arrival.c.name)
    found = sa.select(arrival.c.contact_id, sku.label("sku"), kind.label("kind"), arrival.c.at.label("since_at"))
    _watch(connection, found.where(arrival.c.name.in_(list(KINDS_BY_EVENT))))


def watch_carts(connection: sa.Connection) -> None:
    """Note the interest in what lies in the carts of `incoming_cart`, unless they were ordered."""
    coming = incoming_cart.c
    found = sa.select(
        coming.contact_id, incoming_cart_item.c.sku, sa.literal(CARTED).label("kind"), coming.at.label("since_at")
    ).join(incoming_cart_item, incoming_cart_item.c.number == coming.number)
    _watch(connection, found.where(coming.status != "ordered"))


def forget_ordered_carts(connection: sa.Connection) -> None:
    """Forget the interest in what lay in the carts of `incoming_cart` that were ordered."""
    coming = incoming_cart.c
    bought = sa.exists().where(
        coming.contact_id == watch.c.contact_id,
        coming.status == "ordered",
        coming.at >= watch.c.since_at,
        incoming_cart_item.c.number == coming.number,
        incoming_cart_item.c.sku == watch.c.sku,
    )
    who = sa.select(coming.contact_id).where(coming.status == "ordered")
    connection.execute(sa.delete(watch).where(watch.c.contact_id.in_(who), bought))


def forget_bought(connection: sa.Connection) -> None:
    """Forget the interest of those who ordered, by the orders in `arrival`, what they have bought since."""
    who = sa.select(arrival.c.contact_id).where(arrival.c.name == PLACED)
    connection.execute(sa.delete(watch).where(watch.c.contact_id.in_(who), _bought(watch.c)))


def _bought(since: Any) -> sa.ColumnElement[bool]:
    """Whether a contact has bought the product at that time or later."""
    return sa.exists().where(
        order_item.c.contact_id == since.contact_id,
        order_item.c.sku == since.sku,
        order_item.c.at >= since.since_at,
    )


def _watch(connection: sa.Connection, found: sa.Select[Any]) -> None:
    """Store what a select of (contact_id, sku, kind, since_at) gives, with the price of today.

    Of several the latest counts, whatever comes first; interest that a purchase has ended is none.
    """
    each = found.subquery("each")
    rank = sa.func.row_number().over(
        partition_by=(each.c.contact_id, each.c.sku, each.c.kind), order_by=each.c.since_at.desc()
    )
    ranked = sa.select(each, rank.label("rank")).subquery("ranked")
    of_length = sa.func.length(ranked.c.sku).between(1, LONGEST_SKU)
    latest = sa.select(ranked.c.contact_id, ranked.c.sku, ranked.c.kind, ranked.c.since_at, product.c.price_cents)
    latest = latest.outerjoin(product, product.c.sku == ranked.c.sku)
    latest = latest.where(ranked.c.rank == 1, of_length, ~_bought(ranked.c))
    insert = sqlite.insert(watch) if connection.dialect.name == "sqlite" else postgresql.insert(watch)
    put = insert.from_select(list(watch.c), latest)
    again = put.on_conflict_do_update(
        index_elements=["contact_id", "sku", "kind"],
        set_={"since_at": put.excluded.since_at, "price_cents": put.excluded.price_cents},
        where=put.excluded.since_at > watch.c.since_at,
    )
    connection.execute(again)
