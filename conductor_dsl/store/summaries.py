"""Counts for people: what became of the runs of a conversation, and of the messages of each step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from conductor_dsl.program.operations import HELD_OUT, NO_MATCH
from conductor_dsl.program.states import AWAITING, HistoryKind, RunState
from conductor_dsl.store.retention_tables import tally
from conductor_dsl.store.tables import history, intent, run


@dataclass(frozen=True, slots=True)
class StepCount:
    """How often something happened at a step: a state of its messages, or a kind of history; `reason` says why."""

    step: int
    what: str
    reason: str | None
    count: int


@dataclass(frozen=True, slots=True)
class RunCount:
    """How many runs are in a state; `reason` says why they ended, `step` where, for those kept out or waiting there."""

    state: str
    reason: str | None
    step: int | None
    count: int


def step_counts(connection: sa.Connection, conversation_id: int) -> list[StepCount]:
    """What happened at every step, by step; reads all of the conversation's messages and history.

    What has been deleted since is counted, too.
    """
    sent = sa.select(intent.c.step, intent.c.state, intent.c.reason, sa.func.count())
    sent = sent.where(intent.c.conversation_id == conversation_id)
    sent = sent.group_by(intent.c.step, intent.c.state, intent.c.reason)
    told = sa.select(history.c.step, history.c.kind, history.c.reason, sa.func.count())
    told = told.where(history.c.conversation_id == conversation_id, history.c.kind != HistoryKind.MOVED)
    told = told.group_by(history.c.step, history.c.kind, history.c.reason)
    before = _tallied(connection, conversation_id, intent, history)
    rows = _summed([*connection.execute(sent), *connection.execute(told), *before])
    return sorted((StepCount(*row) for row in rows), key=lambda count: (count.step, -count.count))


def run_counts(connection: sa.Connection, conversation_id: int) -> list[RunCount]:
    """How many runs are active, waiting for an event, held, completed and exited, and why, the largest first.

    Those that have been deleted since are counted, too.
    """
    awaiting = sa.and_(run.c.state == RunState.ACTIVE, run.c.awaits.is_not(None))
    state = sa.case((awaiting, AWAITING), else_=run.c.state).label("stands")
    place = sa.case((sa.or_(awaiting, run.c.reason.in_([NO_MATCH, HELD_OUT])), run.c.step)).label("place")
    counted = sa.select(state, run.c.reason, place, sa.func.count().label("count"))
    counted = counted.where(run.c.conversation_id == conversation_id).group_by(state, run.c.reason, place)
    before = _tallied(connection, conversation_id, run)
    gone = [(state, reason, None if step < 0 else step, count) for step, state, reason, count in before]
    rows = _summed([*connection.execute(counted), *gone])
    return sorted((RunCount(*row) for row in rows), key=lambda each: -each.count)


def standing_counts(connection: sa.Connection, version_id: int) -> dict[int, int]:
    """How many runs of a version are under way at each step: waiting to go on there, or held."""
    standing = sa.select(run.c.step, sa.func.count()).where(run.c.version_id == version_id, run.c.ended_at.is_(None))
    return {row[0]: row[1] for row in connection.execute(standing.group_by(run.c.step))}


def _tallied(connection: sa.Connection, conversation_id: int, *subjects: sa.Table) -> list[tuple[Any, ...]]:
    """(step, what, reason, count) of what has been deleted of these tables."""
    counted = sa.select(tally.c.step, tally.c.what, sa.func.nullif(tally.c.reason, ""), tally.c["count"])
    of = tally.c.subject.in_([table.name for table in subjects])
    return [tuple(row) for row in connection.execute(counted.where(tally.c.conversation_id == conversation_id, of))]


def _summed(rows: Iterable[Sequence[Any]]) -> list[tuple[Any, ...]]:
    """Rows that end in a count, those that are alike but for it added up."""
    sums: Counter[tuple[Any, ...]] = Counter()
    for *told, count in rows:
        sums[tuple(told)] += count
    return [(*told, count) for told, count in sums.items()]
