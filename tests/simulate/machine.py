"""A machine with one node: the real one, over a clock of its own; it gives way, falls asleep and dies by dice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

from conductor_dsl.plugin.channels import ChannelProvider
from conductor_dsl.runtime.carry.breaker import Breaker
from conductor_dsl.runtime.carry.failover import Failover
from conductor_dsl.runtime.carry.pace import Paced
from conductor_dsl.runtime.dispatch import LEASE
from conductor_dsl.runtime.node import Node
from conductor_dsl.runtime.programs import Shelf
from conductor_dsl.shared.clock import DAY, MINUTE, SECOND, Clock
from conductor_dsl.shared.errors import DatabaseError
from conductor_dsl.shared.rules import Rules
from conductor_dsl.store.connect import Engine
from tests.simulate.carrier import Carrier
from tests.simulate.dice import Weather
from tests.simulate.turns import Killed, SkewedClock, Timeline, Turn

RETRY = 10 * SECOND
"""When a node is woken again whose database has failed."""
RATES = {"34567": 4}
"""How many segments a number may send in a second, in worlds with a pace."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where machines stand: one database, one provider for each channel, perhaps a second one for texts."""

    engine: Engine
    shelf: Shelf
    time: Timeline
    dice: Random
    weather: Weather
    rules: Rules
    carriers: Mapping[str, Carrier]
    trace: Callable[[str], None]
    finished: Callable[[Machine], None]
    """Told of each machine that has done what was due."""
    look: Callable[[], None]
    """Lets the other machines look, as they do every few seconds, for what this one has left."""


class Machine:
    """One life of a node; its `wake_at` and `woken_at` are on the clock of the world."""

    def __init__(self, site: Site, name: str, wake_at: int) -> None:
        self.name = name
        self.is_idle = True
        self.is_well = False
        self.woken_at = wake_at
        self._site = site
        skew = site.weather.skew
        self.clock = SkewedClock(site.time, site.dice.randint(-skew, skew) if skew else 0)
        providers = self._providers(self.clock)
        options = {"batch": site.weather.batch, "rules": site.rules, "reached": self.reach, "id": name}
        self.node = Node(site.engine, site.shelf, providers, self.clock, **options)  # type: ignore[arg-type]
        self.turn = Turn(self._live, wake_at)

    def _providers(self, clock: Clock) -> Mapping[str, ChannelProvider]:
        site = self._site
        texts: ChannelProvider = Breaker(site.carriers["sms"], clock)
        if site.weather.has_second:
            texts = Failover(texts, Breaker(site.carriers["second"], clock))
        if site.weather.is_paced:
            texts = Paced(texts, site.engine, clock, RATES)
        return {"sms": texts, "email": Breaker(site.carriers["email"], clock)}

    def _live(self) -> None:
        """Do what is due, wait for what is due next, and so on, as the bell of a real node has it."""
        while True:
            self.is_idle, self.woken_at = False, self._site.time.now
            try:
                due = self.node.run_due()
            except DatabaseError:
                due = self.clock.now() + RETRY
            else:
                self._site.finished(self)
            self.is_idle = True
            late = 0 if self.is_well else self._site.dice.randint(0, SECOND)
            self.turn.give_way(self._site.time.now + DAY if due is None else due - self.clock.ahead + late)

    def reach(self, point: str) -> None:
        """The node has come to a point where a crash would be interesting."""
        self._site.trace(f"{self.name} {point}")
        self._perhaps(self._site.weather.killed * 3)

    def begin(self) -> None:
        """The node is about to begin a transaction, for which it may have to wait, or which fails."""
        self._perhaps(self._site.weather.killed)
        if not self.is_well and self._site.dice.random() < self._site.weather.disk:
            raise DatabaseError("the database failed: simulated", hint="try again")

    def _perhaps(self, killed: float) -> None:
        """Perhaps die, fall asleep for longer than a lease, or let others go first."""
        site, dice = self._site, self._site.dice
        if self.is_well:
            return
        if dice.random() < killed:
            raise Killed
        if self.turn.held:
            return
        if dice.random() < site.weather.asleep:
            site.trace(f"{self.name} falls asleep")
            site.look()
            self.turn.give_way(site.time.now + dice.choice((SECOND, LEASE + SECOND, 5 * MINUTE)))
        elif dice.random() < site.weather.yielding:
            self.turn.give_way(site.time.now)

    def spend(self, milliseconds: int) -> None:
        """A call to a provider takes its time."""
        self.turn.give_way(self._site.time.now + milliseconds)

    def wake(self, at: int) -> None:
        """Somebody rings: there may be something to do, at an instant of the world's clock."""
        if self.is_idle:
            self.turn.wake_at = min(self.turn.wake_at, at)
