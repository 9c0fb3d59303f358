"""Agenda: what a node has to do next, read before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from conductor_dsl.plugin.contracts import TriggerSource
from conductor_dsl.program.states import Lane
from conductor_dsl.runtime.calendar_doors import next_date
from conductor_dsl.runtime.chances import next_chance
from conductor_dsl.runtime.programs import Programs
from conductor_dsl.shared.clock import HOUR, Instant
from conductor_dsl.store.happenings import NEXT_HAPPENING
from conductor_dsl.store.inbox import NEXT_NOTE
from conductor_dsl.store.intents import NEXT_READY, NEXT_STALE
from conductor_dsl.store.notices import NEXT_NOTICE
from conductor_dsl.store.product_changes import NEXT_CHANGE
from conductor_dsl.store.retention import NEXT_DUTY
from conductor_dsl.store.runs import steps_in_use
from conductor_dsl.store.versions import thread_rows

_NEXT = sa.select(NEXT_STALE, NEXT_NOTE, NEXT_HAPPENING, NEXT_CHANGE, NEXT_NOTICE, NEXT_DUTY, *NEXT_READY)
"""Asked at once and before every batch, so the way there and back counts more than what the database does."""
LATE = HOUR
"""A run that has been due for so long was kept waiting by an engine that stood still."""


@dataclass(frozen=True, slots=True)
class Agenda:
    """When each kind of work is due next; None for a kind of which there is none.

    `ready` are messages, by lane; `runs` are (instant, version, step), those that have waited longest first.
    """

    stale_at: Instant | None
    ready: Mapping[Lane, Instant]
    noted_at: Instant | None
    happening_at: Instant | None
    runs: tuple[tuple[Instant, int, int], ...]
    look_at: Instant | None
    date_at: Instant | None
    change_at: Instant | None
    chance_at: Instant | None
    notice_at: Instant | None
    duty_at: Instant | None

    @property
    def earliest(self) -> Instant | None:
        """When anything at all is due next."""
        return min(self._instants(), default=None)

    def is_late(self, now: Instant) -> bool:
        """Whether runs are waiting that should have been moved long ago."""
        return any(at <= now - LATE for at, _, _ in self.runs[:1])

    def due_runs(
        self, now: Instant, programs: Programs, lane: Lane, served: Callable[[int], int]
    ) -> list[tuple[int, int]]:
        """(version, step) of the runs of a lane that are due, in the order in which they have their turn.

        By priority; of one priority the conversation that was served (an ordinal, by its id) the longest ago; within it
        those who have waited longest.
        """

        def place(due: tuple[int, int]) -> tuple[int, int]:
            loaded = programs.by_version[due[0]]
            return loaded.rank[1], served(loaded.conversation_id)

        due = [(version, step) for at, version, step in self.runs if at <= now]
        return sorted((each for each in due if programs.by_version[each[0]].lane is lane), key=place)

    def _instants(self) -> Iterator[Instant]:
        urgent = (self.stale_at, *self.ready.values(), self.noted_at, self.happening_at)
        newcomers = (self.look_at, self.date_at, self.change_at, self.chance_at)
        yield from (at for at in (*urgent, *newcomers, self.notice_at, self.duty_at) if at is not None)
        yield from (at for at, _, _ in self.runs[:1])


def read_agenda(connection: sa.Connection, programs: Programs, without: Collection[tuple[int, int]] = ()) -> Agenda:
    """What is due, and when; without what stands still because a plugin is gone, and the steps `without`."""
    waiting = [
        (at, version, step)
        for version, step, at in steps_in_use(connection)
        if version in programs.by_version and (version, step) not in without
    ]
    stale_at, noted_at, happening_at, change_at, notice_at, duty_at, *ready = connection.execute(_NEXT).one()
    return Agenda(
        stale_at=stale_at,
        ready={lane: at for lane, at in zip(Lane, ready, strict=True) if at is not None},
        noted_at=noted_at,
        happening_at=happening_at,
        runs=tuple(sorted(waiting)),
        look_at=_next_look(connection, programs),
        date_at=next_date(connection, programs),
        change_at=change_at,
        chance_at=next_chance(connection, programs),
        notice_at=notice_at,
        duty_at=duty_at,
    )


def _next_look(connection: sa.Connection, programs: Programs) -> Instant | None:
    known = {(loaded.conversation_id, thread.name) for loaded, thread in programs.live_threads(TriggerSource.AUDIENCE)}
    rows = thread_rows(connection) if known else []
    return min((row.next_check_at for row in rows if (row.conversation_id, row.name) in known), default=None)


def is_due(at: Instant | None, now: Instant) -> bool:
    """Whether an instant has come."""
    return at is not None and at <= now
