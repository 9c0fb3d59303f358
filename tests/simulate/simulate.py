"""One world, told from one seed: nodes, their clocks, a provider and customers, with everything that may go wrong."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from itertools import count
from random import Random

import sqlalchemy as sa

from conductor_dsl.plugin.channels import Heard
from conductor_dsl.runtime.inbox import listener
from conductor_dsl.runtime.programs import Shelf, load_programs
from conductor_dsl.runtime.verify.verify import verify
from conductor_dsl.shared.clock import DAY, HOUR, MINUTE, SECOND, Instant, to_iso
from conductor_dsl.shared.rules import NO_RULES
from conductor_dsl.store import tables as t
from conductor_dsl.store.connect import reading, secret_of
from tests.simulate import judge
from tests.simulate.carrier import Account, Carrier
from tests.simulate.dice import Storm, draw_weather
from tests.simulate.machine import Machine, Site
from tests.simulate.shop_life import Life
from tests.simulate.turns import SkewedClock, Timeline
from tests.simulate.watch import Watch
from tests.simulate.world import CAPPED, PING, START, simulated_host

MOST_STEPS = 30_000
LOOK_EVERY = 10 * SECOND
"""After so long at the latest a node looks for what another one has left."""
CALM = 12
"""How many days all is well at the end at most, so that whatever has been begun can be ended."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a world: what was wrong, a name for all that happened, and figures."""

    seed: int
    wrong: tuple[str, ...]
    hash: str
    figures: Counter[str]
    trace: tuple[str, ...]


class World:
    """A world being told.

    `engine` is of a database that holds what `world.build` has made; `storm` changes what the dice say of the weather.
    """

    def __init__(self, engine: sa.Engine, contacts: int, seed: int, storm: Storm = lambda weather: weather) -> None:
        self.seed, self._engine = seed, engine
        self._dice = Random(seed)
        self._weather = storm(draw_weather(self._dice))
        self._time = Timeline(START)
        self._numbers, self._agenda = count(), list[tuple[Instant, int, str, Heard | None]]()
        self._machines: list[Machine] = []
        self._current: Machine | None = None
        self._wrong: list[str] = []
        self.trace: list[str] = []
        self._figures: Counter[str] = Counter()
        self.account = Account()
        self._watch = Watch(self._wrong.append)
        self._rules = CAPPED if self._weather.capped else NO_RULES
        self._carriers = {name: self._carrier(name) for name in ("sms", "second", "email")}
        self._hear = listener(engine, SkewedClock(self._time, 0), lambda: None)
        self._life = Life(engine, contacts, self._dice, self._hear)
        self._site = self._make_site()
        self._days = self._dice.randint(1, 5)

    def _make_site(self) -> Site:
        return Site(
            engine=self._engine,
            shelf=Shelf(simulated_host()),
            time=self._time,
            dice=self._dice,
            weather=self._weather,
            rules=self._rules,
            carriers=self._carriers,
            trace=self._note,
            finished=self._check_finished,
            look=self._look,
        )

    def _carrier(self, name: str) -> Carrier:
        return Carrier(name, self._weather, self._dice, self._time, self.account, self._spend, self._tell_later)

    def tell(self) -> Outcome:
        """Let it all happen, then let it come to rest, and judge."""
        PING.fails = lambda: self._dice.random() < self._weather.plugin
        with _listening(self._engine, self):
            self._plan()
            self._begin_machines()
            self._go_on(START + self._days * DAY)
            self._calm_down()
            self._end()
        return self._judge()

    def _plan(self) -> None:
        """When customers do something, and when all machines stand still."""
        for _ in range(self._weather.bustle):
            at = START + self._dice.randint(0, self._days * DAY)
            for _ in range(self._dice.choice((1, 1, 2, 4))):
                self._later(at + self._dice.randint(0, 20 * SECOND), "life")
        for _ in range(self._weather.standstills):
            self._later(START + self._dice.randint(0, self._days * DAY), "standstill")

    def _later(self, at: Instant, what: str, heard: Heard | None = None) -> None:
        heapq.heappush(self._agenda, (at, next(self._numbers), what, heard))

    def _tell_later(self, at: Instant, heard: Heard) -> None:
        self._later(at, "news", heard)

    def _spend(self, milliseconds: int) -> None:
        if self._current is not None:
            self._current.spend(milliseconds)

    def _begin_machines(self) -> None:
        for _ in range(self._weather.nodes):
            self._begin(self._time.now + self._dice.randint(0, MINUTE))

    def _begin(self, at: Instant) -> None:
        machine = Machine(self._site, f"node-{next(self._numbers)}", at)
        machine.is_well = self._carriers["sms"].is_well
        self._machines.append(machine)

    def _go_on(self, until: Instant) -> None:
        for _ in range(MOST_STEPS):
            now = min([machine.turn.wake_at for machine in self._machines] + [each[0] for each in self._agenda[:1]])
            if now > until:
                break
            self._time.now = max(self._time.now, now)
            due: list[Machine | None] = [each for each in self._machines if each.turn.wake_at <= self._time.now]
            if self._agenda and self._agenda[0][0] <= self._time.now:
                due.append(None)
            chosen = self._dice.choice(due)
            if chosen is None:
                self._happen()
            else:
                self._resume(chosen)
        else:
            self._wrong.append(f"it does not come to rest: {MOST_STEPS} steps until {to_iso(self._time.now)}")
        self._time.now = max(self._time.now, until)

    def _happen(self) -> None:
        _, _, what, heard = heapq.heappop(self._agenda)
        if what == "standstill":
            self._stand_still()
        elif heard is not None:
            self._hear(heard)
            for receipt in heard.receipts:
                self.account.hear(receipt.key or receipt.provider_id.split("-", 1)[1], receipt.verdict)
        else:
            what = self._life.happen(self._time.now)
        self._figures[what] += 1
        self._note(what)
        self._ring()

    def _ring(self) -> None:
        """There is something to do: one of the machines is woken, perhaps two."""
        for machine in {self._dice.randrange(len(self._machines)): 0 for _ in self._machines[:2]}:
            self._machines[machine].wake(self._time.now + self._dice.randint(0, SECOND))

    def _look(self) -> None:
        """Every machine looks, as it does every few seconds, for what others have left."""
        for machine in self._machines:
            machine.wake(self._time.now + self._dice.randint(0, LOOK_EVERY))

    def _stand_still(self) -> None:
        """All machines are switched off, for hours or days."""
        for machine in self._machines:
            self._kill(machine)
        pause = self._dice.choice((HOUR, 10 * HOUR, 3 * DAY))
        for machine in list(self._machines):
            self._bury(machine, self._time.now + pause + self._dice.randint(0, MINUTE))

    def _kill(self, machine: Machine) -> None:
        machine.turn.resume(kill=True)

    def _resume(self, machine: Machine) -> None:
        self._current = machine
        try:
            machine.turn.resume()
        finally:
            self._current = None
        if machine.turn.is_over:
            self._figures["killed"] += 1
            self._bury(machine, self._time.now + self._dice.choice((SECOND, 10 * SECOND, 10 * MINUTE)))

    def _bury(self, machine: Machine, back_at: Instant) -> None:
        """One that has died leaves a batch at most in doubt; another one begins, and the others look after it."""
        held = self._watch.held_by(machine.name)
        if held > self._weather.batch:
            self._wrong.append(f"{machine.name} left {held} messages in doubt, and a batch has {self._weather.batch}")
        self._machines.remove(machine)
        self._note(f"{machine.name} died")
        self._look()
        self._begin(back_at)

    def _check_finished(self, machine: Machine) -> None:
        """One that has done what was due has left nobody's message without a look."""
        for place in self._watch.left_behind(machine.woken_at - 2 * self._weather.skew):
            self._wrong.append(f"{machine.name} is done, and left behind {place}")

    def _note(self, what: str) -> None:
        self.trace.append(f"{to_iso(self._time.now)}.{self._time.now % SECOND:03} {what}")

    def _calm_down(self) -> None:
        """From now on nothing goes wrong any more."""
        self._note("all is well from now on")
        PING.fails = lambda: False
        for carrier in self._carriers.values():
            carrier.is_well = True
        last, *others = self._machines
        for machine in others:
            self._kill(machine)
        self._machines, last.is_well = [last], True
        self._look()

    def _end(self) -> None:
        """Let the last machine go on until all is over."""
        for _ in range(CALM):
            self._go_on(self._time.now + DAY)
            if not self._agenda and self._is_over():
                break
        self._kill(self._machines[0])

    def _is_over(self) -> bool:
        inside = sa.select(t.run.c.contact_id).where(t.run.c.ended_at.is_(None))
        open_ = sa.select(t.intent.c.contact_id).where(t.intent.c.state.in_(("ready", "sending")))
        with reading(self._engine) as connection:
            return not connection.scalar(sa.select(sa.or_(sa.exists(inside), sa.exists(open_))))

    def connects(self, _connection: sa.Connection) -> None:
        """A transaction is about to begin."""
        if self._current is not None and not self._current.turn.held:
            self._current.begin()

    def begins(self, _connection: sa.Connection) -> None:
        """A transaction has begun: until it ends nobody else is let in."""
        if self._current is not None:
            self._current.turn.held += 1

    def ends(self, connection: sa.Connection, *, commits: bool) -> None:
        """A transaction is about to be committed or rolled back."""
        if commits:
            self._watch.before_commit(connection, self._time.now)
        if self._current is not None:
            self._current.turn.held -= 1

    def _judge(self) -> Outcome:
        found = verify(self._engine, simulated_host(), self.account.attempts, slack=2 * self._weather.skew)
        self._wrong += [f"{each.promise}: {example}" for each in found.verdicts for example in each.examples]
        self._figures.update({f"runs {state}": number for state, number in found.runs.items()})
        self._figures.update({f"messages {state}": number for state, number in found.messages.items()})
        with reading(self._engine) as connection:
            programs = load_programs(connection, simulated_host())
            rows = judge.messages_by_key(connection, secret_of(connection))
            self._wrong += judge.windows_are_kept(rows, programs, self.account, self._weather.skew)
            self._wrong += judge.caps_are_kept(rows, programs, self._rules, self.account)
            if not self._weather.by_id:  # else a name may have been lost with the answer that told it
                self._wrong += judge.the_last_word_counts(rows, self.account)
            # A question that gets no answer is not asked again.
            may_doubt = self._weather.look_up == "none" or self._weather.broken > 0
            self._wrong += judge.nothing_is_left(rows, connection, self._time.now, may_doubt=may_doubt)
            self._wrong += judge.paths_are_walked(rows, connection)
            self._wrong += judge.orders_are_thanked(connection, self._life.orders, self._weather.skew)
            told = "\n".join([*self.trace, *self.account.order, *_contents(connection)])
        name = blake2b(told.encode(), digest_size=12).hexdigest()
        return Outcome(self.seed, tuple(dict.fromkeys(self._wrong)), name, self._figures, tuple(self.trace))


@contextmanager
def _listening(engine: sa.Engine, world: World) -> Iterator[None]:
    """Let a world hear of every transaction, before it begins and before it ends."""

    def commit(connection: sa.Connection) -> None:
        world.ends(connection, commits=True)

    def roll_back(connection: sa.Connection) -> None:
        world.ends(connection, commits=False)

    heard = {"engine_connect": world.connects, "begin": world.begins, "commit": commit, "rollback": roll_back}
    for name, function in heard.items():
        sa.event.listen(engine, name, function)
    try:
        yield
    finally:
        for name, function in heard.items():
            sa.event.remove(engine, name, function)


def _contents(connection: sa.Connection) -> Iterator[str]:
    """Every row of the database, in order."""
    for table in t.metadata.sorted_tables:
        rows = [repr(tuple(row)) for row in connection.execute(sa.select(table))]
        yield table.name
        yield from sorted(rows)
