"""From rows to orders. An order is stored once; a later row with the same number changes nothing."""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa

from conductor_dsl.runtime.ingest.cell_to_items import cell_to_items, items_to_quantities
from conductor_dsl.runtime.ingest.cell_to_value import key_in, past_instant_in, shown, text_in, text_to_cents, to_json
from conductor_dsl.runtime.ingest.nouns import ImportOptions
from conductor_dsl.shared.clock import Instant
from conductor_dsl.store.orders import add_orders

REQUIRED = ("order_id", "contact", "placed_at", "total")
KNOWN = (*REQUIRED, "items", "cart_id")


class Order(NamedTuple):
    """An order as a row tells it; a tuple, for there are millions. `cart` is the cart it was, or empty."""

    contact: str
    key: str
    at: Instant
    total_cents: int
    items: str
    cart: str
    quantities: dict[str, int]


def row_to_order(values: dict[str, object], options: ImportOptions, now: Instant) -> Order:
    """An order from the columns of a row; raises BadRow."""
    items = cell_to_items("items", values.get("items"))
    return Order(
        key_in(values, "contact"),
        key_in(values, "order_id"),
        past_instant_in(values, "placed_at", options.zone, now),
        text_to_cents("total", text_in(values, "total")),
        to_json(items),
        text_in(values, "cart_id") and key_in(values, "cart_id"),
        items_to_quantities(items),
    )


def store_orders(
    connection: sa.Connection, numbered: list[tuple[int, Order]], now: Instant
) -> tuple[int, dict[int, str]]:
    """Store the new ones; how many they are, and the reasons for rejected ones by number.

    The new ones lie in the batch `arrival` afterwards.
    """
    first: dict[tuple[str, str], tuple[int, Order]] = {}
    for number, each in numbered:
        first.setdefault((each.contact, each.key), (number, each))
    rows: list[tuple[object, ...]] = [(number, None, *each[:-2], _payload(each)) for number, each in first.values()]
    items: list[tuple[object, ...]] = [
        (number, sku, pieces) for number, each in first.values() for sku, pieces in each.quantities.items() if pieces
    ]
    added, unknown = add_orders(connection, rows, now, items)
    return added, {n: f"unknown contact {shown(each.contact)}" for n, each in numbered if n in unknown}


def _payload(order: Order) -> str:
    """What the event `order.placed` carries."""
    whole, cents = divmod(order.total_cents, 100)
    total = whole if not cents else order.total_cents / 100
    items = "" if order.items == "[]" else f',"items":{order.items}'
    cart = f',"cart_id":{to_json(order.cart)}' if order.cart else ""
    return f'{{"order_id":{to_json(order.key)},"total":{total},"placed_at":{order.at}{items}{cart}}}'
