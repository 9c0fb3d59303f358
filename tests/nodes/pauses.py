"""Pairs of nodes, one of which is stopped by SIGSTOP for longer than its lease while it sends, and then goes on."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import sqlalchemy as sa

from conductor_dsl.plugin.host import build_host
from conductor_dsl.runtime.dispatch import LEASE
from conductor_dsl.runtime.verify.verify import verify
from conductor_dsl.shared.clock import Instant, SystemClock
from conductor_dsl.store.connect import connect
from tests.nodes.judge import complaints, twice_held
from tests.nodes.life import Orders
from tests.nodes.seats import Life, Seats, said_file
from tests.nodes.server import Server
from tests.nodes.texts import build, log_to_attempts, simulated_provider

ASLEEP = 1.5 * LEASE / 1000
"""Seconds that a node is stopped."""
AWAKE = 2.5
"""Seconds that a pair is left alone between two pauses, at least."""
IN_A_MOMENT = 0.5
"""Seconds within which a node is stopped once it is seen to have messages on their way."""
BATCH = 40
PER_PAUSE = 450
"""So many texts are claimed at once; and texts for each pause of a pair, so that there is always something to send."""
FAULTS = ("--fault", "slow=0.99", "--fault", "lost=0.01")
SLOW = "slow = 0.4\n"
_HELD = "SELECT count(*) FROM intent WHERE state = 'sending' AND claimed_by = :node"
_TAKEN = """
SELECT count(*) FROM hold_record
WHERE before_node = :node AND node IS NOT NULL AND node <> :node AND at BETWEEN :since AND :until
"""


@dataclass(frozen=True, slots=True)
class Plan:
    """How many pauses, in how many pairs of nodes at once, which dice, and what is left out of the engine."""

    folder: Path
    pauses: int = 4
    pairs: int = 2
    seed: int = 1
    bug: str = ""

    @property
    def log(self) -> Path:
        """The provider's own account."""
        return self.folder / "sim.log"


@dataclass(frozen=True, slots=True)
class Result:
    """What came of it; `taken_over` are pauses in which the other node took messages out of the sleeper's hands."""

    plan: Plan
    pauses: int
    taken_over: int
    messages_taken_over: int
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
        """Whether nothing was doubled or otherwise wrong."""
        return not (self.doubled or self.twice_held or self.wrong_ends or self.wrong_lines or self.broken)

    def to_json(self) -> dict[str, Any]:
        """Everything, for a file."""
        plan = asdict(self.plan) | {"folder": str(self.plan.folder)}
        return asdict(self) | {"plan": plan, "holds": self.holds}


@dataclass(slots=True)
class Pair:
    """Two nodes over a database of their own; `sleeper` is the one that is stopped, or is about to be, at `next_at`."""

    seats: Seats
    url: str
    engine: sa.Engine
    dice: Random
    next_at: float
    sleeper: Life | None = None
    stopped_at: Instant = 0
    taken: list[int] = field(default_factory=list)

    def turn(self, *, tired: bool) -> None:
        """Do what is due: see who has messages on their way, put it to sleep in the middle of that, wake it.

        If `tired` is False, nobody goes to sleep any more who is not about to.
        """
        if time.monotonic() < self.next_at:
            return
        if self.sleeper is None and not tired:
            return
        if self.sleeper is None:
            victim = self.dice.choice(self.seats.living)
            if self._count(_HELD, node=victim.node):
                self.sleeper, self.next_at = victim, time.monotonic() + self.dice.uniform(0, IN_A_MOMENT)
        elif not self.stopped_at:
            os.kill(self.sleeper.pid, signal.SIGSTOP)
            self.stopped_at, self.next_at = SystemClock().now(), time.monotonic() + ASLEEP
        else:
            self._wake(self.sleeper)

    def _wake(self, sleeper: Life) -> None:
        until = SystemClock().now()
        os.kill(sleeper.pid, signal.SIGCONT)
        self.taken.append(self._count(_TAKEN, node=sleeper.node, since=self.stopped_at, until=until))
        self.sleeper, self.stopped_at, self.next_at = None, 0, time.monotonic() + AWAKE

    def _count(self, query: str, **values: object) -> int:
        with self.engine.connect() as connection:
            return int(connection.execute(sa.text(query), values).scalar_one())


def tell_pauses(plan: Plan, server: Server) -> Result:
    """Tell the whole story, and judge it."""
    began = time.perf_counter()
    (plan.folder / "said").mkdir()
    (plan.folder / "plan.toml").write_text(SLOW)
    options = ("--seed", str(plan.seed), "--plan", str(plan.folder / "plan.toml"), *FAULTS)
    with ExitStack() as stack:
        provider = stack.enter_context(simulated_provider(plan.log, *options))
        pairs = [_pair(plan, server, provider, number) for number in range(plan.pairs)]
        for pair in pairs:
            stack.callback(pair.seats.clear)
            pair.seats.fill()
        _pause(plan, pairs)
        for pair in pairs:
            pair.seats.stop(signal.SIGTERM, within=10)
    return _judge(plan, server, pairs, round(time.perf_counter() - began, 1))


def _pair(plan: Plan, server: Server, provider: str, number: int) -> Pair:
    url, each = server.new_database(f"pair_{number}"), -(-plan.pauses // plan.pairs) * PER_PAUSE
    numbers = range(number * 100_000 + 1, number * 100_000 + 1 + each)
    shop = build(plan.folder / f"shop-{number}", url, provider, numbers, batch=BATCH)

    def orders(life: int) -> tuple[Orders, float]:
        name = number * 100 + life
        said = said_file(plan.folder / "said", name)
        return Orders(str(name), str(shop), url, "", said, bug=plan.bug), float("inf")

    engine = sa.create_engine(url, poolclass=sa.NullPool)
    return Pair(Seats(2, orders), url, engine, Random(f"{plan.seed} {number}"), time.monotonic() + AWAKE)


def _pause(plan: Plan, pairs: list[Pair]) -> None:
    """Go round the pairs until there have been enough pauses and nobody sleeps."""
    deadline = time.monotonic() + 3 * plan.pauses / plan.pairs * (ASLEEP + AWAKE) + 60
    while sum(len(pair.taken) for pair in pairs) < plan.pauses or any(pair.sleeper for pair in pairs):
        assert time.monotonic() < deadline, "the nodes have nothing to send any more"
        for pair in pairs:
            pair.turn(tired=sum(len(each.taken) + bool(each.sleeper) for each in pairs) < plan.pauses)
        pairs[0].seats.wait(time.monotonic() + 0.02)


def _judge(plan: Plan, server: Server, pairs: list[Pair], seconds: float) -> Result:
    log = log_to_attempts(plan.log)
    held: list[str] = []
    broken: Counter[str] = Counter()
    ambiguous = 0
    for number, pair in enumerate(pairs):
        engine = connect(pair.url)
        own = {key: said for key, said in log.items() if _pair_of(said[0].address) == number}
        verification = verify(engine, build_host(), own)
        broken.update({verdict.promise: verdict.broken for verdict in verification.verdicts if verdict.broken})
        ambiguous += verification.ambiguous
        with engine.connect() as connection:
            held += twice_held(connection)
        engine.dispose()
    past = [life for pair in pairs for life in pair.seats.past]
    taken = [count for pair in pairs for count in pair.taken]
    return Result(
        plan=plan,
        pauses=len(taken),
        taken_over=sum(count > 0 for count in taken),
        messages_taken_over=sum(taken),
        seconds=seconds,
        accepted=sum(attempt.accepted for attempts in log.values() for attempt in attempts),
        ambiguous=ambiguous,
        database=server.version(),
        doubled=tuple(key for key, said in log.items() if sum(attempt.accepted for attempt in said) > 1),
        twice_held=tuple(held),
        wrong_ends=tuple(f"life {life.orders.name} ended with {life.code}" for life in past if life.code),
        wrong_lines=tuple(complaints(sorted((plan.folder / "said").iterdir()))[1]),
        broken=dict(broken),
    )


def _pair_of(address: str) -> int:
    """To whose people a number belongs."""
    return (int(address.removeprefix("+1717")) - 1) // 100_000
