"""Recoveries: which times were lost with a database, and what holds for everything that comes behind them."""

from __future__ import annotations

from typing import Any, NamedTuple

import sqlalchemy as sa

from conductor_dsl.shared.clock import MINUTE, Instant
from conductor_dsl.store.node_tables import recovery
from conductor_dsl.store.tables import history, intent, run, version


class Recovery(NamedTuple):
    """A row of `recovery`."""

    number: int
    since_at: Instant
    until_at: Instant
    ended_at: Instant | None
    era: int | None


ERA: sa.ScalarSelect[int] = sa.select(sa.func.coalesce(sa.func.max(recovery.c.era), 0)).scalar_subquery()
"""From where the visits of a run count that begins now; 0 as long as nothing was ever lost."""


def latest_recovery(connection: sa.Connection) -> Recovery | None:
    """The latest one, which may be going on; None where nothing was ever lost."""
    row = connection.execute(sa.select(recovery).order_by(recovery.c.number.desc()).limit(1)).first()
    return None if row is None else Recovery._make(row)


def begin_recovery(connection: sa.Connection, since: Instant, until: Instant) -> None:
    """From now on nothing is sent until the recovery ends."""
    connection.execute(sa.insert(recovery).values(since_at=since, until_at=until))


def end_recovery(connection: sa.Connection, ending: Recovery, now: Instant) -> None:
    """Let the engine go on; what happened in the lost time, and is told later, wakes nobody any more.

    The era is the minute, so that two recoveries from one backup have two.
    """
    row = sa.update(recovery).where(recovery.c.number == ending.number)
    connection.execute(row.values(ended_at=now, era=now // MINUTE))
    connection.execute(sa.update(run).where(run.c.awaits < ending.until_at).values(awaits=ending.until_at))


def last_act(connection: sa.Connection) -> Instant | None:
    """When the engine last did anything that the database knows of; None where it never did."""
    columns: tuple[sa.Column[Any], ...] = (
        version.c.published_at,
        run.c.entered_at,
        run.c.ended_at,
        intent.c.created_at,
        intent.c.settled_at,
        history.c.at,
    )
    latest = sa.union_all(*(sa.select(sa.func.max(column).label("at")) for column in columns)).subquery()
    at: Instant | None = connection.scalar(sa.select(sa.func.max(latest.c.at)))
    return at
