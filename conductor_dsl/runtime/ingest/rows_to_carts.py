"""From rows to shopping carts. Of two rows about one cart the later touch counts, in whatever order they come."""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa

from conductor_dsl.runtime.ingest.cell_to_items import cell_to_items, items_to_quantities
from conductor_dsl.runtime.ingest.cell_to_value import key_in, past_instant_in, shown, text_in, text_to_cents, to_json
from conductor_dsl.runtime.ingest.nouns import BadRow, ImportOptions
from conductor_dsl.shared.clock import Instant
from conductor_dsl.shared.nearest import did_you_mean
from conductor_dsl.store.carts import add_carts

REQUIRED = ("cart_id", "contact", "at")
KNOWN = (*REQUIRED, "total", "items", "url", "status")
OPEN = "open"
STATUSES = (OPEN, "ordered", "emptied")


class Cart(NamedTuple):
    """A cart as a row tells it; a tuple, for there are millions. `skus` are the products in it."""

    contact: str
    key: str
    at: Instant
    total_cents: int
    items: str
    url: str
    status: str
    skus: tuple[str, ...]


def row_to_cart(values: dict[str, object], options: ImportOptions, now: Instant) -> Cart:
    """A cart from the columns of a row; raises BadRow."""
    items = cell_to_items("items", values.get("items"))
    return Cart(
        key_in(values, "contact"),
        key_in(values, "cart_id"),
        past_instant_in(values, "at", options.zone, now),
        text_to_cents("total", text_in(values, "total")),
        to_json(items),
        text_in(values, "url"),
        _status(text_in(values, "status")),
        tuple(items_to_quantities(items)),
    )


def _status(text: str) -> str:
    word = text.casefold() or OPEN
    if word not in STATUSES:
        hint = did_you_mean(word, STATUSES) or "it is `open`, `ordered` or `emptied`"
        raise BadRow(f"unknown status {shown(text)}; {hint}")
    return word


def store_carts(
    connection: sa.Connection,
    numbered: list[tuple[int, Cart]],
    now: Instant,  # noqa: ARG001 - as for the other kinds
) -> tuple[int, dict[int, str]]:
    """Store what is news; how many carts that are, and the reasons for rejected ones by number.

    The carts of which there were news lie in the batch `incoming_cart` afterwards.
    """
    last: dict[tuple[str, str], tuple[int, Cart]] = {}
    for number, each in numbered:
        known = last.get((each.contact, each.key))
        if known is None or _rank(each) > _rank(known[1]):
            last[each.contact, each.key] = number, each
    rows: list[tuple[object, ...]] = [
        (number, None, *each[:-2], each.status == OPEN, each.status) for number, each in last.values()
    ]
    skus: list[tuple[object, ...]] = [(number, sku) for number, each in last.values() for sku in each.skus]
    changed, unknown = add_carts(connection, rows, skus)
    return changed, {n: f"unknown contact {shown(each.contact)}" for n, each in numbered if n in unknown}


def _rank(cart: Cart) -> tuple[Instant, bool]:
    """Of two words of one instant the one that closes the cart counts."""
    return cart.at, cart.status != OPEN
