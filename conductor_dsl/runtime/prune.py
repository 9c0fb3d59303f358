"""Prune: what is older than its retention is deleted, a batch at a time, between whatever else is due.

A pass goes through the database in the order of a key, and its place is kept in the transaction that deletes: so it may
be broken off at any point, and nodes may share it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeVar

import sqlalchemy as sa

from conductor_dsl.plugin.host import Host
from conductor_dsl.runtime.plan_pruning import Plan, lengths_of, plan_pruning
from conductor_dsl.runtime.programs import Programs, load_programs
from conductor_dsl.shared.clock import DAY, Clock, Instant
from conductor_dsl.shared.errors import ConductorError, DatabaseError
from conductor_dsl.shared.rules import Rules
from conductor_dsl.store.connect import reading
from conductor_dsl.store.drop_month import drop_month
from conductor_dsl.store.months import make_months, months
from conductor_dsl.store.prune import (
    Deleted,
    Kept,
    count_events,
    count_past,
    delete_events,
    delete_past,
    find_events,
    find_past,
    next_slice,
)
from conductor_dsl.store.retention import (
    Place,
    begin_pass,
    due_duty,
    end_pass,
    go_on,
    look_after,
    place_of,
    put_off,
    take_duty,
)
from conductor_dsl.store.retention_tables import EVENTS, MONTHS, PAST

SLICE = 20_000
"""Runs that are looked through at once, without keeping anybody waiting."""
RUNS, ROWS = 1_000, 2_500
"""Runs, and events, that one transaction deletes."""
AGAIN = DAY
"""When the next pass begins after one is over."""
T = TypeVar("T")
Found = tuple[list[Any], Place | None]
"""What can be deleted behind a place, and where it goes on; None at the end."""


@dataclass(frozen=True, slots=True)
class Pruned:
    """A batch of the duty. `deleted` is how many rows a whole pass has deleted, told when it is over.

    `horizon` is the instant before which it was, `problem` why nothing may be deleted.
    """

    kind: str
    horizon: Instant = 0
    deleted: int = 0
    problem: ConductorError | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """What a batch has deleted, and whether it was the last one of its pass."""

    deleted: Deleted
    is_last: bool = False


@dataclass(frozen=True, slots=True)
class _Sort:
    """How a kind of rows is found and deleted."""

    find: Callable[[sa.Connection, Instant, Kept, Place], Found]
    delete: Callable[[sa.Connection, list[Any], Instant], Deleted]


def prune_due(engine: sa.Engine, programs: Programs, rules: Rules, clock: Clock) -> Pruned | None:
    """Do the next batch of what the duty has to do; None where nothing is due."""
    now = clock.now()
    plan, problem = Plan({}, Kept()), None
    with reading(engine) as connection:
        row = due_duty(connection, now)
        try:
            if row is not None and row.kind != MONTHS:
                plan = plan_pruning(connection, programs, rules, now)
        except ConductorError as found:
            problem = found
    if row is None:
        return None
    is_last, kind = True, str(row.kind)
    if kind in plan.horizons:
        is_last = prune_batch(engine, kind, plan).is_last
    if not is_last:
        return Pruned(kind)
    if kind == MONTHS:
        _unless_in_use(engine, lambda connection: make_months(connection, now))
    with engine.begin() as connection:
        deleted = end_pass(connection, kind)
        put_off(connection, kind, now + AGAIN)
    return Pruned(kind, plan.horizons.get(kind, 0), deleted, problem)


def plan_duties(connection: sa.Connection, host: Host, rules: Rules, now: Instant) -> None:
    """Let the duty look after what is to be deleted by itself, and after the months of the history.

    Raises ConductorError where something is to be kept for less time than a published script looks back.
    """
    kinds = list(lengths_of(rules.keep))
    if kinds:
        plan_pruning(connection, load_programs(connection, host), rules, now)
    if connection.dialect.name == "postgresql":
        kinds.append(MONTHS)
        if not months(connection):  # a new database: nobody uses the history yet
            make_months(connection, now)
    look_after(connection, kinds, now)


def begin(engine: sa.Engine, kind: str, plan: Plan) -> None:
    """Begin a pass over a kind from the start."""
    with engine.begin() as connection:
        begin_pass(connection, kind, plan.horizons[kind])


def prune_batch(engine: sa.Engine, kind: str, plan: Plan) -> Batch:
    """Delete the next batch of a kind, from the place which the pass has come to.

    Where another node has gone on meanwhile, nothing is deleted.
    """
    horizon, sort = plan.horizons[kind], _SORTS[kind]
    with reading(engine) as connection:
        place = place_of(connection, kind)
    if place == Place():
        begin(engine, kind, plan)
        dropped = _drop_month(engine, horizon, plan.kept) if kind == PAST else None
        if dropped is not None:
            return Batch(dropped)
    with reading(engine) as connection:
        rows, after = sort.find(connection, horizon, plan.kept, place)
    with engine.begin() as connection:
        if take_duty(connection, kind, place) is None:
            return Batch(Deleted())
        deleted = sort.delete(connection, rows, horizon) if rows else Deleted()
        go_on(connection, kind, after or place, deleted)
    return Batch(deleted, after is None)


def count_prunable(engine: sa.Engine, plan: Plan) -> Deleted:
    """What a pass over every kind would delete; nothing is changed."""
    total = Deleted()
    with reading(engine) as connection:
        if PAST in plan.horizons:
            after: int | None = 0
            while after is not None:
                upto = next_slice(connection, after, SLICE)
                rows = find_past(connection, plan.horizons[PAST], plan.kept, after=after, upto=upto, limit=None)
                total, after = total + count_past(connection, rows, plan.horizons[PAST]), upto
        if EVENTS in plan.horizons:
            total += Deleted(events=count_events(connection, plan.horizons[EVENTS], plan.kept))
    return total


def _drop_month(engine: sa.Engine, horizon: Instant, kept: Kept) -> Deleted | None:
    """Drop a month as a whole; one that is in use for too long is deleted by rows instead."""

    def drop(connection: sa.Connection) -> Deleted | None:
        deleted = drop_month(connection, horizon, kept)
        if deleted is not None:
            go_on(connection, PAST, Place(), deleted)
        return deleted

    return _unless_in_use(engine, drop)


def _unless_in_use(engine: sa.Engine, change: Callable[[sa.Connection], T]) -> T | None:
    """What a change of the tables gives; None where they were in use for too long, and nothing has changed."""
    try:
        with engine.begin() as connection:
            return change(connection)
    except DatabaseError as problem:
        if "lock timeout" not in str(problem):
            raise
        return None


def _find_past(connection: sa.Connection, horizon: Instant, kept: Kept, place: Place) -> Found:
    upto = next_slice(connection, place.contact_id, SLICE)
    rows = find_past(connection, horizon, kept, after=place.contact_id, upto=upto, limit=RUNS)
    if len(rows) >= RUNS:
        return rows, place  # what was deleted is not found again
    return rows, None if upto is None else Place(contact_id=upto)


def _find_events(connection: sa.Connection, horizon: Instant, kept: Kept, place: Place) -> Found:
    rows = find_events(connection, horizon, kept, after=place, limit=ROWS)
    return rows, Place(rows[-1].at, rows[-1].contact_id) if len(rows) == ROWS else None


def _delete_events(connection: sa.Connection, rows: list[Any], _horizon: Instant) -> Deleted:
    return delete_events(connection, rows)


_SORTS: Mapping[str, _Sort] = MappingProxyType(
    {PAST: _Sort(_find_past, delete_past), EVENTS: _Sort(_find_events, _delete_events)}
)
