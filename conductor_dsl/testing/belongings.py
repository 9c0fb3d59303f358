"""Invented rows of a contact in other tables, and those that belong to nobody: products, conversations, steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from types import MappingProxyType
from typing import Any

from conductor_dsl.testing.invented import (
    EVENT,
    EVENTS,
    LINKS,
    LISTS,
    NOW,
    POOLS,
    SKUS,
    STEPS,
    an_instant,
    some_members,
)

Row = dict[str, Any]
Rows = Mapping[str, list[Row]]

SHOP: Rows = MappingProxyType(
    {
        "conversation": [{"id": 1, "name": "Winback"}, {"id": 2, "name": "Other"}],
        "step": [
            {"version_id": 1, "number": 0, "name": "Hello"},
            {"version_id": 1, "number": 1, "name": "Winback SMS"},
            {"version_id": 2, "number": 0, "name": "Winback SMS"},
        ],
        "product": [
            {"sku": "A-1", "stock": 3, "price_cents": 4_990, "fields": {"category": "Shoes"}, "updated_at": NOW},
            {"sku": "b 2", "stock": 0, "price_cents": None, "fields": {"category": ["Shoes"]}, "updated_at": NOW},
        ],
    }
)
"""What is the same for everybody; one product, and one conversation, is known by name alone."""


def some_rows(chance: Random) -> Rows:
    """What belongs to a contact."""
    rows = {table: make(chance) for table, make in _TABLES.items()}
    return rows | {"order_item": _order_items(chance, rows["orders"])}


def _membership(chance: Random) -> list[Row]:
    states = ("subscribed", "unsubscribed")
    return [
        {"list": name, "state": chance.choice(states), "since_at": an_instant(chance)}
        for name in LISTS
        if chance.random() < 0.5
    ]


def _suppression(chance: Random) -> list[Row]:
    return [{"channel": name, "reason": "bounced", "at": NOW} for name in ("sms", "email") if chance.random() < 0.2]


def _orders(chance: Random) -> list[Row]:
    return [
        {"key": f"o{number}", "at": an_instant(chance), "total_cents": chance.choice((0, 100, 5_000, 12_345))}
        for number in range(chance.randint(0, 3))
    ]


def _order_items(chance: Random, orders: list[Row]) -> list[Row]:
    return [
        {"sku": sku, "at": order["at"], "order_key": order["key"], "quantity": chance.randint(1, 3)}
        for sku in SKUS
        for order in orders
        if chance.random() < 0.5
    ]


def _events(chance: Random) -> list[Row]:
    return [
        {"key": f"e{number}", "name": name, "at": an_instant(chance), "payload": _payload(chance, name)}
        for number in range(chance.randint(0, 4))
        for name in [chance.choice((*EVENTS, "clicked"))]
    ]


def _payload(chance: Random, name: str) -> Row:
    if name not in ("opened", "clicked"):
        return some_members(chance, EVENT)
    known = {"conversation": chance.choice(("Winback", "Other")), "step": chance.choice(STEPS)}
    return known | {"link": chance.choice((None, *LINKS))}


def _intents(chance: Random) -> list[Row]:
    return [_intent(chance, visit) for visit in range(chance.randint(0, 4))]


def _intent(chance: Random, visit: int) -> Row:
    state = chance.choice(("ready", "accepted", "delivered", "rejected"))
    place = {"conversation_id": chance.choice((1, 2)), "entry_no": 1, "step": chance.choice((0, 1)), "visit": visit}
    message = {"message_id": 1, "channel": "sms", "list": "sms", "sender": "", "address": "", "values": "[]"}
    times = {"created_at": NOW, "not_before": NOW, "expires_at": NOW}
    settled = None if state == "ready" else an_instant(chance)
    return place | message | times | {"version_id": chance.choice((1, 2)), "state": state, "settled_at": settled}


def _runs(chance: Random) -> list[Row]:
    return [
        {"conversation_id": conversation, "entry_no": number, "version_id": 1, "step": 0, "state": "active"}
        | {"entered_at": an_instant(chance), "ended_at": None if number == 2 else NOW, "payload": None}
        for conversation in (1, 2)
        for number in (1, 2)
        if chance.random() < 0.3
    ]


def _coupons(chance: Random) -> list[Row]:
    return [
        {"code": f"{chance.getrandbits(64):x}", "pool": pool, "expires_at": an_instant(chance), "claimed_at": NOW}
        for pool in POOLS
        if chance.random() < 0.4
    ]


_TABLES: Mapping[str, Callable[[Random], list[Row]]] = MappingProxyType(
    {
        "membership": _membership,
        "suppression": _suppression,
        "orders": _orders,
        "event": _events,
        "intent": _intents,
        "run": _runs,
        "coupon": _coupons,
    }
)
