"""Node: one process that does whatever is due, in batches, until nothing is."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from conductor_dsl.plugin.contracts import ChannelProvider
from conductor_dsl.runtime.advance import Advanced, advance_due
from conductor_dsl.runtime.audience import Looked, look_due
from conductor_dsl.runtime.digest import Told, tell_due
from conductor_dsl.runtime.dispatch import Dispatched, Dispatcher, dispatch_ready
from conductor_dsl.runtime.programs import Programs, Shelf
from conductor_dsl.runtime.rescue import rescue_stale
from conductor_dsl.shared.clock import Clock, Instant
from conductor_dsl.shared.ids import node_id
from conductor_dsl.store.intents import next_due
from conductor_dsl.store.notices import next_notice
from conductor_dsl.store.runs import steps_in_use
from conductor_dsl.store.versions import thread_rows

BATCH = 10_000
Done = Looked | Advanced | Dispatched | Told


def _no_crash(_point: str) -> None:
    """Nothing happens at the named points outside tests."""


@dataclass(frozen=True, slots=True)
class Node:
    """A worker over one database.

    `batch` is how many contacts are moved at once; `announce` hears of every batch that was done; `reached` hears the
    names of the points where a crash would be interesting.
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
        with self.engine.connect() as connection:
            programs = self.shelf.programs(connection)
        while not self.stopping.is_set():
            done = self._turn(programs)
            if done is None:
                return self._next_instant(programs)
            self.announce(done)
        return None

    def _turn(self, programs: Programs) -> Done | None:
        """One batch of whatever is most urgent: what has been promised to providers first, newcomers last."""
        return (
            rescue_stale(self._dispatcher(), programs, self.batch)
            or dispatch_ready(self._dispatcher(), programs, self.batch)
            or self._advance(programs)
            or look_due(self.engine, programs, self.clock, self.batch)
            or tell_due(self.engine, programs, self.providers.get("email"), self.clock)
        )

    def _advance(self, programs: Programs) -> Advanced | None:
        with self.engine.begin() as connection:
            advanced = advance_due(connection, programs, self.clock.now(), self.batch)
            self.reached("advance.before_commit")
        self.reached("advance.committed")
        return advanced

    def _dispatcher(self) -> Dispatcher:
        return Dispatcher(self.engine, self.id, self.providers, self.clock, self.reached)

    def _next_instant(self, programs: Programs) -> Instant | None:
        with self.engine.connect() as connection:
            runs = [at for version, _, at in steps_in_use(connection) if version in programs.by_version]
            looks = [row.next_check_at for row in thread_rows(connection)]
            others = [next_due(connection), next_notice(connection)]
        return min([*runs, *looks, *(at for at in others if at is not None)], default=None)

    def close(self) -> None:
        """Let go of the providers and the database."""
        for provider in set(self.providers.values()):
            provider.close()
        self.engine.dispose()
