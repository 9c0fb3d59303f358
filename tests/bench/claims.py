"""How long does a node take to claim a batch, of 100,000 runs that are due among 1,000,000 that are not?

Each claim is a transaction: the claim, which is timed, and what takes the runs out of the index. By hand it is the same
query, straight at the driver, into a list.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from conductor_dsl.store.batches import batch, led_by
from conductor_dsl.store.connect import connect
from conductor_dsl.store.runs import claim
from conductor_dsl.store.tables import run
from tests.bench.by_hand import EMAIL
from tests.bench.figures import Answer, Figure, Goal, Sample, told
from tests.bench.parked import due_at
from tests.bench.rounds import Bench, Player, play_rounds
from tests.bench.worker import Done, Play

PARKED, DUE = 1_000_000, 100_000
SIZES = (1_000, 10_000)
LIMIT_MS = 20
_BY_HAND = """
SELECT contact_id, zone FROM by_hand_run JOIN contact ON contact.id = contact_id
WHERE step = {step} AND due_at <= {now} ORDER BY due_at LIMIT {limit} {lock}
"""


def ask(bench: Bench) -> Iterator[Answer]:
    """An answer for each database and size of a batch."""
    parked, due = bench.scaled(PARKED, PARKED), bench.scaled(DUE, DUE)
    for stage in bench.stages.values():
        url = stage.make("tests.bench.parked", {"contacts": parked, "due": due, "rounds": 1})
        for size in SIZES:
            options = {"limit": min(size, due)}
            players = [
                Player("by hand", "claims:prepare_by_hand", url, parked, options),
                Player("engine", "claims", url, parked, options),
            ]
            samples = list(play_rounds(bench, stage, players))
            question = f"Claims of {size:,}, of {due:,} that are due among {parked:,} parked, on {stage.name}"
            yield Answer(question, _figures(samples), samples, "runs")


def _figures(samples: list[Sample]) -> list[Figure]:
    figures = []
    for name, goal in (("p50", None), ("p99", Goal(LIMIT_MS, at_least=False))):
        ours, by_hand = told(samples, "engine", name), told(samples, "by hand", name)
        figures.append(Figure(f"a claim, {name}", ours, "ms", goal))
        times = [one / other for one, other in zip(ours, by_hand, strict=True)]
        figures.append(Figure(f"a claim, {name}: engine / by hand", times, "times as long"))
    return figures


def prepare(url: str, options: Mapping[str, Any]) -> Play:
    """The claims of the engine."""
    engine = connect(url)
    with engine.connect() as connection:
        waiting = sa.select(run.c.version_id, run.c.step).where(run.c.due_at.is_not(None)).limit(1)
        version, step = connection.execute(waiting).one()

    def take(connection: sa.Connection) -> int:
        now, limit = due_at(0), int(options["limit"])
        return claim(connection, version, step, now=now, zone=None, fallback="America/New_York", limit=limit)

    def put_away(connection: sa.Connection) -> None:
        same = run.c.contact_id == led_by(batch.c.contact_id)
        taken = sa.update(run).where(same, run.c.entry_no == batch.c.entry_no)
        connection.execute(taken.values(due_at=None))

    return lambda: _claims(engine, take, put_away)


def prepare_by_hand(url: str, options: Mapping[str, Any]) -> Play:
    """The same by hand."""
    engine, taken = connect(url), list[int]()
    lock = "FOR UPDATE SKIP LOCKED" if engine.dialect.name == "postgresql" else ""
    query = _BY_HAND.format(step=EMAIL, now=due_at(0), limit=options["limit"], lock=lock)

    def take(connection: sa.Connection) -> int:
        cursor = connection.connection.cursor()
        cursor.execute(query)
        taken[:] = [row[0] for row in cursor.fetchall()]
        return len(taken)

    def put_away(connection: sa.Connection) -> None:
        for first in range(0, len(taken), 500):
            some = ", ".join(map(str, taken[first : first + 500]))
            connection.exec_driver_sql(f"UPDATE by_hand_run SET due_at = NULL WHERE contact_id IN ({some})")

    return lambda: _claims(engine, take, put_away)


def _claims(engine: sa.Engine, take: Callable[[sa.Connection], int], put_away: Callable[[sa.Connection], None]) -> Done:
    """Claim until nothing is due."""
    took: list[float] = []
    units = 0
    while True:
        with engine.begin() as connection:
            started = time.perf_counter()
            count = take(connection)
            seconds = time.perf_counter() - started
            if not count:
                break
            put_away(connection)
        took.append(seconds * 1000)
        units += count
    took.sort()
    return Done(units, {"p50": took[len(took) // 2], "p99": took[min(len(took) * 99 // 100, len(took) - 1)]})
