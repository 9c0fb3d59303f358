"""Recurring entries: every so often everybody for whom a condition holds enters, once for each occurrence.

What has been done is kept in the row of the thread, in the transaction that lets a batch in, so that a crash repeats
nothing and leaves nobody out. Of several occurrences that passed while no node was running only the latest counts.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from conductor_dsl.language.expressions import from_json
from conductor_dsl.language.flow import FlowThread
from conductor_dsl.program.condition_to_sql import condition_to_sql
from conductor_dsl.program.facts import SqlFacts
from conductor_dsl.runtime.audience import Looked
from conductor_dsl.runtime.enter import enter_crossing
from conductor_dsl.runtime.programs import Loaded, Programs
from conductor_dsl.shared.clock import Instant, to_datetime
from conductor_dsl.shared.duration import Duration
from conductor_dsl.shared.recurrence import Recurrence, first_day
from conductor_dsl.store.batches import candidate, crossing, empty, led_by
from conductor_dsl.store.incoming import lock_contacts
from conductor_dsl.store.insert_missing import insert_missing
from conductor_dsl.store.tables import contact, metadata, thread


def recur(
    connection: sa.Connection, programs: Programs, door: tuple[int, Loaded, FlowThread], now: Instant, limit: int
) -> Looked | None:
    """Let in the next batch of the occurrence in hand, or begin one that is due; None when there is nothing to do.

    `door` is the id of a recurring thread with its conversation. On PostgreSQL one node has a thread at a time.
    """
    thread_id, loaded, entered = door
    recurrence = thread_to_recurrence(loaded, entered)
    row = connection.execute(
        sa.select(thread).where(thread.c.id == thread_id).with_for_update(skip_locked=True)
    ).first()
    if row is None:
        return None
    reached = _reached(row, loaded.since[entered.name], recurrence, now)
    if reached is None:
        _note(connection, thread_id, next_check_at=recurrence.next_after(now))
        return None
    occurred_at, last = reached
    highest, count = _take_batch(connection, programs, (loaded, entered), (last, limit), now)
    done = {"next_check_at": recurrence.next_after(occurred_at)} if highest is None else {}
    _note(connection, thread_id, occurred_at=occurred_at, reached_id=highest, **done)
    return Looked(loaded.flow.name, entered.name, count)


def thread_to_recurrence(loaded: Loaded, entered: FlowThread) -> Recurrence:
    """When a thread occurs, by the clock of its conversation; counted from its publication unless it says otherwise."""
    assert entered.trigger is not None
    arguments, zone = entered.trigger.arguments, loaded.flow.settings.zone
    published = to_datetime(loaded.since[entered.name]).astimezone(ZoneInfo(zone)).date()
    starting = date.fromisoformat(arguments["starting"]) if arguments["starting"] else published
    first = first_day(starting, arguments["weekday"])
    return Recurrence(Duration.parse(arguments["every"]), first, arguments["at"], zone)


def _reached(row: Any, since: Instant, recurrence: Recurrence, now: Instant) -> tuple[Instant, int] | None:
    """The occurrence in hand, and the last contact it has come to; None when none is due.

    One that was begun before the thread had this trigger is not gone on with.
    """
    done = max(since, row.occurred_at or since)
    if row.reached_id is not None and row.occurred_at > since:
        return row.occurred_at, row.reached_id
    latest = recurrence.latest_at(now)
    return None if latest is None or latest <= done else (latest, 0)


def _take_batch(
    connection: sa.Connection,
    programs: Programs,
    door: tuple[Loaded, FlowThread],
    batch: tuple[int, int],
    now: Instant,
) -> tuple[int | None, int]:
    """Let in those of the next contacts for whom the condition holds: the last one looked at, and how many entered."""
    (loaded, entered), (last, limit) = door, batch
    empty(connection, candidate, crossing)
    following = sa.select(contact.c.id).where(contact.c.id > last).order_by(contact.c.id).limit(limit)
    connection.execute(sa.insert(candidate).from_select(["contact_id"], following))
    lock_contacts(connection, contact.c.id.in_(sa.select(candidate.c.contact_id)))
    people = sa.select(contact.c.id).join(candidate, contact.c.id == led_by(candidate.c.contact_id))
    assert entered.trigger is not None
    condition = entered.trigger.arguments["condition"]
    if condition is not None:
        facts = SqlFacts(metadata.tables, now, programs.host.predicates, loaded.asking)
        people = people.where(condition_to_sql(from_json(condition), facts))
    insert_missing(connection, crossing, {"contact_id": contact.c.id}, people)
    count = enter_crossing(connection, loaded, entered, now)
    return connection.scalar(sa.select(sa.func.max(candidate.c.contact_id))), count


def _note(connection: sa.Connection, thread_id: int, **values: Any) -> None:
    connection.execute(sa.update(thread).where(thread.c.id == thread_id).values(**values))
