"""Gate: a condition decides where each contact goes on."""

from __future__ import annotations

import sqlalchemy as sa

from conductor_dsl.program.operations import Gate
from conductor_dsl.program.states import RunState
from conductor_dsl.runtime.operate.frame import Frame


def operate(frame: Frame, step: int, gate: Gate) -> None:
    """Let through those for whom the condition holds, as of now."""
    frame.decide(step, sa.case((frame.condition(gate.condition), "yes"), else_="no"))
    frame.route(step, {"yes": gate.yes, "no": gate.no}, ended=RunState.EXITED, reason=gate.reason)
