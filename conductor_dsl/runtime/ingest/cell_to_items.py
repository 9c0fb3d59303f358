"""From a JSON list of what was bought, or lies in a cart, to its items, and to the number of pieces of each product.

An item is a product's `sku`, or an object with a `sku` and perhaps a `quantity`; whatever else it says is kept for the
templates. Items without a `sku` are kept, too, but nobody can count them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from conductor_dsl.runtime.ingest.cell_to_value import LONGEST_KEY, shown, to_json
from conductor_dsl.runtime.ingest.nouns import BadRow

_MOST = 1_000_000
"""Pieces of one product in one order; more is a mistake."""


def cell_to_items(name: str, value: object) -> list[Any]:
    """The list in a cell, or a JSON list; BadRow for anything else."""
    if value is None or value == "":
        return []
    try:
        items = json.loads(value) if isinstance(value, str) else value
        if isinstance(items, list):
            to_json(items)
            return items
    except (ValueError, RecursionError):
        pass
    raise BadRow(f"`{name}` {shown(str(value))} is not a JSON list")


def items_to_quantities(items: Iterable[Any]) -> dict[str, int]:
    """How many pieces there are of each product; raises BadRow for a number of pieces that cannot be."""
    found: dict[str, int] = {}
    for item in items:
        told = item if isinstance(item, Mapping) else {"sku": item}
        sku = _sku(told.get("sku"))
        if sku:
            found[sku] = min(found.get(sku, 0) + _quantity(told.get("quantity")), _MOST)
    return found


def _sku(value: object) -> str:
    """The sku as text; shops that number their products write numbers. Empty for what cannot be one."""
    text = value.strip() if isinstance(value, str) else str(value) if _is_whole(value) else ""
    return text if len(text) <= LONGEST_KEY else ""


def _quantity(value: object) -> int:
    if value is None or value == "":
        return 1
    pieces = int(value) if isinstance(value, str) and value.strip().isdecimal() else value
    if isinstance(pieces, float) and pieces.is_integer():
        pieces = int(pieces)
    if not isinstance(pieces, int) or isinstance(pieces, bool) or not 0 <= pieces <= _MOST:
        raise BadRow(f"the quantity {shown(str(value))} of an item is not a number of pieces")
    return pieces


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
