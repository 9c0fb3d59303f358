"""Anniversaries: each year on the day in a field, or some time before it, its contact enters.

When that is, is kept for each contact in `entry_mark`: the year whose anniversary comes next, and the instant, by the
contact's own clock. It is reckoned anew for whoever changes, once for each day and zone of a batch. So the days cost by
those whose day it is and by those who change, never by those who exist; the price is a row for each contact and thread.

A year is never met twice, whatever becomes of the day or the zone. The day counts until it is over: whoever is imported
on it enters, whoever comes later waits for the next year.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from conductor_dsl.language.bind_types import value_type
from conductor_dsl.language.expressions import Day as DayOf
from conductor_dsl.language.expressions import Expression, ValueType, from_json
from conductor_dsl.language.flow import FlowThread
from conductor_dsl.program.condition_to_sql import value_to_sql
from conductor_dsl.program.facts import SqlFacts
from conductor_dsl.runtime.audience import SLACK, Looked
from conductor_dsl.runtime.enter import enter_crossing
from conductor_dsl.runtime.programs import Loaded, Programs
from conductor_dsl.shared.clock import DAY, MINUTE, Clock, Instant, to_datetime
from conductor_dsl.shared.duration import Duration
from conductor_dsl.shared.recurrence import Anniversary
from conductor_dsl.store import anniversaries as store
from conductor_dsl.store.connect import reading
from conductor_dsl.store.tables import contact, metadata
from conductor_dsl.store.versions import set_looked

LATEST = 7 * DAY
"""How long after its moment an anniversary is still met, where no node was running then."""
PAUSE = MINUTE
"""How long contacts may change before they are looked at again."""


@dataclass(frozen=True, slots=True)
class Door:
    """A thread that is entered by anniversaries; `looked_at` is when its contacts were looked at last, if ever."""

    programs: Programs
    loaded: Loaded
    thread: FlowThread
    thread_id: int
    looked_at: Instant | None

    @property
    def anniversary(self) -> Anniversary:
        """When it lets in."""
        assert self.thread.trigger is not None
        arguments = self.thread.trigger.arguments
        return Anniversary(Duration.parse(arguments["before"]), arguments["at"], arguments["leap"])

    def day(self, now: Instant) -> tuple[sa.ColumnElement[str], sa.ColumnElement[str]]:
        """The date that comes again, as YYYY-MM-DD, and the zone of its contact; expressions over `contact`."""
        assert self.thread.trigger is not None
        value: Expression = from_json(self.thread.trigger.arguments["date"])
        facts = SqlFacts(metadata.tables, now, self.programs.host.predicates, self.loaded.asking)
        dated = value if value_type(value) is ValueType.DATE else DayOf(value)
        return value_to_sql(dated, facts), facts.zone


def due_at(connection: sa.Connection, door: Door) -> Instant | None:
    """When something is to be done: at the next anniversary, or when somebody has changed."""
    moments = (_changed_at(connection, door), store.next_mark(connection, door.thread_id))
    return min((at for at in moments if at is not None), default=None)


def _changed_at(connection: sa.Connection, door: Door) -> Instant | None:
    """When to look at those who have changed, or at everybody for the first time; None when nobody has."""
    if door.looked_at is None:
        return 0
    latest: Instant | None = connection.scalar(sa.select(sa.func.max(contact.c.updated_at)))
    return None if latest is None or latest < door.looked_at else max(latest, door.looked_at + PAUSE)


def celebrate(engine: sa.Engine, door: Door, clock: Clock, limit: int, stopping: Callable[[], bool]) -> Looked | None:
    """Look at those who have changed, then let in whose anniversary has come; None when there is nobody.

    Each batch is a transaction. A look that is broken off is due again, and repeats nothing.
    """
    with reading(engine) as connection:
        changed_at = _changed_at(connection, door)
    counts: list[int] = []
    if changed_at is not None and changed_at <= clock.now():
        counts += _look_at_changed(engine, door, clock, limit, stopping)
    counts += _look_at_due(engine, door, clock, limit, stopping)
    return Looked(door.loaded.flow.name, door.thread.name, sum(counts)) if counts else None


def _look_at_changed(
    engine: sa.Engine, door: Door, clock: Clock, limit: int, stopping: Callable[[], bool]
) -> Iterator[int]:
    """Go through those who have changed, at first through everybody, in the order of their ids; how many entered."""
    began_at, last = clock.now(), 0
    since = 0 if door.looked_at is None else door.looked_at - SLACK
    while not stopping():
        with engine.begin() as connection:
            highest = store.take_changed(connection, since, last, limit)
            if highest is None:
                set_looked(connection, door.thread_id, began_at, None)
                return
            yield _look(connection, door, clock.now())
            last = highest


def _look_at_due(
    engine: sa.Engine, door: Door, clock: Clock, limit: int, stopping: Callable[[], bool]
) -> Iterator[int]:
    """Go through those whose moment has come; how many entered."""
    while not stopping():
        with engine.begin() as connection:
            if not store.take_due(connection, door.thread_id, clock.now(), limit):
                return
            yield _look(connection, door, clock.now())


def _look(connection: sa.Connection, door: Door, now: Instant) -> int:
    """Let in those of `candidate` whose anniversary has come, and keep when the next one comes; how many entered."""
    date, zone = door.day(now)
    store.date_candidates(connection, door.thread_id, date, zone, to_datetime(now).year - 1)
    occasions = [_occasion(door.anniversary, *key, now) for key in store.occasions_wanted(connection)]
    store.put_occasions(connection, occasions)
    store.cross_due(connection, door.thread_id, now, now - LATEST)
    store.put_marks(connection, door.thread_id, now)
    return enter_crossing(connection, door.loaded, door.thread, now)


def _occasion(anniversary: Anniversary, zone: str, day: str, year: int, now: Instant) -> tuple[object, ...]:
    first, second = (anniversary.occurs_at(day, each, zone) for each in (year, year + 1))
    return (zone, day, year, first, second, *anniversary.next_from(day, year, zone, now))
