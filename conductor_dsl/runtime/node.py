"""Node: one process that does whatever is due, in batches, until nothing is."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial

import sqlalchemy as sa

from conductor_dsl.plugin.channels import ChannelProvider
from conductor_dsl.program.operations import Call
from conductor_dsl.program.states import IntentState, Lane
from conductor_dsl.runtime.advance import Advanced, advance
from conductor_dsl.runtime.agenda import Agenda, is_due, read_agenda
from conductor_dsl.runtime.alerts import Alerted, alert_due
from conductor_dsl.runtime.aside import Aside
from conductor_dsl.runtime.audience import Looked, look_due
from conductor_dsl.runtime.calendar_doors import meet_dates
from conductor_dsl.runtime.call_out import Given, conclude, hand_over, take_back
from conductor_dsl.runtime.chances import Met, Surveyed, meet_due
from conductor_dsl.runtime.clock_minder import ClockMinder, NoMinder
from conductor_dsl.runtime.digest import Told, tell_due
from conductor_dsl.runtime.dispatch import Dispatched, Dispatcher, Manners, Settle, deliver, dispatch_ready, lease_from
from conductor_dsl.runtime.done import Done
from conductor_dsl.runtime.errands import Errands
from conductor_dsl.runtime.happenings import Happened, settle_happenings
from conductor_dsl.runtime.inbox import Noted, settle_inbox
from conductor_dsl.runtime.operate.frame import Frame
from conductor_dsl.runtime.programs import Loaded, Programs, Shelf
from conductor_dsl.runtime.prune import Pruned, prune_due
from conductor_dsl.runtime.rescue import rescue_stale
from conductor_dsl.runtime.settling import Sent, Settling
from conductor_dsl.runtime.turns import TURN, Queue, Turns
from conductor_dsl.shared.clock import MINUTE, SECOND, Clock, Instant
from conductor_dsl.shared.collecting_later import collecting_later
from conductor_dsl.shared.errors import ConversationError, DatabaseError, PluginError, in_a_line
from conductor_dsl.shared.ids import node_id
from conductor_dsl.shared.rules import NO_RULES, Rules
from conductor_dsl.store.connect import reading
from conductor_dsl.store.intents import Lease, claimed_under, give_up

BATCH = 10_000
BREATH, LAST_WAIT = 0.05, 5.0
"""Seconds that a node which has nothing else to do waits for a function before it looks again; and one that stops."""
RETRY = MINUTE
"""When a step whose plugin has failed is tried again."""
Failed = set[tuple[int, int]]
"""(version, step) of the steps whose plugin has failed since the node woke."""


def _step_failed(loaded: Loaded, step: int, problem: Exception) -> PluginError:
    what = f"step `{loaded.flow.steps[step].name}` of `{loaded.flow.name}` failed: {in_a_line(problem)}"
    return PluginError(what, hint="it is tried again in a minute")


def _no_crash(_point: str) -> None:
    """Nothing happens at the named points outside tests."""


@dataclass(frozen=True, slots=True)
class Node:
    """A worker over one database.

    `batch` is how many contacts are moved at once, and `rules` hold for all conversations; `look_every` is after how
    many milliseconds at the latest it looks again for what other nodes have begun, None where there are none on other
    machines; `announce` hears of every batch that was done, and of conversations that stand still because a plugin is
    gone; `minder` keeps the clock right; `reached` hears the names of points where a crash would be interesting.
    """

    engine: sa.Engine
    shelf: Shelf
    providers: Mapping[str, ChannelProvider]
    clock: Clock
    batch: int = BATCH
    look_every: int | None = None
    rules: Rules = NO_RULES
    announce: Callable[[Done], None] = field(default=lambda _done: None)
    reached: Callable[[str], None] = field(default=_no_crash)
    minder: ClockMinder = field(default_factory=NoMinder)
    id: str = field(default_factory=node_id)
    stopping: threading.Event = field(default_factory=threading.Event)
    turns: Turns = field(default_factory=Turns)
    manners: Manners = field(default_factory=Manners)
    failed: Failed = field(default_factory=set)
    leaving: list[tuple[Lane, Lease]] = field(default_factory=list)
    settling: Settling = field(default_factory=Settling)
    errands: Errands = field(default_factory=Errands)
    aside: Aside = field(default_factory=Aside)

    def run_due(self) -> Instant | None:
        """Do everything that is due; returns when to look again, or None when nothing is waiting.

        After `stopping` is set no new batch is begun.
        """
        try:
            return self._do_due()
        except DatabaseError:
            # A batch that was being settled has most likely met the same, which would be told and waited for once more.
            with suppress(DatabaseError):
                self._tell_of(self.settling.take() or Sent.SENT)
            raise

    def _do_due(self) -> Instant | None:
        known: Programs | None = None
        self.failed.clear()
        while not self.stopping.is_set():
            programs, agenda = self._read()
            for problem in programs.problems if programs is not known else ():
                self.announce(problem)
            with collecting_later():
                known, done = programs, self._safe_turn(programs, agenda) or self.settling.take()
            self.minder.keep(idle=done is None)
            if done is not None:
                self._tell_of(done)
            elif not self.errands.wait(BREATH):
                return self._look_again_at(agenda)
        self._finish()
        return None

    def _safe_turn(self, programs: Programs, agenda: Agenda) -> Done | Sent | None:
        """A turn; a conversation that cannot be asked stands still for a while, and the others go on."""
        try:
            return self._turn(programs, agenda)
        except ConversationError as problem:
            self.aside.put(problem.conversation, self.clock.now() + RETRY)
            return problem

    def _tell_of(self, done: Done | Sent) -> None:
        """Let others hear of a batch, as soon as it is known what came of it."""
        if not isinstance(done, Sent):
            self.announce(done)

    def _finish(self) -> None:
        """The batch in hand is finished: messages are handed back, what comes of a call is kept if it is soon."""
        try:
            if done := self.settling.take():
                self.announce(done)
        finally:
            if self.leaving and (sent := self._deliver(self._read()[0])):
                self._tell_of(self.settling.take() or sent)
        self.errands.wait(LAST_WAIT)
        if self.errands.is_done and (taken := self._take_back(self._read()[0])):
            self.announce(taken)

    def _read(self) -> tuple[Programs, Agenda]:
        with reading(self.engine) as connection:
            self.minder.look(connection)
            programs = self.aside.without(self.shelf.programs(connection), self.clock.now())
            without = self.failed | self.errands.resting(programs, self.clock.now())
            return programs, read_agenda(connection, programs, without)

    def _look_again_at(self, agenda: Agenda) -> Instant | None:
        now = self.clock.now()
        retries = [now + RETRY] if self.failed else []
        retries += [now + self.look_every] if self.look_every else []
        earliest = min(
            (at for at in (agenda.earliest, self.errands.next_at(), self.aside.next_at(), *retries) if at is not None),
            default=None,
        )
        # What is due and yet was not done is in another node's hands: look again, but not at once.
        return None if earliest is None else max(earliest, now + SECOND)

    def _turn(self, programs: Programs, agenda: Agenda) -> Done | Sent | None:
        """One batch of whatever is most urgent: what has been promised to providers first, newcomers last.

        What has happened comes before what is to be sent, for it may call messages back.
        """
        now = self.clock.now()
        self.turns.begin(now)
        done = self._heed(programs, agenda, now)
        for queue in () if done else self.turns.queues():
            done = done or self._serve(queue, programs, agenda, now)
        return done or self._tidy(programs, agenda, now)

    def _tidy(self, programs: Programs, agenda: Agenda, now: Instant) -> Done | None:
        """What nobody waits for: the digest for the staff, and what is too old to be kept."""
        told = is_due(agenda.notice_at, now) and self._tell(programs)
        return told or (is_due(agenda.duty_at, now) and self._prune(programs)) or None

    def _heed(self, programs: Programs, agenda: Agenda, now: Instant) -> Done | Sent | None:
        """What may be in doubt at a provider, what providers have told, what has happened, and what is to leave now.

        All but the last may be about messages that are being settled, and so wait for that.
        """
        due = (agenda.stale_at, agenda.noted_at, agenda.happening_at)
        return (
            (any(is_due(at, now) for at in due) and self.settling.take())
            or (is_due(agenda.stale_at, now) and rescue_stale(self._dispatcher(), programs, self.batch))
            or (is_due(agenda.noted_at, now) and self._take_notes())
            or (is_due(agenda.happening_at, now) and self._settle(programs))
            or (self.errands.is_done and self._take_back(programs))
            or self._deliver(programs)
        )

    def _serve(self, queue: Queue, programs: Programs, agenda: Agenda, now: Instant) -> Done | Sent | None:
        """A batch of a lane, messages before runs, or of newcomers.

        While runs are late, what advertises waits until it is known whether something newer takes its place.
        """
        if not isinstance(queue, Lane):
            return self._let_in(programs, agenda, now)
        waits = queue is Lane.MARKETING and agenda.is_late(now)
        ready = is_due(agenda.ready.get(queue), now) and not waits
        return (ready and self._dispatch(programs, queue)) or self._advance(programs, agenda, now, queue, not waits)

    def _let_in(self, programs: Programs, agenda: Agenda, now: Instant) -> Done | None:
        return (
            (is_due(agenda.look_at, now) and self._look(programs))
            or (is_due(agenda.date_at, now) and self._meet_dates(programs))
            or (is_due(agenda.change_at, now) and self._alert(programs))
            or (is_due(agenda.chance_at, now) and self._meet_chances(programs))
            or None
        )

    def _give_way(self) -> bool:
        """Do what was asked for meanwhile, between two batches of those who come in, if that takes long.

        Returns whether the node is to stop.
        """
        if self.turns.is_over(self.clock.now()):
            while not self.stopping.is_set() and (done := self._answer() or self.settling.take()):
                self._tell_of(done)
            self.turns.begin(self.clock.now())
        return self.stopping.is_set()

    def _answer(self) -> Done | Sent | None:
        """One batch of what was asked for."""
        (programs, agenda), now = self._read(), self.clock.now()
        done = self._heed(programs, agenda, now)
        for queue in (Lane.TRANSACTIONAL, Lane.ALERT):
            done = done or self._serve(queue, programs, agenda, now)
        return done

    def _advance(self, programs: Programs, agenda: Agenda, now: Instant, lane: Lane, at_once: bool) -> Done | None:
        """A batch of runs of a lane; `at_once` is whether what they write may leave at once."""
        for version, step in agenda.due_runs(now, programs, lane, self.turns.served):
            loaded = programs.by_version[version]
            try:
                calls = isinstance(loaded.program.operations[step], Call)
                begin = self._hand_over if calls else partial(self._advance_step, at_once=at_once)
                advanced = begin(loaded, programs, step)
            except DatabaseError:
                raise
            except Exception as problem:  # noqa: BLE001  (one step that fails must not keep everybody else waiting)
                self.failed.add((version, step))
                return problem if isinstance(problem, PluginError) else _step_failed(loaded, step, problem)
            if advanced is not None:
                self.turns.serve(loaded.conversation_id)
                return advanced
        return None

    def _advance_step(self, loaded: Loaded, programs: Programs, step: int, *, at_once: bool) -> Advanced | None:
        """A batch of runs at a step; what it writes is claimed if no more can come of it than fits into a turn."""
        work = (loaded.version_id, step)
        size = self.turns.size(work, self.batch)
        at_once = at_once and size <= self.turns.size(loaded.lane, self.batch)
        with self.engine.begin() as connection:
            # Asked only now: until here another writer may have kept us waiting.
            now = self.clock.now()
            lease = lease_from(connection, self.id, now) if at_once else None
            frame = Frame(connection, programs, loaded, now, self.rules, lease=lease)
            advanced = advance(frame, step, size)
            if lease and self.settling.is_going:
                # A crash may leave one batch in doubt, and not two.
                give_up(connection, lease)
            elif advanced and lease:
                # Even if nobody can tell whether the commit that follows was done: what is claimed is there then.
                self.leaving.append((loaded.lane, lease))
            self.reached("advance.before_commit")
        self.reached("advance.committed")
        if advanced:
            self.turns.learn(work, advanced.count, self.clock.now() - frame.now)
        return advanced

    def _hand_over(self, loaded: Loaded, programs: Programs, step: int) -> Given | None:
        """Begin to call the function of a step; what comes of it is another turn."""
        place, call = (loaded.version_id, step), loaded.program.operations[step]
        assert isinstance(call, Call)
        with self.engine.begin() as connection:
            frame = Frame(connection, programs, loaded, self.clock.now(), self.rules)
            question = hand_over(frame, self.errands, step, self.batch)
            self.reached("errand.before_commit")
        if question is None:
            return None
        self.errands.begin(programs.host, call, place, question)
        if not question.rows:
            with self.engine.begin() as connection:
                conclude(replace(frame, connection=connection), self.errands, place)
        self.reached("errand.begun")
        return Given(loaded.flow.name, loaded.flow.steps[step].name, len(question.rows))

    def _take_back(self, programs: Programs) -> Done | None:
        errand = self.errands.current
        if errand is None:
            return None
        loaded = programs.by_version.get(errand.place[0])
        if loaded is None:
            # It stands still meanwhile, for another plugin has failed; its contacts are due again in a while.
            self.errands.current = None
            return None
        with self.engine.begin() as connection:
            done = take_back(Frame(connection, programs, loaded, self.clock.now(), self.rules), self.errands, errand)
            self.reached("errand.before_commit")
        self.errands.current = None
        self.reached("errand.committed")
        return done

    def _take_notes(self) -> Noted | None:
        with self.engine.begin() as connection:
            noted = settle_inbox(connection, self.clock.now(), self.batch)
            self.reached("inbox.before_commit")
        return noted

    def _settle(self, programs: Programs) -> Happened | None:
        with self.engine.begin() as connection:
            started = self.clock.now()
            happened = settle_happenings(connection, programs, started, self.turns.size(Happened, self.batch))
            self.reached("happenings.before_commit")
        if happened:
            self.turns.learn(Happened, happened.count, self.clock.now() - started)
        return happened

    def _look(self, programs: Programs) -> Looked | None:
        return look_due(self.engine, programs, self.clock, self.batch, stopping=self._give_way)

    def _meet_dates(self, programs: Programs) -> Looked | None:
        return meet_dates(self.engine, programs, self.clock, self.batch, stopping=self._give_way)

    def _alert(self, programs: Programs) -> Alerted | None:
        return alert_due(self.engine, programs, self.clock, self.batch)

    def _meet_chances(self, programs: Programs) -> Met | Surveyed | None:
        return meet_due(self.engine, programs, self.clock, self.batch, stopping=self._give_way)

    def _tell(self, programs: Programs) -> Told | None:
        return tell_due(self.engine, programs, self.providers.get("email"), self.clock)

    def _prune(self, programs: Programs) -> Pruned | None:
        return prune_due(self.engine, programs, self.rules, self.clock)

    def _dispatch(self, programs: Programs, lane: Lane) -> Dispatched | Sent | None:
        if done := self.settling.take():
            return done
        started, size = self.clock.now(), self.turns.size(lane, self.batch)
        settle = dispatch_ready(self._dispatcher(lane), programs, size)
        return self._begin_to_settle(lane, settle, started) if settle else None

    def _deliver(self, programs: Programs) -> Dispatched | Sent | None:
        """Send what a batch of runs has written to leave at once; once the node stops, hand it back.

        It is read only now, after what has happened meanwhile: what that has called back stays.
        """
        if not self.leaving:
            return None
        if done := self.settling.take():
            return done
        (lane, lease), started = self.leaving[0], self.clock.now()
        with reading(self.engine) as connection:
            claimed = claimed_under(connection, lease)
        # From here on nobody can tell what has left if the database fails, and so nothing may be read once more.
        self.leaving.clear()
        dispatcher = self._dispatcher(lane)
        dispatcher = replace(dispatcher, patience=0) if self.stopping.is_set() else dispatcher
        settle = deliver(dispatcher, programs, claimed, lease) if claimed else None
        return self._begin_to_settle(lane, settle, started) if settle else None

    def _begin_to_settle(self, lane: Lane, settle: Settle, started: Instant) -> Dispatched | Sent:
        """Let a batch be settled, and learn then how many messages of the lane leave in a turn."""

        def settle_and_learn() -> Dispatched:
            done = settle()
            self.turns.learn(lane, done.count - done.states.get(IntentState.READY, 0), self.clock.now() - started)
            return done

        return self.settling.begin(settle_and_learn)

    def _dispatcher(self, *lanes: Lane) -> Dispatcher:
        """For what leaves within a turn, if it is told of which lanes."""
        every = Dispatcher(self.engine, self.id, self.providers, self.clock, self.reached, manners=self.manners)
        return replace(every, lanes=lanes, patience=TURN) if lanes else every

    def close(self) -> None:
        """Let go of the providers, the functions that are called, and the database."""
        self.errands.close()
        self.settling.close()
        for provider in set(self.providers.values()):
            provider.close()
        self.engine.dispose()
