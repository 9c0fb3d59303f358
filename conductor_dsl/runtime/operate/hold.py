"""Hold: wait until an instant, computed once for each zone of the batch."""

from __future__ import annotations

import sqlalchemy as sa

from conductor_dsl.program.operations import Hold
from conductor_dsl.program.states import HistoryKind, RunState
from conductor_dsl.runtime.operate.frame import Frame
from conductor_dsl.shared.clock import Instant
from conductor_dsl.shared.duration import Duration
from conductor_dsl.shared.wall_clock import next_wall_clock
from conductor_dsl.store.batches import batch, fill, zone_time


def operate(frame: Frame, step: int, hold: Hold) -> None:
    """Park the batch at the step after the wait."""
    if hold.next is None:
        frame.advance(step, None)
        return
    ends = [(zone, end, end) for zone in frame.zones(step) for end in [end_of_wait(hold, frame.now, zone)]]
    fill(frame.connection, zone_time, ends)
    frame.record(step, HistoryKind.WAITING, frame.standing_at(step))
    parked = sa.update(batch).where(frame.standing_at(step), zone_time.c.zone == batch.c.zone)
    frame.connection.execute(parked.values(pos=hold.next, state=RunState.ACTIVE, due_at=zone_time.c.at))


def end_of_wait(hold: Hold, now: Instant, zone: str) -> Instant:
    """When a wait that begins now ends, in a zone."""
    if hold.clock is not None:
        return next_wall_clock(now, hold.clock, zone)
    return Duration.parse(str(hold.duration)).after(now, zone)
