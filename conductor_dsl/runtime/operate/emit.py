"""Emit: an event of the project happens to each contact."""

from __future__ import annotations

from conductor_dsl.program.operations import Emit
from conductor_dsl.runtime.expression_to_json import payload_to_json
from conductor_dsl.runtime.operate.frame import Frame
from conductor_dsl.runtime.operate.happen import happen


def operate(frame: Frame, step: int, emit: Emit) -> None:
    """Let it happen, once for each visit of the step; it takes its effect when the pass is over."""
    happen(frame, step, emit.event, payload_to_json(emit.payload, frame.facts()))
    frame.advance(step, emit.next)
