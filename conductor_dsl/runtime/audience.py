"""Audience: a standing condition is looked at every so often, and whoever has crossed into it enters.

Who was inside at the last look is kept in a table. The first look goes through all contacts; a later one only through
those who have changed since, or who have come to an age that the condition asks for (`no_order_within 60d`), so it
costs by the number who cross. Each batch is a transaction; a look may be repeated after a crash, for whoever has been
let in is inside already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from conductor_dsl.language.expressions import Expression, from_json
from conductor_dsl.language.flow import FlowThread
from conductor_dsl.plugin.contracts import TriggerSource
from conductor_dsl.program.condition_to_crossings import condition_to_crossings
from conductor_dsl.program.condition_to_sql import condition_to_sql
from conductor_dsl.program.facts import SqlFacts
from conductor_dsl.runtime.enter import enter_crossing
from conductor_dsl.runtime.programs import Loaded, Programs
from conductor_dsl.shared.clock import MINUTE, Clock, Instant
from conductor_dsl.shared.duration import Duration
from conductor_dsl.shared.errors import ConductorError, ConversationError
from conductor_dsl.shared.wall_clock import next_wall_clock
from conductor_dsl.store.batches import candidate, crossing, empty, led_by
from conductor_dsl.store.connect import reading
from conductor_dsl.store.incoming import lock_contacts
from conductor_dsl.store.tables import audience, contact, metadata
from conductor_dsl.store.versions import set_looked, thread_rows

SLACK = 10 * MINUTE
"""A change is stamped before it is committed; looking back this much further finds those that were committed late."""


@dataclass(frozen=True, slots=True)
class Looked:
    """A thread whose contacts have been looked at, and how many entered."""

    conversation: str
    thread: str
    count: int


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the audience of a thread: as of `now`, after the one at `before` (None: there was none)."""

    programs: Programs
    loaded: Loaded
    thread: FlowThread
    thread_id: int
    now: Instant
    before: Instant | None

    @property
    def condition(self) -> Expression:
        """Who is inside."""
        assert self.thread.trigger is not None
        return from_json(self.thread.trigger.arguments["condition"])

    def facts(self, at: Instant) -> SqlFacts:
        """What the condition may read, as of an instant."""
        return SqlFacts(metadata.tables, at, self.programs.host.predicates, self.loaded.asking)


def look_due(
    engine: sa.Engine, programs: Programs, clock: Clock, limit: int, *, stopping: Callable[[], bool] = lambda: False
) -> Looked | None:
    """Look at one audience that is due, of the conversations that go first; None when none is due.

    When `stopping`, a look is broken off between two batches, and is due again.
    """
    now = clock.now()
    with reading(engine) as connection:
        rows = thread_rows(connection, now)
    found = [(row, door) for row in rows if (door := _thread_of(programs, row.conversation_id, row.name))]
    if not found:
        return None
    row, door = min(found, key=lambda each: each[1][0].rank)
    look = Look(programs, *door, row.id, now, row.looked_at)
    try:
        entered = sum(_look_in_batches(engine, look, limit, stopping))
    except ConductorError:
        raise
    except Exception as failure:
        raise ConversationError(look.loaded.flow.name, failure) from failure
    if stopping():
        return None
    with engine.begin() as connection:
        set_looked(connection, row.id, now, next_look(look.thread, look.loaded, now))
    return Looked(look.loaded.flow.name, look.thread.name, entered)


def _thread_of(programs: Programs, conversation_id: int, name: str) -> tuple[Loaded, FlowThread] | None:
    for loaded, thread in programs.live_threads(TriggerSource.AUDIENCE):
        if loaded.conversation_id == conversation_id and thread.name == name:
            return loaded, thread
    return None


def _look_in_batches(engine: sa.Engine, look: Look, limit: int, stopping: Callable[[], bool]) -> Iterator[int]:
    """Go through the candidates in the order of their ids, one transaction for each batch."""
    last: int | None = 0
    while last is not None and not stopping():
        with engine.begin() as connection:
            last = _take_candidates(connection, look, last, limit)
            yield _look_at_candidates(connection, look)


def _take_candidates(connection: sa.Connection, look: Look, last: int, limit: int) -> int | None:
    """Fill `candidate` with the next contacts that may have crossed; returns the last one, None when there are none."""
    empty(connection, candidate)
    found = may_have_crossed(look)
    following = sa.select(found.c.id).where(found.c.id > last).order_by(found.c.id).limit(limit)
    connection.execute(sa.insert(candidate).from_select(["contact_id"], following))
    highest: int | None = connection.scalar(sa.select(sa.func.max(candidate.c.contact_id)))
    return highest


def may_have_crossed(look: Look) -> sa.FromClause:
    """Everybody at the first look; later whoever has changed, or has come to an age that the condition asks for."""
    if look.before is None:
        return contact
    crossed = condition_to_crossings(look.condition, look.facts(look.before), look.facts(look.now))
    if crossed is None:
        return contact
    # One select for each range, so that each goes through an index of its own.
    ranges = [contact.c.updated_at > look.before - SLACK, *crossed]
    return sa.union(*(sa.select(contact.c.id).where(each) for each in ranges)).subquery()


def _look_at_candidates(connection: sa.Connection, look: Look) -> int:
    """Let in the candidates who have crossed, forget those who have left; returns how many entered."""
    lock_contacts(connection, contact.c.id.in_(sa.select(candidate.c.contact_id)))
    inside = condition_to_sql(look.condition, look.facts(look.now))
    _forget_who_left(connection, look, inside)
    people = sa.select(contact.c.id).join(candidate, contact.c.id == led_by(candidate.c.contact_id))
    empty(connection, crossing)
    crossed = people.where(inside, _known(look, contact.c.id).is_(None))
    connection.execute(sa.insert(crossing).from_select(["contact_id"], crossed))
    members = sa.select(crossing.c.contact_id, sa.literal(look.thread_id, sa.BigInteger))
    connection.execute(sa.insert(audience).from_select(["contact_id", "thread_id"], members))
    return enter_crossing(connection, look.loaded, look.thread, look.now)


def _forget_who_left(connection: sa.Connection, look: Look, inside: sa.ColumnElement[bool]) -> None:
    """Forget the candidates who are inside no more; at the first look hardly anybody is known, and nobody is read."""
    outside = sa.select(contact.c.id).where(contact.c.id == candidate.c.contact_id, ~inside).scalar_subquery()
    left = sa.select(candidate.c.contact_id).where(_known(look, candidate.c.contact_id).is_not(None))
    # Not those who cross into it, for once.
    empty(connection, crossing)
    found = connection.execute(sa.insert(crossing).from_select(["contact_id"], left.where(outside.is_not(None))))
    if found.rowcount:
        gone = audience.c.contact_id.in_(sa.select(led_by(crossing.c.contact_id)))
        connection.execute(sa.delete(audience).where(audience.c.thread_id == look.thread_id, gone))


def _known(look: Look, contact_id: sa.ColumnElement[int]) -> sa.ScalarSelect[int]:
    """The thread if its last look has found the contact inside, else NULL.

    Not EXISTS: PostgreSQL would go through all who are inside, if it takes them for few.
    """
    own = sa.select(audience.c.thread_id)
    return own.where(audience.c.contact_id == contact_id, audience.c.thread_id == look.thread_id).scalar_subquery()


def next_look(thread: FlowThread, loaded: Loaded, now: Instant) -> Instant:
    """When to look again: after `every`, at the time of day `at` if one is given, in the conversation's zone."""
    assert thread.trigger is not None
    zone = loaded.flow.settings.zone
    later = Duration.parse(thread.trigger.arguments["every"]).after(now, zone)
    at = thread.trigger.arguments.get("at")
    return later if at is None else next_wall_clock(Duration.parse("1d").before(later, zone), at, zone)
