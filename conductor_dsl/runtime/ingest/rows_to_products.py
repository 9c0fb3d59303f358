"""From rows to products.

An empty cell leaves what is stored, so that a file may carry some columns only, say stocks; a JSON null clears it.
Columns that are not known are fields of the shop's own.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from conductor_dsl.runtime.ingest.cell_to_value import (
    key_in,
    shown,
    text_to_cents,
    text_to_number,
    to_json,
    value_to_text,
)
from conductor_dsl.runtime.ingest.nouns import BadRow, ImportOptions
from conductor_dsl.runtime.ingest.value_to_field import JsonField, is_empty, value_to_field
from conductor_dsl.shared.clock import DAY, Instant
from conductor_dsl.shared.duration import Duration
from conductor_dsl.store.products import CLEARED, upsert_products

REQUIRED = ("sku",)
KNOWN = ("sku", "name", "price", "stock", "url", "image", "lasts")
_MOST = 1_000_000_000
"""More pieces than any shop has, and few enough for an integer of every database."""
_LONGEST = 3650 * DAY


@dataclass(slots=True)
class Product:
    """A product as a row tells it: the columns of `incoming_product` up to the fields, and these."""

    columns: tuple[str | int | None, ...]
    fields: dict[str, JsonField]


def row_to_product(values: dict[str, object], options: ImportOptions, now: Instant) -> Product:  # noqa: ARG001
    """A product from the columns of a row; raises BadRow."""
    sku = key_in(values, "sku")
    name, url, image = (_told(values, column) for column in ("name", "url", "image"))
    columns = (sku, name, _price(values), _stock(values), url, image, _lasts(values))
    own = {name: value for name, value in values.items() if name not in KNOWN and not is_empty(value)}
    return Product(columns, {name: _field(name, value, options) for name, value in own.items()})


def _told(values: dict[str, object], name: str) -> str | None:
    """None where a row says nothing about a column, "" where it clears it."""
    if name not in values:
        return None
    value = values[name]
    return "" if value is None else value_to_text(name, value) or None


def _price(values: dict[str, object]) -> int | None:
    told = _told(values, "price")
    return text_to_cents("price", told) if told else _nothing(told)


def _stock(values: dict[str, object]) -> int | None:
    told = _told(values, "stock")
    if not told:
        return _nothing(told)
    pieces = text_to_number("stock", told)
    if pieces != int(pieces):
        raise BadRow(f"`stock` {shown(told)} is not a whole number")
    if abs(pieces) > _MOST:
        raise BadRow(f"`stock` {shown(told)} is too large")
    return int(pieces)


def _lasts(values: dict[str, object]) -> int | None:
    told = _told(values, "lasts")
    if not told:
        return _nothing(told)
    try:
        length = Duration.parse(told).length
    except ValueError:
        raise BadRow(f"`lasts` {shown(told)} is not a length of time; write `30d` for 30 days") from None
    if not 0 < length <= _LONGEST:
        raise BadRow(f"`lasts` {shown(told)} is {'too long' if length else 'no time at all'}")
    return length


def _nothing(told: str | None) -> int | None:
    return None if told is None else CLEARED


def _field(name: str, value: object, options: ImportOptions) -> JsonField:
    return None if value is None else value_to_field(name, value, None, country=options.country, zone=options.zone)


def store_products(
    connection: sa.Connection, numbered: list[tuple[int, Product]], now: Instant
) -> tuple[int, dict[int, str]]:
    """Store products, of which several may be the same; how many are new or changed, and no rejected ones."""
    by_sku: dict[object, Product] = {}
    for _, each in numbered:
        earlier = by_sku.get(each.columns[0])
        by_sku[each.columns[0]] = each if earlier is None else _followed_by(earlier, each)
    rows: list[tuple[object, ...]] = [(*each.columns, to_json(each.fields), False) for each in by_sku.values()]
    return upsert_products(connection, rows, now), {}


def _followed_by(earlier: Product, later: Product) -> Product:
    """What two rows about one product come to."""
    pairs = zip(earlier.columns, later.columns, strict=True)
    return Product(tuple(old if new is None else new for old, new in pairs), earlier.fields | later.fields)
