"""Call: runs come to rest where the function of a plugin is to be called; that is done in no transaction."""

from __future__ import annotations

import sqlalchemy as sa

from conductor_dsl.program.operations import Call
from conductor_dsl.program.states import RunState
from conductor_dsl.runtime.operate.frame import Frame
from conductor_dsl.store.batches import batch


def operate(frame: Frame, step: int, _call: Call) -> None:
    """Let the runs be due here as they were due before: a message behind the call is as late as one before it."""
    resting = sa.update(batch).where(frame.standing_at(step))
    frame.connection.execute(resting.values(state=RunState.ACTIVE, due_at=batch.c.was_due))
