"""Products: new ones added, changed ones updated, and noted what those who watch them want to hear of."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from conductor_dsl.shared.clock import Instant
from conductor_dsl.store.batches import led_by
from conductor_dsl.store.catalogue_tables import product, product_change, watch
from conductor_dsl.store.incoming import incoming_product, take
from conductor_dsl.store.insert_missing import insert_missing
from conductor_dsl.store.merge_json import json_merge, json_same

BACK_IN_STOCK, LOW_STOCK, PRICE_DROP = "back_in_stock", "low_stock", "price_drop"
"""Kinds of changes."""
LOWEST = 100
"""A stock above it is never low, and changes nothing that is worth noting."""
CLEARED = -(2**31)
"""Stands in an incoming row for a number that is taken back."""
_TEXTS = ("name", "url", "image")
_NUMBERS = ("price_cents", "stock", "lasts")


def upsert_products(connection: sa.Connection, rows: list[tuple[object, ...]], now: Instant) -> int:
    """Store rows in the columns of `incoming_product`, each sku at most once; returns how many are new or changed.

    What an import tells that is known already changes nothing. `incoming_product.relasts` is true afterwards for the
    products of which it is news how long they last.
    """
    take(connection, incoming_product, rows)
    _note_relasting(connection)
    for kind, (before, after, is_so) in _changes().items():
        _note(connection, kind, (before, after, is_so), now)
    changed = connection.execute(_update(now)).rowcount
    return changed + _insert(connection, now)


def lasting_anew(connection: sa.Connection) -> bool:
    """Whether the products that were stored just now have news of how long they last."""
    return bool(connection.scalar(sa.select(sa.exists().where(incoming_product.c.relasts))))


def _note_relasting(connection: sa.Connection) -> None:
    told = incoming_product.c.lasts.is_not(None)
    stored = sa.select(product.c.lasts).where(product.c.sku == incoming_product.c.sku).scalar_subquery()
    other = sa.func.coalesce(stored, CLEARED) != incoming_product.c.lasts
    connection.execute(sa.update(incoming_product).where(told, other).values(relasts=sa.true()))


def _changes() -> dict[str, tuple[Any, Any, sa.ColumnElement[bool]]]:
    """Kinds of changes: what was before, what is now, and what makes it one."""
    new, old = incoming_product.c, product.c
    back = sa.and_(new.stock > 0, sa.func.coalesce(old.stock, 0) <= 0)
    low = sa.and_(new.stock > 0, new.stock <= LOWEST, old.stock > new.stock)
    drop = sa.and_(new.price_cents >= 0, new.price_cents < old.price_cents)
    return {
        BACK_IN_STOCK: (old.stock, new.stock, back),
        LOW_STOCK: (old.stock, new.stock, low),
        PRICE_DROP: (old.price_cents, new.price_cents, drop),
    }


def _note(connection: sa.Connection, kind: str, change: tuple[Any, Any, sa.ColumnElement[bool]], now: Instant) -> None:
    """Note the changes of a kind, in place of what is still to be told of the same kind and product.

    A change of a product that nobody watches is of no interest.
    """
    before, after, is_so = change
    found = sa.select(
        incoming_product.c.sku, sa.literal(kind), sa.literal(now, sa.BigInteger), before, after
    ).select_from(incoming_product.outerjoin(product, _same_sku()))
    insert = sqlite.insert(product_change) if connection.dialect.name == "sqlite" else postgresql.insert(product_change)
    watched = sa.exists().where(watch.c.sku == incoming_product.c.sku)
    put = insert.from_select(["sku", "kind", "at", "before", "after"], found.where(is_so, watched))
    fresh = {"told_since": -1, "told_contact": 0, "told_kind": "", "entered": "{}"}
    again = put.on_conflict_do_update(
        index_elements=["sku", "kind"], set_={"at": put.excluded.at, "after": put.excluded.after, **fresh}
    )
    connection.execute(again)


def _same_sku() -> sa.ColumnElement[bool]:
    return product.c.sku == led_by(incoming_product.c.sku)


def _update(now: Instant) -> sa.Update:
    """Update the products of which anything differs."""
    merged = _merged()
    differs = [column.is_distinct_from(product.c[name]) for name, column in merged.items() if name != "fields"]
    differs.append(~json_same(merged["fields"], product.c.fields))
    return sa.update(product).where(_same_sku(), sa.or_(*differs)).values(**merged, updated_at=now)


def _merged() -> dict[str, sa.ColumnElement[Any]]:
    """What a stored product becomes: NULL leaves a value."""
    coming, stored = incoming_product.c, product.c
    texts = {name: sa.func.coalesce(coming[name], stored[name]) for name in _TEXTS}
    numbers = {name: sa.func.nullif(sa.func.coalesce(coming[name], stored[name]), CLEARED) for name in _NUMBERS}
    return {**texts, **numbers, "fields": json_merge(stored.fields, coming.fields)}


def _insert(connection: sa.Connection, now: Instant) -> int:
    """Add the products that are not there yet; returns how many."""
    coming = incoming_product.c
    columns: dict[str, Any] = {"sku": coming.sku}
    columns |= {name: sa.func.coalesce(coming[name], "") for name in _TEXTS}
    columns |= {name: sa.func.nullif(coming[name], CLEARED) for name in _NUMBERS}
    columns |= {"fields": json_merge(sa.literal("{}"), coming.fields), "updated_at": sa.literal(now, sa.BigInteger)}
    return insert_missing(connection, product, columns, sa.select(incoming_product))
