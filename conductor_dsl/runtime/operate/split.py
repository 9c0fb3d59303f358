"""Split and holdout: each contact goes the way that its bucket draws, the same one every time."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from conductor_dsl.program.operations import HELD_OUT, Holdout, Split
from conductor_dsl.program.states import HistoryKind, RunState
from conductor_dsl.runtime.operate.frame import Frame
from conductor_dsl.shared.draw import Draw, bounds, holdout_draw, split_draw
from conductor_dsl.store.batches import batch
from conductor_dsl.store.runs import END_OF_CHAIN
from conductor_dsl.store.tables import contact

INSIDE = "inside"


def operate(frame: Frame, step: int, split: Split) -> None:
    """Send everybody at the step down one of the arms, and write down which."""
    names, shares, targets = zip(*split.arms, strict=True)
    ends = dict(zip(names, bounds(shares), strict=True))
    frame.decide(step, _drawn(split_draw(frame.loaded.flow.name, split.name), ends))
    frame.record(step, HistoryKind.SPLIT, frame.standing_at(step), batch.c.verdict)
    routes = dict(zip(names, targets, strict=True))
    frame.route(step, routes, ended=RunState.COMPLETED, reason=END_OF_CHAIN)


def hold_out(frame: Frame, step: int, holdout: Holdout) -> None:
    """End the runs of those who belong to the group that gets nothing; the others go on."""
    draw = holdout_draw(frame.loaded.flow.name, holdout.name)
    frame.decide(step, _drawn(draw, {HELD_OUT: holdout.share, INSIDE: None}))
    kept_out = sa.and_(frame.standing_at(step), batch.c.verdict == HELD_OUT)
    frame.record(step, HistoryKind.HELD_OUT, kept_out, holdout.name)
    frame.route(step, {HELD_OUT: None}, ended=RunState.EXITED)
    frame.route(step, {INSIDE: holdout.next}, ended=RunState.COMPLETED, reason=END_OF_CHAIN)


def _drawn(draw: Draw, ends: Mapping[str, int | None]) -> sa.ColumnElement[str]:
    """The way of each contact; `ends` says below which point each one ends, and the last takes the rest."""
    point = draw.point(sa.cast(contact.c.bucket, sa.BigInteger))
    *first, last = ends
    return sa.case(*((point < ends[name], name) for name in first), else_=last) if first else sa.literal(last)
