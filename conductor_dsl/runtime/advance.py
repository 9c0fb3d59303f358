"""Advance: claim the runs that are due at one step and carry them to where they come to rest.

One transaction does it all: the claim, every operation up to the next wait, the intents, the history and the new
places. A pass goes through the steps in ascending order and never back (see `operate.move`), so it always ends; and
because every edge but a jump leads forward, each operation sees all of its contacts at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import sqlalchemy as sa

from conductor_dsl.program.calendar import zone_named
from conductor_dsl.program.operations import Send
from conductor_dsl.runtime.operate import operate
from conductor_dsl.runtime.operate.frame import Frame
from conductor_dsl.runtime.operate.send import notes_at
from conductor_dsl.store.batches import batch
from conductor_dsl.store.runs import MOVING, NO_NOTES, claim, hold_unsettled, write_back


@dataclass(frozen=True, slots=True)
class Advanced:
    """A batch that has moved: which conversation, from which step, how many runs."""

    conversation: str
    step: str
    count: int


def advance(frame: Frame, step: int, limit: int) -> Advanced | None:
    """Move one batch from a step to where its runs come to rest; None when no run is due there."""
    loaded, notes = frame.loaded, notes_at(frame, step)
    count = claim_due(frame, step, limit, notes=notes)
    if not count:
        return None
    hold_unsettled(frame.connection, step)
    carry_on(replace(frame, noted=step) if notes else frame)
    return Advanced(loaded.flow.name, loaded.flow.steps[step].name, count)


def claim_due(
    frame: Frame,
    step: int,
    limit: int,
    only: sa.ColumnElement[bool] | None = None,
    notes: Mapping[str, sa.ColumnElement[str]] = NO_NOTES,
) -> int:
    """Take runs that are due at a step into the batch, those alone that `only` describes; returns how many.

    `notes` are what columns of the batch are to hold of their contacts.
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
        notes=notes,
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
