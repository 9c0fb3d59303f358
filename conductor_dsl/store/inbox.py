"""Inbox: what providers tell by themselves, stored before they are thanked, and taken by the batch.

A provider calls when it likes, with one thing at a time. Its call is one INSERT; what it means is found out later, for
thousands of calls at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from conductor_dsl.shared.clock import Instant
from conductor_dsl.shared.ids import Place
from conductor_dsl.store.batches import fill, named
from conductor_dsl.store.insert_missing import insert_missing
from conductor_dsl.store.node_tables import inbox, parcel

_AT_ONCE = 500
"""How many names one query asks for."""


class Note(NamedTuple):
    """Something that was told: `key` is a name for its content, `kind` is `receipt` or `inbound`, `data` JSON."""

    key: str
    kind: str
    heard_at: Instant
    data: str


def put(connection: sa.Connection, notes: Sequence[Note]) -> None:
    """Keep what was told; what is here already is kept once."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    if notes:
        connection.execute(insert(inbox).on_conflict_do_nothing(), [note._asdict() for note in notes])


def take(connection: sa.Connection, now: Instant, limit: int) -> list[Note]:
    """Take out those that have waited longest; whoever rolls back leaves them where they were."""
    waiting = sa.select(inbox).where(inbox.c.heard_at <= now).order_by(inbox.c.heard_at, inbox.c.key).limit(limit)
    waiting = waiting.with_for_update(skip_locked=True)
    notes = [Note._make(row) for row in connection.execute(waiting)]
    for some in _chunks([note.key for note in notes]):
        connection.execute(sa.delete(inbox).where(inbox.c.key.in_(some)))
    return notes


NEXT_NOTE: sa.ScalarSelect[Instant] = sa.select(sa.func.min(inbox.c.heard_at)).scalar_subquery()
"""Since when something has waited; NULL when nothing does."""


def remember_parcels(connection: sa.Connection, rows: Sequence[tuple[str, Place]]) -> None:
    """Keep which message a provider's own name stands for, where that is all it will tell later."""
    if rows:
        fill(connection, named, [(name, *place) for name, place in rows])
        insert_missing(connection, parcel, dict(named.columns.items()), sa.select(named))


def parcels(connection: sa.Connection, names: Sequence[str]) -> dict[str, Place]:
    """The places of the messages that providers call so; unknown names are left out."""
    found: dict[str, Place] = {}
    for some in _chunks(names):
        rows: Any = connection.execute(sa.select(parcel).where(parcel.c.provider_id.in_(some)))
        found |= {name: tuple(place) for name, *place in rows}
    return found


def _chunks(names: Sequence[str]) -> list[Sequence[str]]:
    return [names[start : start + _AT_ONCE] for start in range(0, len(names), _AT_ONCE)]
