"""Values for a message whose reader is not known: as long as they get, so that the longest message is seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from conductor_dsl.language.expressions import ValueType

LONG_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "first_name": "Maximiliane-Josephine",
        "last_name": "Wolfeschlegelsteinhausen",
        "key": "customer-1234567890",
        "unsubscribe_url": "customer-1234567890",
    }
)
"""Long, and yet somebody's; the address for unsubscribing holds the key."""
_BY_TYPE: Mapping[ValueType, object] = MappingProxyType(
    {
        ValueType.NUMBER: 9999.99,
        ValueType.BOOLEAN: False,
        ValueType.DATE: "2026-11-27",
        ValueType.INSTANT: 1_795_770_000_000,
        ValueType.PHONE: "+12025550199",
        ValueType.EMAIL: "maximiliane.wolfeschlegelsteinhausen@example.com",
        ValueType.ZONE: "America/Argentina/ComodRivadavia",
    }
)
_LONGEST_TEXT = 30
_ITEMS = [
    {"sku": f"SKU-100{number}", "name": name, "quantity": number, "price": 129.99, "url": "https://shop.example/p/1"}
    for number, name in enumerate(("Hand-thrown stoneware mug", "House blend, whole beans", "Paper filters"), 1)
]


def sample_values(paths: Iterable[str], types: Mapping[str, ValueType | None]) -> list[object]:
    """A value for each path that a template reads; `types` by path, None for a list, text where it is not known."""
    return [_value(path, types) for path in paths]


def _value(path: str, types: Mapping[str, ValueType | None]) -> object:
    name = path.rpartition(".")[2]
    if name in LONG_NAMES:
        return LONG_NAMES[name]
    if path == "event":
        return {inner.removeprefix("event."): _value(inner, types) for inner in types if inner.startswith("event.")}
    type_ = types.get(path, ValueType.TEXT)
    if type_ is None:
        return _ITEMS
    return _BY_TYPE.get(type_, _text(name))


def _text(name: str) -> str:
    """A text of the longest length that is named after its field, so that it can be told apart."""
    return f"({name}{'.' * max(3, _LONGEST_TEXT - len(name) - 2)})"
