"""Does a look at a standing audience cost by those who cross, or by all?

Looks in which nobody, 1,000, nobody, 100,000 and nobody cross, in a shop and in one ten times as large; beside them the
same by hand: a range of the index of the last order, and a run for each.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from conductor_dsl.runtime.audience import look_due
from conductor_dsl.shared.clock import DAY, VirtualClock
from conductor_dsl.store.connect import connect
from conductor_dsl.store.tables import thread
from tests.bench.by_engine import open_node
from tests.bench.by_hand import SMS
from tests.bench.data import put_rows
from tests.bench.figures import Answer, Figure, Goal, Sample, told
from tests.bench.parked import CROSS_AT, CROSSING
from tests.bench.rounds import Bench, Player, play_rounds
from tests.bench.shop import BATCH, QUIET
from tests.bench.worker import Done, Play

FLAT = 2.0
"""How many times as long a look may take among ten times as many people, when as many cross, as noise goes."""
FEW, MANY = 1_000, 100_000


def ask(bench: Bench) -> Iterator[Answer]:
    """An answer for each database."""
    large = bench.scaled(500_000, 5_000_000)
    for stage in bench.stages.values():
        players = []
        for contacts in (large // 10, large):
            bench.say(f"{stage.name}: making an audience of {contacts:,}")
            url = stage.make("tests.bench.parked", {"contacts": contacts, "due": 0, "crossing": True})
            players += [Player("by hand", "crossing:prepare_by_hand", url, contacts)]
            players += [Player("engine", "crossing", url, contacts)]
        samples = list(play_rounds(bench, stage, players))
        question = f"Looks at a standing audience of {large:,} on {stage.name}"
        yield Answer(question, _figures(samples, large), samples, "crossings")


def _figures(samples: list[Sample], large: int) -> list[Figure]:
    there = [sample for sample in samples if sample.size == large]
    smaller = [sample for sample in samples if sample.size != large]
    figures = [
        Figure(f"a look in which {count:,} cross", told(there, "engine", str(count)), "ms") for count in (0, FEW, MANY)
    ]
    for count in (0, FEW, MANY):
        pairs = zip(told(there, "engine", str(count)), told(smaller, "engine", str(count)), strict=True)
        what = f"a look in which {count:,} cross: among {large:,} people / among {large // 10:,}"
        goal = Goal(FLAT, at_least=False) if count else None
        figures.append(Figure(what, [one / other for one, other in pairs], "", goal))
    pairs = zip(told(there, "engine", str(MANY)), told(there, "by hand", str(MANY)), strict=True)
    what = f"a look in which {MANY:,} cross: engine / by hand"
    return [*figures, Figure(what, [one / other for one, other in pairs], "times as long")]


def prepare(url: str, _options: Mapping[str, Any]) -> Play:
    """The looks of the engine."""
    node = open_node(url)
    with node.engine.connect() as connection:
        programs = node.shelf.programs(connection)
    assert isinstance(node.clock, VirtualClock)
    clock = node.clock

    def look(number: int) -> int:
        clock.move_to(CROSS_AT[number])
        with node.engine.begin() as connection:
            connection.execute(sa.update(thread).values(next_check_at=CROSS_AT[number]))
        looked = look_due(node.engine, programs, clock, BATCH)
        assert looked is not None
        return looked.count

    return lambda: _looks(look)


def prepare_by_hand(url: str, _options: Mapping[str, Any]) -> Play:
    """The same by hand."""
    engine = connect(url)

    def look(number: int) -> int:
        before, now = CROSS_AT[number] - 10 * DAY - QUIET, CROSS_AT[number] - QUIET
        query = f"SELECT id FROM contact WHERE last_order_at > {before} AND last_order_at <= {now}"
        with engine.begin() as connection:
            ids = [row[0] for row in connection.exec_driver_sql(query)]
            if ids:
                rows = ((id_, SMS, CROSS_AT[number]) for id_ in ids)
                put_rows(connection, "by_hand_run", ("contact_id", "step", "due_at"), rows)
        return len(ids)

    return lambda: _looks(look)


def _looks(look: Callable[[int], int]) -> Done:
    """Look so often as people cross; the milliseconds by how many crossed, the last time that so many did."""
    took: dict[str, float] = {}
    for number, count in enumerate(CROSSING):
        started = time.perf_counter()
        entered = look(number)
        took[str(count)] = (time.perf_counter() - started) * 1000
        assert entered == count, (number, entered, count)
    return Done(sum(CROSSING), took)
