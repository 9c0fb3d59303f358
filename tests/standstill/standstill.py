"""The standstill played: everybody comes in, three days of nothing, and the night in which the engine is back."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from conductor_dsl.language.vocabulary import ShortCode
from conductor_dsl.plugin.host import build_host
from conductor_dsl.project.toml_to_hours import hours_of_law
from conductor_dsl.runtime.arrivals import settle_arrivals, settle_opt_outs
from conductor_dsl.runtime.bell import Bell
from conductor_dsl.runtime.done import Done
from conductor_dsl.runtime.node import Node
from conductor_dsl.runtime.programs import Programs, Shelf
from conductor_dsl.runtime.publish import publish
from conductor_dsl.shared.clock import DAY, Clock, Instant, VirtualClock
from conductor_dsl.shared.rules import Rules
from conductor_dsl.store import tables as t
from conductor_dsl.store.connect import connect, reading
from conductor_dsl.store.consents import add_consents
from conductor_dsl.store.orders import add_orders
from tests.bench.by_engine import CATALOGUE
from tests.bench.shop import NOW
from tests.standstill.world import (
    BEGINS,
    SPREAD,
    THANKS,
    WAKES,
    ShiftedClock,
    Taken,
    Witness,
    make_world,
    plans,
    scripts,
)

PATIENCE, GLANCE = 600, 0.2
"""Seconds after which a backlog that is not worked off is a failure; and between two looks at it."""
LEAST = 20
"""So many order even where the backlog does not last that long."""
LEFT, BOUGHT, FRESH = 20, 19, 18
"""Of every twenty contacts the last one left the texts during the standstill, the one before bought something, and the
one before that orders now."""


@dataclass(frozen=True, slots=True)
class Night:
    """What was seen of the night: how many were due, for how long, the turns in seconds, and the orders' latencies."""

    due: int
    seconds: float
    turns: tuple[float, ...]
    latencies: tuple[float, ...]
    taken: tuple[Taken, ...]
    """All that was taken in the night, and in the two days behind it."""
    until: Instant
    """When the night ended and the days began, which are played on a clock that is moved."""


class Standstill:
    """A shop that was down for three days."""

    def __init__(self, path: Path, contacts: int, seed: int) -> None:
        make_world(path, contacts, seed)
        self._url, self.contacts = f"sqlite:///{path}", contacts
        self.engine, self._host = connect(self._url), build_host()
        self._publish()
        self._rules = Rules(hours_of_law(), spread=SPREAD)

    def play(self, rate: float) -> Night:
        """All of it, with so many orders a second while the backlog is worked off."""
        witness = Witness(VirtualClock(BEGINS))
        self._node(witness, witness.clock).run_due()
        self._happen_meanwhile()
        night = self._wake_up(witness, rate)
        witness.clock = clock = VirtualClock(night.until)
        node = self._node(witness, clock)
        while (at := node.run_due()) is not None and at <= night.until + 2 * DAY:
            clock.move_to(at)
        return replace(night, taken=tuple(witness.taken))

    def _publish(self) -> None:
        code = ShortCode("34567", ("marketing", "alert", "transactional"))
        known = replace(CATALOGUE, codes={"34567": code})
        with self.engine.begin() as connection:
            texts = (THANKS, *(plan.script for plan in plans()))
            publish(connection, scripts(texts, known, self._host), known, self._host, NOW)

    def _node(self, witness: Witness, clock: Clock, **changes: Any) -> Node:
        providers = {"sms": witness, "email": witness}
        return Node(self.engine, Shelf(self._host), providers, clock, rules=self._rules, **changes)

    def _programs(self) -> Programs:
        with reading(self.engine) as connection:
            return Shelf(self._host).programs(connection)

    def _happen_meanwhile(self) -> None:
        """Files are imported although no node runs: who bought, and who left the texts."""
        programs, at = self._programs(), BEGINS + 2 * DAY
        bought = [_order(number, at, "before") for number in self.those(BOUGHT)]
        left = [(number, None, f"c{number:08}", "Texts", at, "unsubscribed", "", "", "") for number in self.those(LEFT)]
        with self.engine.begin() as connection:
            add_orders(connection, [*bought], at)
            settle_arrivals(connection, programs, at)
            add_consents(connection, [*left], at)
            settle_opt_outs(connection, at)

    def those(self, which: int) -> range:
        """The contacts of a kind, by their ids."""
        return range(which, self.contacts + 1, 20)

    def _wake_up(self, witness: Witness, rate: float) -> Night:
        """Work off what is due while people order; what they were told is known at the end."""
        witness.clock = clock = ShiftedClock(WAKES)
        due, watch, problems = self._count_due(clock.now()), Watch(), list[Exception]()
        node = self._node(witness, clock, announce=watch.announce)
        bell = Bell(lambda: watch.ring(node), clock, problems.append)
        customers = Customers(self._url, self._programs(), clock, bell)
        began = time.monotonic()
        bell.start()
        orders = threading.Thread(target=customers.order, args=(self.those(FRESH), rate))
        orders.start()
        self._work_off(clock, began, problems)
        seconds = time.monotonic() - began
        customers.enough.set()
        orders.join()
        self._work_off(clock, began, problems)
        node.stopping.set()
        assert bell.stop(PATIENCE) and not problems, problems
        return Night(due, seconds, tuple(watch.turns), customers.latencies(witness), (), clock.now())

    def _work_off(self, clock: Clock, began: float, problems: list[Exception]) -> None:
        while self._count_due(clock.now()) and not problems:
            assert time.monotonic() < began + PATIENCE, "the backlog is not worked off"
            threading.Event().wait(GLANCE)

    def _count_due(self, now: Instant) -> int:
        with reading(self.engine) as connection:
            counted = sa.select(sa.func.count()).select_from(t.run).where(t.run.c.due_at <= now)
            ready = sa.select(sa.func.count()).select_from(t.intent)
            ready = ready.where(t.intent.c.settled_at.is_(None), t.intent.c.not_before <= now)
            return (connection.scalar(counted) or 0) + (connection.scalar(ready) or 0)


class Watch:
    """Sees how long the turns of a node last, in seconds."""

    def __init__(self) -> None:
        self.turns: list[float] = []
        self._last = 0.0

    def ring(self, node: Node) -> Instant | None:
        """The first turn begins."""
        self._last = time.monotonic()
        return node.run_due()

    def announce(self, _: Done) -> None:
        """A turn has ended, and the next one begins."""
        now = time.monotonic()
        self.turns.append(now - self._last)
        self._last = now


class Customers:
    """Order one after the other; another connection stores it, as an import does, and rings."""

    def __init__(self, url: str, programs: Programs, clock: Clock, bell: Bell) -> None:
        self._url, self._programs, self._clock, self._bell = url, programs, clock, bell
        self._begun: dict[int, float] = {}
        self.enough = threading.Event()

    def order(self, numbers: range, rate: float) -> None:
        """So many a second, until it is enough."""
        engine, first = connect(self._url), time.monotonic()
        for place, number in enumerate(numbers):
            if self.enough.wait(max(first + place / rate - time.monotonic(), 0)) and place >= LEAST:
                break
            self._begun[number] = time.monotonic()
            with engine.begin() as connection:
                add_orders(connection, [_order(number, self._clock.now(), "now")], self._clock.now())
                settle_arrivals(connection, self._programs, self._clock.now())
            self._bell.wake()
        engine.dispose()

    def latencies(self, witness: Witness) -> tuple[float, ...]:
        """Seconds from each order until the thanks were taken; without end for what was never taken."""
        taken = {each.contact: each.clock for each in witness.taken if "thank you" in each.text}
        return tuple(taken.get(number, float("inf")) - begun for number, begun in self._begun.items())


def _order(number: int, at: Instant, name: str) -> tuple[object, ...]:
    key = f"{name}-{number}"
    payload = json.dumps({"order_id": key, "total": 20.0, "placed_at": at})
    return number, None, f"c{number:08}", key, at, 2_000, "[]", payload
