"""Move: go to another step, at most so often in one run."""

from __future__ import annotations

import sqlalchemy as sa

from conductor_dsl.program.operations import Move
from conductor_dsl.program.states import HistoryKind, RunState
from conductor_dsl.runtime.operate.frame import Frame
from conductor_dsl.store.batches import batch
from conductor_dsl.store.tables import history


def operate(frame: Frame, step: int, move: Move) -> None:
    """Jump; a jump back makes the run due again at once, so that every pass goes forward only and ends."""
    frame.decide(step, sa.case((_used_up(frame, step, move), "on"), else_="jump"))
    jumping = sa.and_(frame.standing_at(step), batch.c.verdict == "jump")
    frame.record(step, HistoryKind.MOVED, jumping)
    values: dict[str, object] = {"visit": batch.c.visit + 1, "pos": move.target}
    if move.target <= step:
        values |= {"state": RunState.ACTIVE, "due_at": frame.now}
    staying = sa.and_(frame.standing_at(step), batch.c.verdict == "on")
    frame.connection.execute(sa.update(batch).where(jumping).values(values))
    onward = {"pos": move.next} if move.next is not None else {"state": RunState.COMPLETED, "reason": "limit of goto"}
    frame.connection.execute(sa.update(batch).where(staying).values(onward))


def _used_up(frame: Frame, step: int, move: Move) -> sa.ColumnElement[bool]:
    if move.limit is None:
        return sa.false()
    jumps = sa.select(sa.func.count()).where(
        history.c.contact_id == batch.c.contact_id,
        history.c.conversation_id == frame.loaded.conversation_id,
        history.c.entry_no == batch.c.entry_no,
        history.c.step == step,
        history.c.kind == HistoryKind.MOVED,
    )
    return jumps.scalar_subquery() >= move.limit
