"""The kinds of files: their columns, how a row is read, and how a batch is stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from conductor_dsl.plugin.contracts import TriggerSource
from conductor_dsl.runtime.arrivals import settle_arrivals, settle_opt_outs
from conductor_dsl.runtime.chances import keep_chances, survey_again
from conductor_dsl.runtime.ingest import (
    rows_to_carts,
    rows_to_consents,
    rows_to_contacts,
    rows_to_coupons,
    rows_to_events,
    rows_to_orders,
    rows_to_products,
    rows_to_suppressions,
)
from conductor_dsl.runtime.ingest.nouns import ImportOptions
from conductor_dsl.runtime.programs import Programs
from conductor_dsl.shared.clock import Instant
from conductor_dsl.store.batches import arrival
from conductor_dsl.store.incoming import incoming_cart
from conductor_dsl.store.products import lasting_anew

Stored = tuple[int, dict[int, str]]
"""How many rows told something new, and why others were rejected, by number."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file.

    `row_to_item` raises BadRow; `store` takes a batch of (number, item); `settle` lets what was stored take its effect,
    in the same transaction, and says how many events were too old to let anybody in. `keeps_all` says that unknown
    columns are kept too.
    """

    required: tuple[str, ...]
    known: tuple[str, ...]
    keeps_all: bool
    row_to_item: Callable[[dict[str, object], ImportOptions, Instant], Any]
    store: Callable[[sa.Connection, list[tuple[int, Any]], Instant], Stored]
    settle: Callable[[sa.Connection, Programs, Instant], int]


def _settle_nothing(_connection: sa.Connection, _programs: Programs, _now: Instant) -> int:
    """Codes wait until they are given, and what closes an address has done all it does."""
    return 0


def _settle_consents(connection: sa.Connection, programs: Programs, now: Instant) -> int:
    settle_opt_outs(connection, now)
    return settle_arrivals(connection, programs, now)


def _settle_orders(connection: sa.Connection, programs: Programs, now: Instant) -> int:
    too_old = settle_arrivals(connection, programs, now)
    keep_chances(connection, programs, TriggerSource.REPLENISH, sa.select(arrival.c.contact_id), now)
    return too_old


def _settle_products(connection: sa.Connection, programs: Programs, now: Instant) -> int:
    """What changed about products is told by a node, batch by batch; how long they last changes when they run out."""
    if lasting_anew(connection):
        survey_again(connection, programs, TriggerSource.REPLENISH, now)
    return 0


def _settle_carts(connection: sa.Connection, programs: Programs, now: Instant) -> int:
    keep_chances(connection, programs, TriggerSource.CART, sa.select(incoming_cart.c.contact_id), now)
    return 0


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "contacts": Kind(
            rows_to_contacts.REQUIRED,
            rows_to_contacts.KNOWN,
            True,
            rows_to_contacts.row_to_contact,
            rows_to_contacts.store_contacts,
            settle_arrivals,
        ),
        "orders": Kind(
            rows_to_orders.REQUIRED,
            rows_to_orders.KNOWN,
            False,
            rows_to_orders.row_to_order,
            rows_to_orders.store_orders,
            _settle_orders,
        ),
        "events": Kind(
            rows_to_events.REQUIRED,
            rows_to_events.KNOWN,
            True,
            rows_to_events.row_to_event,
            rows_to_events.store_events,
            settle_arrivals,
        ),
        "consent": Kind(
            rows_to_consents.REQUIRED,
            rows_to_consents.KNOWN,
            False,
            rows_to_consents.row_to_consent,
            rows_to_consents.store_consents,
            _settle_consents,
        ),
        "coupons": Kind(
            rows_to_coupons.REQUIRED,
            rows_to_coupons.KNOWN,
            False,
            rows_to_coupons.row_to_coupon,
            rows_to_coupons.store_coupons,
            _settle_nothing,
        ),
        "products": Kind(
            rows_to_products.REQUIRED,
            rows_to_products.KNOWN,
            True,
            rows_to_products.row_to_product,
            rows_to_products.store_products,
            _settle_products,
        ),
        "carts": Kind(
            rows_to_carts.REQUIRED,
            rows_to_carts.KNOWN,
            False,
            rows_to_carts.row_to_cart,
            rows_to_carts.store_carts,
            _settle_carts,
        ),
        "suppressions": Kind(
            rows_to_suppressions.REQUIRED,
            rows_to_suppressions.KNOWN,
            False,
            rows_to_suppressions.row_to_suppression,
            rows_to_suppressions.store_suppressions,
            _settle_nothing,
        ),
    }
)
