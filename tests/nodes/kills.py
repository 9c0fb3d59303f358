"""Three nodes over one PostgreSQL; nodes are killed at named and at random points, and the database crashes."""

from __future__ import annotations

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
from conductor_dsl.runtime.verify.nouns import Verification
from conductor_dsl.runtime.verify.verify import verify
from conductor_dsl.shared.clock import Instant, SystemClock
from conductor_dsl.store.connect import connect
from tests.crash.crash import ANY_TIME, POINTS, RESCUE
from tests.crash.witness import read_log
from tests.crash.world import live_on, unaccounted
from tests.nodes.judge import complaints, strays, take_overs, twice_held
from tests.nodes.life import Orders
from tests.nodes.plugin import LAST, install
from tests.nodes.seats import Life, Seats, said_file
from tests.nodes.server import Server
from tests.nodes.shop import build

NODES = 3
DOWN_AGAIN = 2
"""The exit code of a life whose database was down when it began."""
SHORTEST, LONGEST = 0.2, 3.0
"""Seconds after its beginning at which a life may be killed from outside; the first is while it begins."""
OVERDUE = 5.0
"""Seconds after which a life that has not come to its point is killed all the same."""
HAPPENS_EVERY = 3.0
"""Seconds after which something happens in the shop again."""
TAKEN_OVER_WITHIN = 15_000
"""Milliseconds after which others must have what a dead node held."""
GLANCE, PATIENCE = 0.05, 120.0
"""Seconds between two looks at whether something has come about, and after which it is a failure that it has not."""
DRAINED_WITHIN = 600.0
"""Seconds that the last lives may take for what is left; some messages are tried again after minutes."""
_LEFT = """
SELECT (SELECT count(*) FROM run WHERE state IN ('active', 'held'))
     + (SELECT count(*) FROM intent WHERE settled_at IS NULL AND state <> 'ambiguous')
"""

_WAITING = """
SELECT count(*) FROM run WHERE state = 'active' AND due_at > extract(epoch FROM clock_timestamp()) * 1000 + 500
   AND NOT EXISTS (SELECT FROM intent WHERE state = 'ready' OR claimed_by IS NOT NULL)
"""


@dataclass(frozen=True, slots=True)
class Plan:
    """How large, how often, and which dice; `every` is the mean number of seconds between crashes of the database."""

    folder: Path
    contacts: int = 2_000
    kills: int = 20
    crashes: int = 3
    every: float = 5.0
    seed: int = 1
    batch: int = 200
    wait: str = "20s"
    """How long runs wait between their messages."""
    down: float = 0.0
    """How many seconds the database is down at least after a crash; up to one more is left to chance."""
    met: bool = False
    """Whether it crashes only when all nodes serve, nothing is on its way and a run waits; it is down until a node has
    told of it, and up until one has told that it is over."""

    @property
    def log(self) -> Path:
        """The provider's own account."""
        return self.folder / "provider.log"


@dataclass(frozen=True, slots=True)
class Result:
    """What came of it.

    `take_overs` are in milliseconds, without and with the time in which the database was down; from `twice_held` on
    everything but the verification must be empty.
    """

    plan: Plan
    lives: int
    kills: Mapping[str, int]
    crashes: Mapping[str, int]
    outlived: int
    refused: int
    told: Mapping[str, int]
    seconds: float
    take_overs: tuple[tuple[int, int], ...]
    accepted: int
    database: str
    twice_held: tuple[str, ...]
    strays: tuple[str, ...]
    wrong_ends: tuple[str, ...]
    wrong_lines: tuple[str, ...]
    unaccounted: tuple[str, ...]
    verification: Verification

    @property
    def holds(self) -> bool:
        """Whether nothing was lost, doubled, held twice or otherwise wrong, and everything was taken over in time."""
        wrong = (self.twice_held, self.strays, self.wrong_ends, self.wrong_lines, self.unaccounted)
        return self.verification.holds and not any(wrong) and self.slowest[0] <= TAKEN_OVER_WITHIN

    @property
    def slowest(self) -> tuple[int, int]:
        """The slowest take-over, without and with the time in which the database was down."""
        return max((net for net, _ in self.take_overs), default=0), max(
            (all_ for _, all_ in self.take_overs), default=0
        )

    def broken(self) -> dict[str, int]:
        """The promises that were broken, and how often."""
        return {verdict.promise: verdict.broken for verdict in self.verification.verdicts if verdict.broken}

    def to_json(self) -> dict[str, Any]:
        """Everything, for a file."""
        plan = asdict(self.plan) | {"folder": str(self.plan.folder)}
        return asdict(self) | {"plan": plan, "holds": self.holds, "broken": self.broken()}


@dataclass(slots=True)
class Story:
    """Where the story stands."""

    plan: Plan
    server: Server
    url: str
    shop: Path
    plugins: Path
    dice: Random
    seats: Seats
    crashes: Counter[str] = field(default_factory=Counter)
    downs: list[tuple[Instant, Instant]] = field(default_factory=list)
    outlived: int = 0
    happened: int = 0

    @property
    def kills(self) -> int:
        """How many lives have been killed."""
        return sum(life.was_killed for life in self.seats.past)

    @property
    def goes_on(self) -> bool:
        """Whether there are kills or crashes to come."""
        return self.kills < self.plan.kills or self.crashes.total() < self.plan.crashes


def tell_kills(plan: Plan, server: Server) -> Result:
    """Tell the whole story, and judge it."""
    began = time.perf_counter()
    url = server.new_database("kills")
    shop = build(plan.folder, url, plan.contacts, seed=plan.seed, batch=plan.batch, wait=plan.wait)
    dice, plugins = Random(plan.seed), install(plan.folder / "plugins")
    (plan.folder / "said").mkdir()
    story = Story(plan, server, url, shop, plugins, dice, Seats(NODES, lambda number: _orders(story, number)))
    try:
        _go_on(story)
        _drain(story)
    finally:
        story.seats.clear()
    return _judge(story, round(time.perf_counter() - began, 1))


def _orders(story: Story, number: int) -> tuple[Orders, float]:
    """How the life of a number is to die; none dies any more when there have been enough kills."""
    said = said_file(story.plan.folder / "said", number)
    name = str(number) if story.goes_on else f"{LAST} {number}"
    orders = Orders(name, str(story.shop), story.url, str(story.plugins), said)
    if story.kills >= story.plan.kills:
        return orders, float("inf")
    how, length = story.dice.choice((ANY_TIME, *POINTS)), story.dice.uniform(SHORTEST, LONGEST)
    if how == ANY_TIME or story.dice.random() < 1 / 3:
        return orders, length
    nth = 1 if how in RESCUE else story.dice.randint(1, 4)
    return Orders(**asdict(orders) | {"point": how, "nth": nth}), OVERDUE


def _go_on(story: Story) -> None:
    """Kill and crash, until there has been enough of both."""
    crash_at = time.monotonic() + story.plan.every
    happens_at = time.monotonic() + HAPPENS_EVERY
    while story.goes_on:
        story.seats.fill()
        story.seats.wait(min(crash_at, happens_at))
        if happens_at <= time.monotonic():
            _happen(story)
            happens_at = time.monotonic() + HAPPENS_EVERY
        if crash_at <= time.monotonic() and story.plan.met and not _waits(story):
            crash_at = time.monotonic() + GLANCE
        elif crash_at <= time.monotonic() and story.crashes.total() < story.plan.crashes:
            _crash(story)
            crash_at = time.monotonic() + story.dice.uniform(0.5, 1.5) * story.plan.every
        elif crash_at <= time.monotonic():
            crash_at = float("inf")


def _happen(story: Story) -> None:
    """Some buy, some leave a cart, some have had enough."""
    story.happened += 1
    engine = connect(story.url)
    live_on(engine, story.plan.contacts, SystemClock(), f"{story.plan.seed} {story.happened}")
    engine.dispose()


def _crash(story: Story) -> None:
    """Crash the database and leave it down for a moment; the nodes live on."""
    kill = story.dice.random() < 0.5
    before = {life.number for life in story.seats.living}
    began = SystemClock().now()
    story.server.crash(kill=kill)
    story.crashes["SIGKILL" if kill else "immediate"] += 1
    if story.plan.met:
        _wait_until_told(story, "trouble")
    story.seats.wait(time.monotonic() + story.plan.down + story.dice.uniform(0.0, 1.0))
    story.server.start()
    story.downs.append((began, SystemClock().now()))
    if story.plan.met:
        _wait_until_told(story, "relief")
    story.outlived += len(before & {life.number for life in story.seats.living})


def _waits(story: Story) -> bool:
    """Whether every seat has a node that serves, nobody sends, and a run waits for a moment that is still to come."""
    if not all(_serves(Path(life.orders.said)) for life in story.seats.living):
        return False
    engine = sa.create_engine(story.url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        return bool(connection.execute(sa.text(_WAITING)).scalar_one())


def _serves(said: Path) -> bool:
    return said.exists() and any(line.startswith("serving ") for line in said.read_text(encoding="utf-8").splitlines())


def _wait_until_told(story: Story, what: str) -> None:
    """Wait until a node has told of trouble with the database, or that it is over."""
    deadline = time.monotonic() + PATIENCE
    while not complaints(sorted((story.plan.folder / "said").iterdir()))[0].get(what):
        assert time.monotonic() < deadline, f"no node has told of {what}"
        story.seats.wait(time.monotonic() + GLANCE)


def _drain(story: Story) -> None:
    """Let those who live now, and who follows on them, finish the work; and stop them as anybody would."""
    for life in story.seats.living:
        life.kill_at = float("inf")
    deadline = time.monotonic() + DRAINED_WITHIN
    while _left(story.url) and time.monotonic() < deadline:
        story.seats.fill()
        story.seats.wait(time.monotonic() + 1)
    story.seats.stop(signal.SIGTERM, within=10)


def _left(url: str) -> int:
    """How many runs and messages are open."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        return int(connection.execute(sa.text(_LEFT)).scalar_one())


def _judge(story: Story, seconds: float) -> Result:
    plan, past = story.plan, story.seats.past
    log = read_log(plan.log)
    engine = connect(story.url)
    verification = verify(engine, build_host(), log)
    with engine.connect() as connection:
        held = twice_held(connection)
        astray = strays(connection, plan.log, {life.orders.name: life.node for life in past})
        deaths = {life.node: life.died_at for life in past if life.node and life.was_killed}
        taken = take_overs(connection, deaths, story.downs)
    engine.dispose()
    told, wrong = complaints(sorted((plan.folder / "said").iterdir()))
    return Result(
        plan=plan,
        lives=story.seats.begun,
        kills=dict(Counter(life.orders.point or ANY_TIME for life in past if life.was_killed)),
        crashes=dict(story.crashes),
        outlived=story.outlived,
        refused=sum(life.code == DOWN_AGAIN for life in past),
        told=told,
        seconds=seconds,
        take_overs=tuple(taken),
        accepted=sum(attempt.accepted for attempts in log.values() for attempt in attempts),
        database=story.server.version(),
        twice_held=tuple(held),
        strays=tuple(astray),
        wrong_ends=tuple(_wrong_end(life) for life in past if life.code not in (0, DOWN_AGAIN, -signal.SIGKILL)),
        wrong_lines=tuple(wrong),
        unaccounted=tuple(unaccounted(story.url)),
        verification=verification,
    )


def _wrong_end(life: Life) -> str:
    return f"life {life.number} ended with {life.code}"
