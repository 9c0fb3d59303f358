"""Product changes that are still to be told, and those who watch the product."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from conductor_dsl.shared.clock import Instant
from conductor_dsl.store.batches import empty, watcher
from conductor_dsl.store.catalogue_tables import product, product_change, watch
from conductor_dsl.store.products import BACK_IN_STOCK, LOW_STOCK, PRICE_DROP


@dataclass(frozen=True, slots=True)
class Change:
    """What an import changed about a product; `before` and `after` in pieces or hundredths.

    `is_so` says that it still holds. `entered` is how many have entered so far, by the id of the thread.
    """

    sku: str
    kind: str
    at: Instant
    before: int | None
    after: int
    stock: int | None
    entered: Mapping[int, int]
    is_so: bool


NEXT_CHANGE: sa.ScalarSelect[Instant] = sa.select(sa.func.min(product_change.c.at)).scalar_subquery()
"""When the oldest change came that is still to be told; NULL when there is none."""


def take_change(connection: sa.Connection) -> Change | None:
    """The oldest change that is still to be told, kept from other nodes until the transaction ends."""
    of_product = sa.select(product).where(product.c.sku == product_change.c.sku).correlate(product_change)
    stock, price = (of_product.with_only_columns(product.c[name]) for name in ("stock", "price_cents"))
    oldest = sa.select(
        product_change, stock.scalar_subquery().label("stock"), price.scalar_subquery().label("price_cents")
    )
    oldest = oldest.order_by(product_change.c.at).limit(1).with_for_update(skip_locked=True, of=product_change)
    row = connection.execute(oldest).one_or_none()
    if row is None:
        return None
    entered = {int(thread): count for thread, count in json.loads(row.entered).items()}
    still = {
        BACK_IN_STOCK: (row.stock or 0) > 0,
        LOW_STOCK: 0 < (row.stock or 0) <= row.after,
        PRICE_DROP: row.price_cents is not None and row.price_cents <= row.after,
    }
    return Change(row.sku, row.kind, row.at, row.before, row.after, row.stock, entered, still[row.kind])


def take_watchers(connection: sa.Connection, change: Change, limit: int) -> int:
    """Put those who watch the product and have not been told into `watcher`, in their order; returns how many."""
    empty(connection, watcher)
    told = sa.select(product_change.c.told_since, product_change.c.told_contact, product_change.c.told_kind)
    last = connection.execute(told.where(*_is(change))).one()
    place = sa.tuple_(watch.c.since_at, watch.c.contact_id, watch.c.kind)
    following = sa.select(watch).where(watch.c.sku == change.sku, place > sa.tuple_(*last))
    each = following.order_by(watch.c.since_at, watch.c.contact_id, watch.c.kind).limit(limit).subquery("each").c
    number = sa.func.row_number().over(order_by=(each.since_at, each.contact_id, each.kind))
    chosen = sa.select(number, each.contact_id, each.kind, each.since_at, each.price_cents)
    return connection.execute(sa.insert(watcher).from_select(list(watcher.c), chosen)).rowcount


def keep_place(connection: sa.Connection, change: Change, entered: Mapping[int, int]) -> None:
    """Those in `watcher` have been told, and so many have entered."""
    last = connection.execute(sa.select(watcher).order_by(watcher.c.number.desc()).limit(1)).one()
    place = {"told_since": last.since_at, "told_contact": last.contact_id, "told_kind": last.kind}
    kept = sa.update(product_change).where(*_is(change))
    connection.execute(kept.values(**place, entered=json.dumps(entered)))


def drop_change(connection: sa.Connection, change: Change) -> None:
    """Everybody has been told, or there is nothing to tell."""
    connection.execute(sa.delete(product_change).where(*_is(change)))


def _is(change: Change) -> tuple[sa.ColumnElement[bool], ...]:
    return product_change.c.sku == change.sku, product_change.c.kind == change.kind
