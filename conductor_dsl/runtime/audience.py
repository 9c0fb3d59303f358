"""Audience: a standing condition is looked at every so often, and whoever has crossed into it enters.

Who was inside at the last look is kept in a table. A look goes through the contacts by ranges of ids, one transaction
each, and may be repeated after a crash: who has been let in is inside already.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from conductor_dsl.language.expressions import from_json
from conductor_dsl.language.flow import FlowThread
from conductor_dsl.plugin.contracts import TriggerSource
from conductor_dsl.program.condition_to_sql import condition_to_sql
from conductor_dsl.program.facts import SqlFacts
from conductor_dsl.runtime.enter import enter_crossing
from conductor_dsl.runtime.programs import Loaded, Programs
from conductor_dsl.shared.clock import Clock, Instant
from conductor_dsl.shared.duration import Duration
from conductor_dsl.shared.wall_clock import next_wall_clock
from conductor_dsl.store.batches import crossing, empty
from conductor_dsl.store.insert_missing import insert_missing
from conductor_dsl.store.tables import audience, contact, membership, orders
from conductor_dsl.store.versions import set_next_check, thread_rows


@dataclass(frozen=True, slots=True)
class Looked:
    """A standing audience that has been looked at, and how many entered."""

    conversation: str
    thread: str
    count: int


def look_due(engine: sa.Engine, programs: Programs, clock: Clock, limit: int) -> Looked | None:
    """Look at the audience that is due first; None when none is due."""
    now = clock.now()
    with engine.begin() as connection:
        rows = thread_rows(connection, now)
        last = connection.scalar(sa.select(sa.func.max(contact.c.id))) or 0
    for row in rows:
        found = _thread_of(programs, row.conversation_id, row.name)
        if found is None:
            continue
        loaded, thread = found
        entered = _look(engine, programs, (loaded, thread, row.id), now=now, spans=range(0, last + 1, limit))
        with engine.begin() as connection:
            set_next_check(connection, row.id, next_look(thread, loaded, now))
        return Looked(loaded.flow.name, thread.name, entered)
    return None


def _thread_of(programs: Programs, conversation_id: int, name: str) -> tuple[Loaded, FlowThread] | None:
    for loaded, thread in programs.live_threads(TriggerSource.AUDIENCE):
        if loaded.conversation_id == conversation_id and thread.name == name:
            return loaded, thread
    return None


def _look(
    engine: sa.Engine, programs: Programs, door: tuple[Loaded, FlowThread, int], *, now: Instant, spans: range
) -> int:
    entered = 0
    for start in spans:
        with engine.begin() as connection:
            entered += _look_at_span(connection, programs, door, now=now, span=(start, start + spans.step))
    return entered


def _look_at_span(
    connection: sa.Connection,
    programs: Programs,
    door: tuple[Loaded, FlowThread, int],
    *,
    now: Instant,
    span: tuple[int, int],
) -> int:
    """Let in who has crossed, among the contacts with `span[0] <= id < span[1]`."""
    loaded, thread, thread_id = door
    inside = sa.and_(_condition(programs, thread, now), contact.c.id >= span[0], contact.c.id < span[1])
    known = sa.exists().where(audience.c.contact_id == contact.c.id, audience.c.thread_id == thread_id)
    empty(connection, crossing)
    insert_missing(connection, crossing, {"contact_id": contact.c.id}, sa.select(contact).where(inside, ~known))
    left = sa.delete(audience).where(audience.c.thread_id == thread_id)
    left = left.where(audience.c.contact_id >= span[0], audience.c.contact_id < span[1])
    connection.execute(left.where(audience.c.contact_id.not_in(sa.select(contact.c.id).where(inside))))
    members = {"contact_id": crossing.c.contact_id, "thread_id": sa.literal(thread_id, sa.BigInteger)}
    insert_missing(connection, audience, members, sa.select(crossing))
    return enter_crossing(connection, loaded, thread, now)


def _condition(programs: Programs, thread: FlowThread, now: Instant) -> sa.ColumnElement[bool]:
    assert thread.trigger is not None
    facts = SqlFacts(contact, orders, membership, now)
    predicates = {name: each.sql for name, each in programs.host.predicates.items()}
    return condition_to_sql(from_json(thread.trigger.arguments["condition"]), facts, predicates)


def next_look(thread: FlowThread, loaded: Loaded, now: Instant) -> Instant:
    """When to look again: after `every`, at the time of day `at` if one is given, in the conversation's zone."""
    assert thread.trigger is not None
    zone = loaded.flow.settings.zone
    later = Duration.parse(thread.trigger.arguments["every"]).after(now, zone)
    at = thread.trigger.arguments.get("at")
    return later if at is None else next_wall_clock(Duration.parse("1d").before(later, zone), at, zone)
