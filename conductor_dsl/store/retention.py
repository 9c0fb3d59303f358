"""Retention: how far back the past is kept, how far the deletion of the rest has come, and when it goes on."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from conductor_dsl.shared.clock import Instant
from conductor_dsl.store.prune import Deleted
from conductor_dsl.store.retention_tables import retention, tally
from conductor_dsl.store.tables import run


class Place(NamedTuple):
    """How far a pass has come: the past goes by contact, events by instant and contact."""

    at: Instant = 0
    contact_id: int = 0


def look_after(connection: sa.Connection, wanted: Collection[str], now: Instant) -> None:
    """Let the duty look after these kinds, beginning now; those it looks after already go on as they were."""
    insert: Any = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(retention)
    for kind in sorted(wanted):
        connection.execute(insert.values(kind=kind).on_conflict_do_nothing())
    waiting = sa.update(retention).where(retention.c.kind.in_(sorted(wanted)), retention.c.due_at.is_(None))
    connection.execute(waiting.values(due_at=now))
    connection.execute(sa.update(retention).where(retention.c.kind.not_in(sorted(wanted))).values(due_at=None))


NEXT_DUTY: sa.ScalarSelect[Instant] = sa.select(sa.func.min(retention.c.due_at)).scalar_subquery()
"""When the duty has something to do next."""


def due_duty(connection: sa.Connection, now: Instant) -> sa.Row[Any] | None:
    """The row of what the duty does next, if something is due."""
    due = sa.select(retention).where(retention.c.due_at <= now).order_by(retention.c.due_at, retention.c.kind)
    return connection.execute(due.limit(1)).first()


def take_duty(connection: sa.Connection, kind: str, place: Place | None = None) -> sa.Row[Any] | None:
    """The row of a kind, locked until the transaction ends; it is made where it is missing.

    None where another node has it, or has gone on from `place`.
    """
    insert: Any = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(retention)
    connection.execute(insert.values(kind=kind).on_conflict_do_nothing())
    found = sa.select(retention).where(retention.c.kind == kind).with_for_update(skip_locked=place is not None)
    row = connection.execute(found).first()
    moved = row is not None and place is not None and (row.reached_at, row.reached_id) != place
    return None if moved else row


def begin_pass(connection: sa.Connection, kind: str, horizon: Instant) -> None:
    """Begin at the start: from now on what is older than the horizon may be gone. A horizon never moves back."""
    row = take_duty(connection, kind)
    assert row is not None
    values = {"horizon": max(horizon, row.horizon or horizon), "reached_at": 0, "reached_id": 0}
    connection.execute(sa.update(retention).where(retention.c.kind == kind).values(values))


def place_of(connection: sa.Connection, kind: str) -> Place:
    """How far the pass over a kind has come."""
    found = sa.select(retention.c.reached_at, retention.c.reached_id).where(retention.c.kind == kind)
    row = connection.execute(found).first()
    return Place() if row is None else Place._make(row)


def go_on(connection: sa.Connection, kind: str, place: Place, deleted: Deleted) -> None:
    """A pass has come to a place."""
    values = {"reached_at": place.at, "reached_id": place.contact_id, "deleted": retention.c.deleted + deleted.rows}
    connection.execute(sa.update(retention).where(retention.c.kind == kind).values(values))


def end_pass(connection: sa.Connection, kind: str) -> int:
    """A pass is over, and the next one begins at the start; returns how many rows it has deleted."""
    row = take_duty(connection, kind)
    assert row is not None
    values = {"reached_at": 0, "reached_id": 0, "deleted": 0}
    connection.execute(sa.update(retention).where(retention.c.kind == kind).values(values))
    return int(row.deleted)


def put_off(connection: sa.Connection, kind: str, due_at: Instant) -> None:
    """Let the duty look again at an instant."""
    connection.execute(sa.update(retention).where(retention.c.kind == kind).values(due_at=due_at))


def horizon_of(connection: sa.Connection, kind: str) -> Instant | None:
    """Before which instant what is of this kind may be gone; None where nothing has been deleted."""
    at: Instant | None = connection.scalar(sa.select(retention.c.horizon).where(retention.c.kind == kind))
    return at


def pruned_runs(connection: sa.Connection) -> dict[int, int]:
    """How many runs of each conversation have been deleted."""
    counted = sa.select(tally.c.conversation_id, sa.func.sum(tally.c.count)).where(tally.c.subject == run.name)
    return {row[0]: int(row[1]) for row in connection.execute(counted.group_by(tally.c.conversation_id))}
