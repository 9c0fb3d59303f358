"""Node: one process that does whatever is due, in batches, until nothing is."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from conductor_dsl.plugin.contracts import ChannelProvider
from conductor_dsl.runtime.advance import Advanced, advance
from conductor_dsl.runtime.agenda import Agenda, is_due, read_agenda
from conductor_dsl.runtime.audience import Looked, look_due
from conductor_dsl.runtime.digest import Told, tell_due
from conductor_dsl.runtime.dispatch import Dispatched, Dispatcher, dispatch_ready
from conductor_dsl.runtime.operate.frame import Frame
from conductor_dsl.runtime.programs import Loaded, Programs, Shelf
from conductor_dsl.runtime.rescue import rescue_stale
from conductor_dsl.shared.clock import SECOND, Clock, Instant
from conductor_dsl.shared.errors import PluginError
from conductor_dsl.shared.ids import node_id
from conductor_dsl.store.connect import reading

BATCH = 10_000
Done = Looked | Advanced | Dispatched | Told | PluginError


def _no_crash(_point: str) -> None:
    """Nothing happens at the named points outside tests."""


@dataclass(frozen=True, slots=True)
class Node:
    """A worker over one database.

    `batch` is how many contacts are moved at once; `announce` hears of every batch that was done, and of conversations
    that stand still because a plugin is gone; `reached` hears the names of points where a crash would be interesting.
    """

    engine: sa.Engine
    shelf: Shelf
    providers: Mapping[str, ChannelProvider]
    clock: Clock
    batch: int = BATCH
    announce: Callable[[Done], None] = field(default=lambda _done: None)
    reached: Callable[[str], None] = field(default=_no_crash)
    id: str = field(default_factory=node_id)
    stopping: threading.Event = field(default_factory=threading.Event)

    def run_due(self) -> Instant | None:
        """Do everything that is due; returns when to look again, or None when nothing is waiting.

        After `stopping` is set no new batch is begun.
        """
        with reading(self.engine) as connection:
            programs = self.shelf.programs(connection)
        for problem in programs.problems:
            self.announce(problem)
        while not self.stopping.is_set():
            with reading(self.engine) as connection:
                agenda = read_agenda(connection, programs)
            done = self._turn(programs, agenda)
            if done is None:
                # What is due and yet was not done is in another node's hands: look again, but not at once.
                return agenda.earliest and max(agenda.earliest, self.clock.now() + SECOND)
            self.announce(done)
        return None

    def _turn(self, programs: Programs, agenda: Agenda) -> Done | None:
        """One batch of whatever is most urgent: what has been promised to providers first, newcomers last."""
        now = self.clock.now()
        return (
            (is_due(agenda.stale_at, now) and rescue_stale(self._dispatcher(), programs, self.batch))
            or (is_due(agenda.ready_at, now) and dispatch_ready(self._dispatcher(), programs, self.batch))
            or self._advance(programs, agenda, now)
            or (is_due(agenda.look_at, now) and self._look(programs))
            or (is_due(agenda.notice_at, now) and self._tell(programs))
            or None
        )

    def _advance(self, programs: Programs, agenda: Agenda, now: Instant) -> Advanced | None:
        for at, version, step in agenda.runs:
            advanced = self._advance_step(programs.by_version[version], programs, step, now) if at <= now else None
            if advanced is not None:
                return advanced
        return None

    def _advance_step(self, loaded: Loaded, programs: Programs, step: int, now: Instant) -> Advanced | None:
        with self.engine.begin() as connection:
            advanced = advance(Frame(connection, programs, loaded, now), step, self.batch)
            self.reached("advance.before_commit")
        self.reached("advance.committed")
        return advanced

    def _look(self, programs: Programs) -> Looked | None:
        return look_due(self.engine, programs, self.clock, self.batch, stopping=self.stopping.is_set)

    def _tell(self, programs: Programs) -> Told | None:
        return tell_due(self.engine, programs, self.providers.get("email"), self.clock)

    def _dispatcher(self) -> Dispatcher:
        return Dispatcher(self.engine, self.id, self.providers, self.clock, self.reached)

    def close(self) -> None:
        """Let go of the providers and the database."""
        for provider in set(self.providers.values()):
            provider.close()
        self.engine.dispose()
