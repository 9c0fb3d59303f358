"""Coupons: codes by pool, each given to one contact only, the soonest to expire first."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from conductor_dsl.shared.clock import Instant
from conductor_dsl.store.batches import batch, led_by
from conductor_dsl.store.incoming import incoming_coupon, take
from conductor_dsl.store.insert_missing import insert_missing
from conductor_dsl.store.tables import coupon, pool


@dataclass(frozen=True, slots=True)
class Want:
    """Who wants a code: for a field, in a conversation, from a pool; a code must last until after `good_until`."""

    pool: str
    conversation_id: int
    field: str
    good_until: Instant


@dataclass(frozen=True, slots=True)
class PoolCount:
    """How a pool stands: codes that can still be given, codes that were, and free ones that are too old."""

    pool: str
    left: int
    given: int
    expired: int


def add_coupons(connection: sa.Connection, rows: list[tuple[object, ...]]) -> tuple[int, dict[int, str]]:
    """Store rows in the columns of `incoming_coupon`, each code at most once.

    Returns how many are new or have another expiry, and the pools that hold codes of others already, by number. A code
    that has been given stays as it was given.
    """
    take(connection, incoming_coupon, rows)
    coming = incoming_coupon.c
    elsewhere = sa.select(coming.number, coupon.c.pool).join(coupon, coupon.c.code == coming.code)
    taken = {row.number: row.pool for row in connection.execute(elsewhere.where(coupon.c.pool != coming.pool))}
    moved = sa.update(coupon).where(coupon.c.code == coming.code, coupon.c.pool == coming.pool)
    moved = moved.where(coupon.c.contact_id.is_(None), coupon.c.expires_at != coming.expires_at)
    changed = connection.execute(moved.values(expires_at=coming.expires_at, last_day=coming.last_day)).rowcount
    columns: dict[str, Any] = {name: coming[name] for name in ("code", "pool", "expires_at", "last_day")}
    return changed + insert_missing(connection, coupon, columns, sa.select(incoming_coupon)), taken


def held_code(want: Want, column: sa.Column[Any]) -> sa.ScalarSelect[Any]:
    """A column of the good code that the run of a row of the batch has for the field already; NULL where it has none.

    Of several, which only an older expiry can leave behind, the last to expire.
    """
    held = sa.select(column).where(
        coupon.c.contact_id == led_by(batch.c.contact_id),
        coupon.c.pool == want.pool,
        coupon.c.conversation_id == want.conversation_id,
        coupon.c.entry_no == batch.c.entry_no,
        coupon.c.field == want.field,
        coupon.c.expires_at > want.good_until,
    )
    return held.order_by(coupon.c.expires_at.desc()).limit(1).scalar_subquery()


def claim_codes(connection: sa.Connection, want: Want, who: sa.ColumnElement[bool], now: Instant) -> int:
    """Give each row of the batch that `who` describes another free code, while there are any; returns how many.

    One statement matches the contacts, in their order, with the codes, the soonest to expire first. On PostgreSQL codes
    that another node is giving away are passed over, so that no two nodes wait for each other, nor give the same one.
    """
    wanting = sa.select(batch.c.contact_id, batch.c.entry_no).where(who)
    count = connection.scalar(sa.select(sa.func.count()).select_from(wanting.subquery())) or 0
    if not count:
        return 0
    free = sa.select(coupon.c.code, coupon.c.expires_at).where(
        coupon.c.pool == want.pool, coupon.c.contact_id.is_(None)
    )
    free = free.where(coupon.c.expires_at > want.good_until).order_by(coupon.c.expires_at, coupon.c.code).limit(count)
    chosen = free.with_for_update(skip_locked=True).cte("chosen")
    place = sa.func.row_number().over(order_by=(chosen.c.expires_at, chosen.c.code))
    codes = sa.select(chosen.c.code, place.label("place")).subquery("codes")
    turn = sa.func.row_number().over(order_by=batch.c.contact_id)
    people = wanting.add_columns(turn.label("turn")).subquery("people")
    given = sa.update(coupon).where(coupon.c.code == codes.c.code, codes.c.place == people.c.turn)
    given = given.values(
        contact_id=people.c.contact_id,
        entry_no=people.c.entry_no,
        conversation_id=want.conversation_id,
        field=want.field,
        claimed_at=now,
    )
    return connection.execute(given).rowcount


def keep_pools(connection: sa.Connection, rows: Iterable[tuple[str, str, int, str]]) -> None:
    """Let the pools be these: (name, cutoff, warn_below, notify)."""
    connection.execute(sa.delete(pool))
    values = [dict(zip(("name", "cutoff", "warn_below", "notify"), row, strict=True)) for row in rows]
    if values:
        connection.execute(sa.insert(pool), values)


def cutoff_of(connection: sa.Connection, name: str) -> str:
    """How shortly before its expiry a code of a pool is not given any more, as a duration."""
    return connection.scalar(sa.select(pool.c.cutoff).where(pool.c.name == name)) or "0d"


def pools_told_to(connection: sa.Connection, address: str) -> list[sa.Row[Any]]:
    """The pools of which a member of the staff wants to hear when they run low."""
    return list(connection.execute(sa.select(pool).where(pool.c.notify == address).order_by(pool.c.name)))


def pool_counts(connection: sa.Connection, good_until: dict[str, Instant]) -> list[PoolCount]:
    """How pools stand, by name; `good_until` says by pool how long a code must last to be given. Reads all codes."""
    return [_count(connection, name, until) for name, until in sorted(good_until.items())]


def _count(connection: sa.Connection, name: str, until: Instant) -> PoolCount:
    free = coupon.c.contact_id.is_(None)
    good = coupon.c.expires_at > until
    counted = sa.select(
        sa.func.count().filter(free, good), sa.func.count().filter(~free), sa.func.count().filter(free, ~good)
    )
    left, given, expired = connection.execute(counted.where(coupon.c.pool == name)).one()
    return PoolCount(name, left, given, expired)


def known_pools(connection: sa.Connection) -> Collection[str]:
    """The pools that have codes, or are set."""
    return set(connection.scalars(sa.select(coupon.c.pool).distinct())) | set(
        connection.scalars(sa.select(pool.c.name))
    )
