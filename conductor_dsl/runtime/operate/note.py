"""Note: the staff is to hear, with the next digest, how many contacts came by."""

from __future__ import annotations

from conductor_dsl.program.operations import Note
from conductor_dsl.program.states import HistoryKind
from conductor_dsl.runtime.operate.frame import Frame


def operate(frame: Frame, step: int, note: Note) -> None:
    """Write it down for each contact; the digest counts."""
    frame.record(step, HistoryKind.NOTED, frame.standing_at(step), note.text)
    frame.advance(step, note.next)
