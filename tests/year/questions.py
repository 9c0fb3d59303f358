"""What is asked of a database that holds a year: how long each answer takes, and by which way it is found."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any

import sqlalchemy as sa

from conductor_dsl.runtime.agenda import read_agenda
from conductor_dsl.runtime.contact_file import contact_to_file
from conductor_dsl.runtime.node import Node
from conductor_dsl.shared.clock import DAY
from conductor_dsl.store.connect import reading
from conductor_dsl.store.intents import Lease, claim_ready
from conductor_dsl.store.notices import occurrences
from conductor_dsl.store.runs import claim
from conductor_dsl.store.summaries import run_counts, standing_counts, step_counts
from tests.bench.shop import NOW, WAIT
from tests.year.make_year import LETTER

BATCH = 10_000
Question = Callable[[sa.Connection], object]


@dataclass(frozen=True, slots=True)
class Answered:
    """How long an answer took, in milliseconds, each time; the large tables that were read as a whole for it."""

    name: str
    times: tuple[float, ...]
    scanned: frozenset[str]

    @property
    def median(self) -> float:
        """The median of the times."""
        return median(self.times)


def keyed(node: Node, contact_id: int) -> Mapping[str, Question]:
    """The questions that must not depend on how much history there is."""
    with reading(node.engine) as connection:
        programs = node.shelf.programs(connection)
    now, lease = NOW + WAIT, Lease("n", NOW + WAIT + 12_000)
    return {
        "contact show": lambda connection: contact_to_file(connection, programs, contact_id, NOW),
        "what a node has to do": lambda connection: read_agenda(connection, programs),
        "claim 10,000 runs": lambda connection: claim(
            connection, 1, LETTER, now=now, zone=None, fallback="UTC", limit=BATCH
        ),
        "claim messages": lambda connection: claim_ready(connection, lease=lease, now=now, limit=BATCH),
        "the digest of a day": lambda connection: occurrences(connection, NOW - DAY, NOW),
    }


def summed(_node: Node) -> Mapping[str, Question]:
    """The questions that count everything there is."""
    return {
        "status: messages and history by step": lambda connection: step_counts(connection, 1),
        "status: runs by state": lambda connection: run_counts(connection, 1),
        "picture: who stands where": lambda connection: standing_counts(connection, 1),
    }


def ask(engine: sa.Engine, name: str, question: Question, times: int) -> Answered:
    """Ask so often, each time in a transaction of its own that is rolled back."""
    taken = []
    with _heard(engine) as statements:
        for _ in range(times):
            with engine.connect() as connection, connection.begin() as transaction:
                start = time.perf_counter()
                question(connection)
                taken.append(1_000 * (time.perf_counter() - start))
                transaction.rollback()
    scanned = {table for words, parameters in statements.items() for table in scans(engine, words, parameters)}
    return Answered(name, tuple(taken), frozenset(scanned))


CHEAP = 10.0
"""The cost, in PostgreSQL's measure, of reading a hundred pages, as our sessions set it."""
LARGE = ("run", "intent", "history", "event")


def scans(engine: sa.Engine, words: str, parameters: Any) -> set[str]:
    """The large tables that a statement reads from one end to the other."""
    explain = "EXPLAIN QUERY PLAN " if engine.dialect.name == "sqlite" else "EXPLAIN "
    with engine.connect() as connection, connection.begin() as transaction:
        plan = [str(row[-1]) for row in connection.exec_driver_sql(explain + words, parameters)]
        transaction.rollback()
    return {table for table in LARGE for line in plan if _is_scan(line, table)}


def _is_scan(line: str, table: str) -> bool:
    """Whether a line of a plan reads a table as a whole; one of some pages is read so rightly."""
    found = re.search(r"Seq Scan on (\w+).*cost=[\d.]+\.\.([\d.]+)", line)
    if found:
        is_part = re.fullmatch(rf"{table}(_\d{{4}}_\d{{2}}|_rest)?", found[1]) is not None
        return is_part and float(found[2]) > CHEAP
    # SQLite may go through a table in the order of its key, where the rows do not lie in it: it reads them all as well.
    return line.split()[:2] == ["SCAN", table] and ("USING" not in line or "sqlite_autoindex" in line)


@contextmanager
def _heard(engine: sa.Engine) -> Iterator[dict[str, Any]]:
    """The statements that are executed meanwhile, with the parameters of one time."""
    heard: dict[str, Any] = {}

    def hear(_c: object, _cursor: object, words: str, parameters: Any, *_: object) -> None:
        if words.lstrip().upper().startswith(("SELECT", "WITH", "INSERT", "UPDATE", "DELETE")):
            heard[words] = parameters

    sa.event.listen(engine, "before_cursor_execute", hear)
    try:
        yield heard
    finally:
        sa.event.remove(engine, "before_cursor_execute", hear)
