"""Stop: the run has come to its end."""

from __future__ import annotations

import sqlalchemy as sa

from conductor_dsl.program.operations import Stop
from conductor_dsl.program.states import RunState
from conductor_dsl.runtime.operate.frame import Frame
from conductor_dsl.store.batches import batch


def operate(frame: Frame, step: int, stop: Stop) -> None:
    """Complete the runs that stand at the step."""
    completed = sa.update(batch).where(frame.standing_at(step))
    frame.connection.execute(completed.values(state=RunState.COMPLETED, reason=stop.reason))
