"""Happenings: events that arise inside the engine, stored in the transaction that causes them.

An event ends runs and lets contacts in, and the pass that causes one has those very runs in hand. So it goes into a
queue, in the same transaction; from there a node moves it, with others, to `event`, and lets it take its effect. An
import has no runs in hand: what it causes is an arrival at once.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from conductor_dsl.shared.clock import Instant
from conductor_dsl.store.batches import arrival, empty
from conductor_dsl.store.events import store_arrivals
from conductor_dsl.store.insert_missing import insert_missing
from conductor_dsl.store.tables import contact, event, happening

Chosen = sa.Select[Any] | sa.CompoundSelect[Any]
"""A select of (contact_id, name, at, payload as JSON text, key), in this order.

The key is the event's own among those of its contact: one made from what causes it is stored once, however often."""


def add_happenings(connection: sa.Connection, chosen: Chosen, caused_by: int | None = None) -> int:
    """Put what a select gives into the queue; returns how many are new.

    `caused_by` is the conversation whose step does it: what it does neither ends nor begins a run of its own.
    """
    coming, known = _unknown(chosen)
    columns = dict(zip(("contact_id", "name", "at", "payload", "key"), coming.c, strict=True))
    cause = sa.null() if caused_by is None else sa.literal(caused_by, sa.BigInteger)
    return insert_missing(connection, happening, columns | {"caused_by": cause}, sa.select(coming).where(~known))


def add_arrivals(connection: sa.Connection, chosen: Chosen) -> int:
    """Store what a select gives as events, and add it to `arrival`; returns how many are new.

    For a transaction that settles its arrivals itself, and has emptied `arrival` before.
    """
    coming, known = _unknown(chosen)
    contact_id, name, at, payload, key = coming.c
    taken = connection.scalar(sa.select(sa.func.coalesce(sa.func.max(arrival.c.number), -1)))
    number = sa.func.row_number().over(order_by=(at, contact_id, key)) + sa.literal(taken, sa.Integer)
    new = sa.select(number, contact_id, name, at, payload, key).where(~known)
    names = ("number", "contact_id", "name", "at", "payload", "key")
    added = connection.execute(sa.insert(arrival).from_select(names, new)).rowcount
    if added:
        store_arrivals(connection)
    return added


def take_happenings(connection: sa.Connection, now: Instant, limit: int) -> int:
    """Move the happenings that have waited longest from the queue to `event` and `arrival`; returns how many.

    On PostgreSQL those are passed over whose contact somebody else has in hand: a pass, an import, or another node.
    """
    empty(connection, arrival)
    waiting = sa.select(happening).join(contact, contact.c.id == happening.c.contact_id)
    waiting = waiting.where(happening.c.at <= now)
    waiting = waiting.order_by(happening.c.at, happening.c.contact_id, happening.c.key).limit(limit)
    waiting = waiting.with_for_update(skip_locked=True, key_share=True, of=[happening, contact])
    taken = waiting.subquery("taken").c
    number = sa.func.row_number().over(order_by=(taken.at, taken.contact_id, taken.key))
    names = ("number", "contact_id", "name", "at", "payload", "key", "caused_by")
    moved = sa.select(number, *(taken[name] for name in names[1:]))
    count = connection.execute(sa.insert(arrival).from_select(names, moved)).rowcount
    if count:
        store_arrivals(connection)
        done = sa.select(arrival.c.contact_id, arrival.c.key)
        connection.execute(sa.delete(happening).where(sa.tuple_(happening.c.contact_id, happening.c.key).in_(done)))
    return count


NEXT_HAPPENING: sa.ScalarSelect[Instant] = sa.select(sa.func.min(happening.c.at)).scalar_subquery()
"""When the next happening takes effect; NULL when none waits."""


def _unknown(chosen: Chosen) -> tuple[sa.Subquery, sa.ColumnElement[bool]]:
    """What a select gives, and whether it has been stored before."""
    coming = chosen.subquery("coming")
    contact_id, *_, key = coming.c
    return coming, sa.exists().where(event.c.contact_id == contact_id, event.c.key == key)
