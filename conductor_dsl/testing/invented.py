"""What invented contacts are made of: names, values of every type, moments at the edges."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from random import Random
from typing import Any

from conductor_dsl.language.expressions import ValueType
from conductor_dsl.program.facts import Asking
from conductor_dsl.shared.clock import DAY, Instant
from conductor_dsl.shared.duration import Duration

NOW = 1_772_467_200_000
"""2026-03-02T16:00Z."""
FIELDS = {
    "tier": ValueType.TEXT,
    "points": ValueType.NUMBER,
    "vip": ValueType.BOOLEAN,
    "birthday": ValueType.DATE,
    "joined": ValueType.INSTANT,
    "mobile2": ValueType.PHONE,
}
COLUMNS = {
    "email": ValueType.EMAIL,
    "mobile": ValueType.PHONE,
    "first_name": ValueType.TEXT,
    "last_name": ValueType.TEXT,
    "zone": ValueType.ZONE,
}
EVENT = {
    "event.source": ValueType.TEXT,
    "event.total": ValueType.NUMBER,
    "event.paid": ValueType.BOOLEAN,
    "event.placed_at": ValueType.INSTANT,
    "event.sku": ValueType.TEXT,
}
WORDS = (
    "",
    "Gold",
    "gold",
    "GOLDEN",
    "Ünï—🎉",
    "ÜNÏ",
    "Straße",
    "100%",
    "1_0",
    "x' OR '1'='1",
    '"; DROP TABLE contact; --',
    "%s :name ? \\",
    "null",
    "5",
    "2026-01-01",
)
ZONES = ("America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu", "Mars/Base", "", None)
ASKING = (
    Asking("Winback", None, "America/New_York", True, {"subject": (("A", 3_000), ("B", 7_000))}),
    Asking("Winback", "News", "Europe/London", False, {"subject": (("A", 5_000), ("B", 4_999), ("C", 1))}),
    Asking("Other", None, "Pacific/Auckland", True),
)
DURATIONS = ("0d", "1h", "90m", "1d", "2w", "30d", "60d", "1mo", "13mo", "1y")
DATES = ("2000-02-29", "2025-03-02", "2026-02-01", "2026-02-28", "2026-03-01", "2026-03-02", "2026-03-03", "2026-03-31")
NUMBERS = (-3, 0, 1, 2, 2.5, 5, 80, 500.25)
LISTS = ("News", "*", "O'Hara's", "sms:*", "sms:?")
STEPS = ("Hello", "Winback SMS")
SKUS = ("A-1", "b 2", "Ünï")
ODD: tuple[Any, ...] = (None, "5", 5, True, [], {}, ["Gold"], {"invalid": "12"}, "soon", "2026-02-30", -1, 10**15)
"""What may lie in a field although it has another type: scripts change, data stays."""
POOLS = ("WB10", "WB20")
CONVERSATIONS = ("Winback", "Other", "Gone")
REFS = {"list": LISTS, "step": STEPS, "conversation": CONVERSATIONS, "pool": POOLS}
EVENTS = ("order.placed", "page.viewed", "opened")
LINKS = ("https://shop.example/sale", "https://shop.example/back")
TEXTS = {"split": ("subject", "other"), "group": ("A", "B", "C"), "link": LINKS, "category": ("Shoes", "Hats")}
"""What may stand in a place where a text is wanted, by its parameter."""


@cache
def edges() -> tuple[Instant, ...]:
    """The moments at which what is `within` a length of time begins and ends, and those beside them."""
    return tuple(Duration.parse(text).before(NOW) + beside for text in DURATIONS for beside in (-1, 0, 1))


def an_instant(chance: Random) -> Instant:
    """Some moment, often just at an edge."""
    return chance.choice(edges()) if chance.random() < 0.7 else NOW + chance.randint(-500 * DAY, 5 * DAY)


def a_value(chance: Random, type_: ValueType) -> Any:
    """Some value of a type, as it is stored."""
    match type_:
        case ValueType.NUMBER:
            return chance.choice(NUMBERS)
        case ValueType.BOOLEAN:
            return chance.random() < 0.5
        case ValueType.DATE:
            return chance.choice(DATES)
        case ValueType.INSTANT:
            return an_instant(chance)
    return chance.choice(WORDS)


def some_members(chance: Random, types: Mapping[str, ValueType]) -> dict[str, Any]:
    """Some of the members, a few of them of another type."""
    return {
        name.removeprefix("event."): chance.choice(ODD) if chance.random() < 0.15 else a_value(chance, type_)
        for name, type_ in types.items()
        if chance.random() < 0.7
    }
