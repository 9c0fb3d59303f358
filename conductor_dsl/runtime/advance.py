"""Advance: claim the runs that are due at one step and carry them to where they come to rest.

One transaction does it all: the claim, every operation up to the next wait, the intents, the history and the new
places. A pass goes through the steps in ascending order and never back (see `operate.move`), so it always ends; and
because every edge but a jump leads forward, each operation sees all of its contacts at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import sqlalchemy as sa

from conductor_dsl.program.calendar import zone_named
from conductor_dsl.program.operations import Send
from conductor_dsl.runtime.operate import operate
from conductor_dsl.runtime.operate.frame import Frame
from conductor_dsl.runtime.operate.send import place_at
from conductor_dsl.store.batches import batch
from conductor_dsl.store.runs import MOVING, claim, hold_unsettled, write_back


@dataclass(frozen=True, slots=True)
class Advanced:
    """A batch that has moved: which conversation, from which step, how many runs."""

    conversation: str
    step: str
    count: int


def advance(frame: Frame, step: int, limit: int) -> Advanced | None:
    """Move one batch from a step to where its runs come to rest; None when no run is due there."""
    loaded, place = frame.loaded, place_at(frame, step)
    count = claim_due(frame, step, limit, place=place)
    if not count:
        return None
    hold_unsettled(frame.connection, step)
    carry_on(frame if place is None else replace(frame, placed=step))
    return Advanced(loaded.flow.name, loaded.flow.steps[step].name, count)


def claim_due(
    frame: Frame,
    step: int,
    limit: int,
    only: sa.ColumnElement[bool] | None = None,
    place: sa.ColumnElement[str] | None = None,
) -> int:
    """Take runs that are due at a step into the batch, those alone that `only` describes; returns how many.

    `place` is what is to be noted of where their contacts are.
    """
    loaded = frame.loaded
    return claim(
        frame.connection,
        loaded.version_id,
        step,
        now=frame.now,
        zone=loaded.zone,
        fallback=loaded.flow.settings.zone,
        limit=limit,
        only=only,
        place=place,
    )


def carry_on(frame: Frame) -> None:
    """Carry the batch from where it stands to where its runs come to rest, and let them stand there."""
    _pass(replace(frame, zones=_mended_zones(frame)))
    write_back(frame.connection, frame.now)


def _mended_zones(frame: Frame) -> tuple[str, ...]:
    """Let the clock of the conversation count for contacts whose zone nobody knows: a step may have set any text.

    Returns the zones of the batch.
    """
    zones = set(frame.connection.scalars(sa.select(batch.c.zone).distinct()))
    unknown = [zone for zone in zones if zone_named(zone) is None]
    if unknown:
        mended = sa.update(batch).where(batch.c.zone.in_(unknown))
        frame.connection.execute(mended.values(zone=frame.loaded.flow.settings.zone))
        zones = zones.difference(unknown) | {frame.loaded.flow.settings.zone}
    return tuple(sorted(zones))


def _pass(frame: Frame) -> None:
    position, has_sent = _next_position(frame), False
    while position is not None:
        sends = isinstance(frame.loaded.program.operations[position], Send)
        if sends and has_sent:
            # A second message waits for the verdict on the first one.
            hold_unsettled(frame.connection, position)
        operate(frame, position)
        has_sent = has_sent or sends
        position = _next_position(frame)


def _next_position(frame: Frame) -> int | None:
    """The lowest step at which a run of the batch still moves."""
    lowest: int | None = frame.connection.scalar(sa.select(sa.func.min(batch.c.pos)).where(batch.c.state == MOVING))
    return lowest
