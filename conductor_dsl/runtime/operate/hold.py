"""Hold: wait until an instant, computed once for each zone of the batch, and for each date that somebody waits for."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from conductor_dsl.program.operations import Hold
from conductor_dsl.program.states import HistoryKind, RunState
from conductor_dsl.runtime.operate.frame import Frame
from conductor_dsl.shared.clock import Instant
from conductor_dsl.shared.duration import Duration
from conductor_dsl.shared.moments import Anchor, next_of_month, next_weekday, text_to_base
from conductor_dsl.shared.wall_clock import next_wall_clock, window_at
from conductor_dsl.store.batches import batch, fill, moment

OVER = "the date is over"
MISSING = "there is no date"
SKIP, NEXT_YEAR = "skip", "next_year"


def operate(frame: Frame, step: int, hold: Hold) -> None:
    """Park the batch at the step after the wait; for whom the moment is over goes the way of `if_past`."""
    if hold.next is None:
        frame.advance(step, None)
        return
    fill(frame.connection, moment, _ends(frame, step, hold))
    is_ahead = moment.c.at > frame.now if hold.until_window else moment.c.at >= frame.now
    ahead = sa.and_(_own_moment(hold), is_ahead)
    waiting = sa.exists().where(ahead) if hold.may_be_past else sa.true()
    frame.record(step, HistoryKind.WAITING, sa.and_(frame.standing_at(step), waiting))
    parked = sa.update(batch).where(frame.standing_at(step), ahead)
    frame.connection.execute(parked.values(pos=hold.next, state=RunState.ACTIVE, due_at=moment.c.at))
    if hold.may_be_past:
        _go_on(frame, step, hold)


def end_of_wait(hold: Hold, now: Instant, zone: str) -> Instant:
    """When a wait that begins now, and is the same for everybody in a zone, ends."""
    if hold.until_window:
        return window_at(now, hold.opens, hold.closes, zone)[0] if hold.opens and hold.closes else now
    if hold.date is not None:
        return _end(hold, Anchor(date.fromisoformat(hold.date), (), hold.clock), now, zone)
    if hold.weekday is not None and hold.ordinal is not None:
        return next_of_month(now, hold.ordinal, hold.weekday, hold.clock, zone)
    if hold.weekday is not None:
        return next_weekday(now, hold.weekday, hold.clock, zone)
    if hold.clock is not None:
        return next_wall_clock(now, hold.clock, zone)
    return Duration.parse(str(hold.duration)).after(now, zone)


def _ends(frame: Frame, step: int, hold: Hold) -> list[tuple[object, ...]]:
    """(zone, value, when the wait ends): the verdict of each row becomes the value by which it waits."""
    if hold.moment is None:
        return [(zone, "", end_of_wait(hold, frame.now, zone)) for zone in frame.zones]
    frame.decide(step, sa.func.coalesce(sa.cast(frame.value(hold.moment), sa.Text), ""))
    pairs = sa.select(batch.c.zone, batch.c.verdict).where(frame.standing_at(step)).distinct()
    return [(*row, _end_for(hold, row.verdict, frame.now, row.zone)) for row in frame.connection.execute(pairs)]


def _end_for(hold: Hold, value: str, now: Instant, zone: str) -> Instant | None:
    base = text_to_base(value)
    return None if base is None else _end(hold, Anchor(base, hold.shifts, hold.clock), now, zone)


def _end(hold: Hold, anchor: Anchor, now: Instant, zone: str) -> Instant:
    return anchor.in_a_coming_year(now, zone) if hold.if_past == NEXT_YEAR else anchor.moment(now, zone)


def _own_moment(hold: Hold) -> sa.ColumnElement[bool]:
    """The row of `moment` that belongs to a row of the batch."""
    same_zone = moment.c.zone == batch.c.zone
    return same_zone if hold.moment is None else sa.and_(same_zone, moment.c.value == batch.c.verdict)


def _go_on(frame: Frame, step: int, hold: Hold) -> None:
    """Let those who do not wait go on, or end their runs."""
    if hold.if_past == SKIP:
        frame.advance(step, hold.next)
        return
    own = sa.select(moment.c.at).where(_own_moment(hold)).scalar_subquery()
    ended = sa.update(batch).where(frame.standing_at(step))
    frame.connection.execute(ended.values(state=RunState.EXITED, reason=sa.case((own.is_(None), MISSING), else_=OVER)))
