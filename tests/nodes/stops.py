"""Nodes that are told to stop while they send: by SIGTERM, by SIGINT, or by several signals one after the other."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import sqlalchemy as sa

from conductor_dsl.plugin.host import build_host
from conductor_dsl.runtime.verify.verify import verify
from conductor_dsl.store.connect import connect
from tests.nodes.judge import complaints, twice_held
from tests.nodes.life import Orders
from tests.nodes.seats import Life, Seats, said_file
from tests.nodes.server import Server
from tests.nodes.texts import build, log_to_attempts, simulated_provider

NODES = 6
WAYS: Mapping[str, tuple[int, ...]] = {
    "SIGTERM": (signal.SIGTERM,),
    "SIGTERM twice": (signal.SIGTERM, signal.SIGTERM),
    "SIGINT": (signal.SIGINT,),
    "SIGINT, then SIGTERM": (signal.SIGINT, signal.SIGTERM),
}
"""How a node may be told to stop."""
WITHIN = 10.0
"""Seconds that a stop may take."""
IN_A_MOMENT = 0.7
"""Seconds within which a node is told to stop once it is seen to have messages on their way; and told again."""
PER_STOP = 250
"""Texts for each stop, so that there is always something to send."""
BATCH = 100
SLOW = "slow = 0.1\n"
_HELD = "SELECT count(*) FROM intent WHERE state = 'sending' AND claimed_by = :node"
_LEFT = "SELECT count(*) FROM intent WHERE state = 'ambiguous' OR claimed_by = :node"


@dataclass(frozen=True, slots=True)
class Plan:
    """How many stops, and which dice."""

    folder: Path
    stops: int = 6
    seed: int = 1

    @property
    def log(self) -> Path:
        """The provider's own account."""
        return self.folder / "sim.log"


@dataclass(frozen=True, slots=True)
class Result:
    """What came of it: how often nodes were told in which way, and how many seconds each took.

    `left` are messages that were in doubt, or still in its hands, when a node was gone; `had` how many were in the
    hands of nodes when they were told.
    """

    plan: Plan
    ways: Mapping[str, int]
    took: tuple[float, ...]
    had: int
    left: int
    seconds: float
    accepted: int
    ambiguous: int
    database: str
    doubled: tuple[str, ...]
    twice_held: tuple[str, ...]
    wrong_ends: tuple[str, ...]
    wrong_lines: tuple[str, ...]
    broken: Mapping[str, int]

    @property
    def holds(self) -> bool:
        """Whether every node stopped in time, and left nothing behind."""
        wrong = (self.doubled, self.twice_held, self.wrong_ends, self.wrong_lines, self.broken)
        return not any(wrong) and not self.left and not self.ambiguous and max(self.took) <= WITHIN

    def to_json(self) -> dict[str, Any]:
        """Everything, for a file."""
        plan = asdict(self.plan) | {"folder": str(self.plan.folder)}
        return asdict(self) | {"plan": plan, "holds": self.holds}


@dataclass(slots=True)
class Stop:
    """A node that is being told to stop: the signals that are still to come, and when the next one is."""

    way: str
    to_come: list[int]
    at: float
    began: float = 0.0


@dataclass(slots=True)
class Story:
    """Where the story stands; `stops` are those under way, by the number of the life."""

    plan: Plan
    engine: sa.Engine
    dice: Random
    seats: Seats
    stops: dict[int, Stop] = field(default_factory=dict)
    ways: Counter[str] = field(default_factory=Counter)
    took: list[float] = field(default_factory=list)
    had: int = 0
    left: int = 0

    def count(self, query: str, life: Life) -> int:
        """How many messages a query finds that asks about a node."""
        with self.engine.connect() as connection:
            return int(connection.execute(sa.text(query), {"node": life.node}).scalar_one())


def tell_stops(plan: Plan, server: Server) -> Result:
    """Tell the whole story, and judge it."""
    began = time.perf_counter()
    (plan.folder / "said").mkdir()
    (plan.folder / "plan.toml").write_text(SLOW)
    url = server.new_database("stops")
    options = ("--seed", str(plan.seed), "--plan", str(plan.folder / "plan.toml"), "--fault", "slow=1")
    with simulated_provider(plan.log, *options) as provider:
        numbers = range(1, 1 + PER_STOP * (plan.stops + NODES))
        shop = build(plan.folder / "shop", url, provider, numbers, batch=BATCH)

        def orders(number: int) -> tuple[Orders, float]:
            return Orders(str(number), str(shop), url, "", said_file(plan.folder / "said", number)), float("inf")

        seats = Seats(NODES, orders, spawn_every=1)
        story = Story(plan, sa.create_engine(url, poolclass=sa.NullPool), Random(plan.seed), seats)
        try:
            _stop_them(story)
        finally:
            seats.clear()
    return _judge(story, server, url, round(time.perf_counter() - began, 1))


def _stop_them(story: Story) -> None:
    """Let nodes begin, and tell each to stop in the middle of a batch."""
    deadline = time.monotonic() + 60 + 10 * story.plan.stops
    while len(story.took) < story.plan.stops:
        assert time.monotonic() < deadline, "the nodes have nothing to send any more"
        story.seats.fill()
        for life in story.seats.living:
            _turn(story, life)
        story.seats.wait(time.monotonic() + 0.01)
        for number in story.stops.keys() - {life.number for life in story.seats.living}:
            stop, [life] = story.stops.pop(number), [life for life in story.seats.past if life.number == number]
            story.took.append(round(time.monotonic() - stop.began, 3))
            story.ways[stop.way] += 1
            story.left += story.count(_LEFT, life)


def _turn(story: Story, life: Life) -> None:
    """Do what is due with a node: choose how it is told to stop once it sends, and send it the next signal."""
    stop = story.stops.get(life.number)
    if stop is None:
        if life.node and story.count(_HELD, life):
            way = story.dice.choice(list(WAYS))
            at = time.monotonic() + story.dice.uniform(0, IN_A_MOMENT)
            story.stops[life.number] = Stop(way, list(WAYS[way]), at)
    elif stop.to_come and stop.at <= time.monotonic():
        if not stop.began:
            story.had += story.count(_HELD, life)
            stop.began = time.monotonic()
            life.kill_at = stop.began + 2 * WITHIN
        os.kill(life.pid, stop.to_come.pop(0))
        stop.at = time.monotonic() + story.dice.uniform(0, IN_A_MOMENT)


def _judge(story: Story, server: Server, url: str, seconds: float) -> Result:
    plan, log = story.plan, log_to_attempts(story.plan.log)
    stopped = [life for life in story.seats.past if life.kill_at]
    engine = connect(url)
    verification = verify(engine, build_host(), log)
    with engine.connect() as connection:
        held = twice_held(connection)
    engine.dispose()
    return Result(
        plan=plan,
        ways=dict(story.ways),
        took=tuple(story.took),
        had=story.had,
        left=story.left,
        seconds=seconds,
        accepted=sum(attempt.accepted for attempts in log.values() for attempt in attempts),
        ambiguous=verification.ambiguous,
        database=server.version(),
        doubled=tuple(key for key, said in log.items() if sum(attempt.accepted for attempt in said) > 1),
        twice_held=tuple(held),
        wrong_ends=tuple(f"life {life.number} ended with {life.code}" for life in stopped if life.code),
        wrong_lines=tuple(complaints(sorted((plan.folder / "said").iterdir()))[1]),
        broken={verdict.promise: verdict.broken for verdict in verification.verdicts if verdict.broken},
    )
