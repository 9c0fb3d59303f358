"""How many bytes does a contact take, and a run of the winback, by table and index?

    python -m tests.bench.size [--scale 0.1]

Everybody goes through the winback again and again, a hundred days apart. On PostgreSQL dead rows are made free in
between, as autovacuum does, which itself is off: a round in the middle of which it comes is smaller, and the next one
seems the larger for it. What the database has grown by in the last round is what a run takes; a first run takes
more there, for nothing is free yet.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from conductor_dsl.runtime.node import Node
from conductor_dsl.shared.clock import DAY, VirtualClock
from conductor_dsl.store.connect import reading
from conductor_dsl.store.sizes import DatabaseSize, database_size
from conductor_dsl.store.tables import audience, run, thread
from tests.bench.by_engine import open_node
from tests.bench.figures import Answer, Figure, Goal
from tests.bench.rounds import Bench
from tests.bench.shop import WAIT

_PLAIN_TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
LIMIT = 1_000
"""Bytes for each run of a contact."""
TIMES = 3
"""How often everybody goes through."""
APART = 100 * DAY


def ask(bench: Bench) -> Iterator[Answer]:
    """An answer for each database."""
    contacts = bench.scaled(50_000, 1_000_000)
    for stage in bench.stages.values():
        url = stage.copy(stage.make("tests.bench.data", {"contacts": contacts, "seed": bench.seed}))
        node = open_node(url)
        _turn_autovacuum_off(node.engine)
        sizes, runs = [_size(node.engine)], []
        for _ in range(TIMES):
            runs.append(_play(node))
            sizes.append(_size(node.engine))
            _clean(node.engine)
        node.close()
        per_run = (_grown(sizes[-2], sizes[-1], runs[-1]), _grown(sizes[0], sizes[1], runs[0]))
        figures = [
            Figure("a contact", [sizes[0].bytes / contacts], "B"),
            Figure("a run of a contact", [sum(per_run[0].values())], "B", Goal(LIMIT + 1, at_least=False)),
            Figure("a first run", [sum(per_run[1].values())], "B"),
        ]
        remarks = [f"    {name:<22} {size:8,.0f} B a run" for name, size in per_run[0].items() if size >= 1]
        yield Answer(f"The size of the winback on {stage.name}, {contacts:,} contacts", figures, (), remarks=remarks)


def _play(node: Node) -> int:
    """Let everybody through once more; how many runs that were."""
    clock = node.clock
    assert isinstance(clock, VirtualClock)
    _let_in_again(node.engine, clock)
    start, before = clock.now(), _count(node.engine)
    due = node.run_due()
    while due is not None and due <= start + WAIT + DAY:
        clock.move_to(due)
        due = node.run_due()
    clock.move_to(start + APART)
    return _count(node.engine) - before


def _let_in_again(engine: sa.Engine, clock: VirtualClock) -> None:
    """As if everybody had come back meanwhile, and had left again."""
    with engine.begin() as connection:
        connection.execute(sa.delete(audience))
        connection.execute(sa.update(thread).values(looked_at=None, next_check_at=clock.now()))


def _count(engine: sa.Engine) -> int:
    with reading(engine) as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(run)) or 0


def _size(engine: sa.Engine) -> DatabaseSize:
    with reading(engine) as connection:
        return database_size(connection)


def _turn_autovacuum_off(engine: sa.Engine) -> None:
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            for name in connection.scalars(sa.text(_PLAIN_TABLES)).all():
                connection.exec_driver_sql(f'ALTER TABLE "{name}" SET (autovacuum_enabled = false)')


def _clean(engine: sa.Engine) -> None:
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


def _grown(before: DatabaseSize, after: DatabaseSize, runs: int) -> Mapping[str, float]:
    """By how many bytes a run each table and index has grown, the largest first."""
    old = _parts(before)
    grown = {name: (size - old.get(name, 0)) / runs for name, size in _parts(after).items()}
    return dict(sorted(grown.items(), key=lambda item: -item[1]))


def _parts(size: DatabaseSize) -> dict[str, Any]:
    return {table.name: table.bytes for table in size.tables} | {
        name: bytes_ for table in size.tables for name, bytes_ in table.indexes.items()
    }


if __name__ == "__main__":
    from tests.bench.__main__ import main

    sys.argv[1:1] = ["size"]
    sys.exit(main())
