"""The threads that the calendar lets contacts into: what is due there, and the batch in hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa

from conductor_dsl.language.flow import FlowThread
from conductor_dsl.plugin.contracts import TriggerSource
from conductor_dsl.runtime.anniversaries import Door, celebrate, due_at
from conductor_dsl.runtime.audience import Looked
from conductor_dsl.runtime.programs import Loaded, Programs
from conductor_dsl.runtime.recurring import recur
from conductor_dsl.shared.clock import Clock, Instant
from conductor_dsl.store.connect import reading
from conductor_dsl.store.tables import thread

Recurring = tuple[int, Loaded, FlowThread]


def next_date(connection: sa.Connection, programs: Programs) -> Instant | None:
    """When the calendar next lets anybody in, or has to be asked; None where no thread waits for it."""
    moments = [at for at, _ in _recurring(connection, programs)]
    moments += [due_at(connection, door) for door in _anniversaries(connection, programs)]
    return min((at for at in moments if at is not None), default=None)


def meet_dates(
    engine: sa.Engine, programs: Programs, clock: Clock, limit: int, *, stopping: Callable[[], bool] = lambda: False
) -> Looked | None:
    """Do the batch that is due; None when there is none."""
    with reading(engine) as connection:
        now = clock.now()
        recurring = [door for at, door in _recurring(connection, programs) if at is not None and at <= now]
        doors = [(door, due_at(connection, door)) for door in _anniversaries(connection, programs)]
    for door in recurring:
        with engine.begin() as connection:
            recurred = recur(connection, programs, door, clock.now(), limit)
        if recurred is not None:
            return recurred
    for each, at in doors:
        celebrated = celebrate(engine, each, clock, limit, stopping) if at is not None and at <= now else None
        if celebrated is not None:
            return celebrated
    return None


def _recurring(connection: sa.Connection, programs: Programs) -> Iterator[tuple[Instant | None, Recurring]]:
    for row, loaded, each in _rows(connection, programs, TriggerSource.RECURRING):
        yield row.next_check_at, (row.id, loaded, each)


def _anniversaries(connection: sa.Connection, programs: Programs) -> Iterator[Door]:
    for row, loaded, each in _rows(connection, programs, TriggerSource.ANNIVERSARY):
        yield Door(programs, loaded, each, row.id, row.looked_at)


def _rows(
    connection: sa.Connection, programs: Programs, source: TriggerSource
) -> Iterator[tuple[Any, Loaded, FlowThread]]:
    """The rows of the live threads of a source."""
    doors = {(loaded.conversation_id, each.name): (loaded, each) for loaded, each in programs.live_threads(source)}
    if doors:
        chosen = sa.select(
            thread.c.id, thread.c.conversation_id, thread.c.name, thread.c.looked_at, thread.c.next_check_at
        )
        for row in connection.execute(chosen.order_by(thread.c.id)).all():
            if (row.conversation_id, row.name) in doors:
                yield (row, *doors[row.conversation_id, row.name])
