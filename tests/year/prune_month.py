"""Deleting the oldest month of a year: how long it takes, and for how long at most it keeps others waiting."""

from __future__ import annotations

import time
from dataclasses import dataclass

import sqlalchemy as sa

from conductor_dsl.runtime.node import Node
from conductor_dsl.runtime.plan_pruning import Plan
from conductor_dsl.runtime.prune import begin, prune_batch
from conductor_dsl.shared.clock import DAY
from conductor_dsl.store.prune import Deleted, Kept
from conductor_dsl.store.retention_tables import PAST
from tests.bench.shop import NOW
from tests.year.make_year import LONGEST_AGO

MONTH = 31 * DAY


@dataclass(frozen=True, slots=True)
class PrunedMonth:
    """What was deleted, in how many seconds; for how many milliseconds at most others were kept waiting.

    That is a transaction that deletes rows; of one that drops a month, the time from taking it out of the history on.
    """

    deleted: Deleted
    seconds: float
    longest: float


def prune_month(node: Node) -> PrunedMonth:
    """Delete what ended in the first month, and say how long that took."""
    plan = Plan({PAST: NOW - LONGEST_AGO + MONTH}, Kept())
    deleted, longest, start = Deleted(), 0.0, time.perf_counter()
    began = [0.0]

    def note_begin(_: sa.Connection) -> None:
        began[0] = time.perf_counter()

    def note_lock(_c: object, _cursor: object, words: str, *_: object) -> None:
        if words.startswith("ALTER TABLE history DETACH"):
            began[0] = time.perf_counter()

    def note_end(connection: sa.Connection) -> None:
        nonlocal longest
        if not connection.get_execution_options().get("conductor_read_only"):
            longest = max(longest, time.perf_counter() - began[0])

    sa.event.listen(node.engine, "begin", note_begin)
    sa.event.listen(node.engine, "before_cursor_execute", note_lock)
    sa.event.listen(node.engine, "commit", note_end)
    begin(node.engine, PAST, plan)
    is_last = False
    while not is_last:
        batch = prune_batch(node.engine, PAST, plan)
        deleted, is_last = deleted + batch.deleted, batch.is_last
    sa.event.remove(node.engine, "begin", note_begin)
    sa.event.remove(node.engine, "before_cursor_execute", note_lock)
    sa.event.remove(node.engine, "commit", note_end)
    return PrunedMonth(deleted, time.perf_counter() - start, 1_000 * longest)
