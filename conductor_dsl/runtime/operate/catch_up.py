"""Catching up after the engine stood still: what is not worth sending any more, and of several messages the newest.

A run is late if its time was more than an hour ago. Of the messages that advertise to one contact by one channel, a
late one gives way to one whose time came later: who was to hear from us on Monday and on Tuesday hears once.
"""

from __future__ import annotations

import sqlalchemy as sa

from conductor_dsl.program.operations import Send
from conductor_dsl.program.states import FAILED, IntentState, Lane
from conductor_dsl.runtime.agenda import LATE
from conductor_dsl.runtime.operate.frame import Frame
from conductor_dsl.store.batches import batch
from conductor_dsl.store.intents import cancel_superseded
from conductor_dsl.store.tables import intent, run


def is_too_old(frame: Frame, live_for: int) -> sa.ColumnElement[bool]:
    """Whether the time to live of a message was over before its run could be moved."""
    return batch.c.was_due <= frame.now - live_for


def is_superseded(frame: Frame, send: Send) -> sa.ColumnElement[bool]:
    """Whether a late message gives way to one that is written already, or whose run waits for its window."""
    if not _collapses(frame, send):
        return sa.false()
    newer = sa.exists().where(
        intent.c.contact_id == batch.c.contact_id,
        intent.c.conversation_id != frame.loaded.conversation_id,
        intent.c.channel == send.channel,
        intent.c.lane == Lane.MARKETING,
        intent.c.due_at > batch.c.since,
        intent.c.state.not_in([IntentState.CANCELLED, *FAILED]),
    )
    waiting = sa.exists().where(
        run.c.contact_id == batch.c.contact_id,
        run.c.conversation_id != frame.loaded.conversation_id,
        run.c.missed_at > batch.c.since,
        run.c.due_at.is_not(None),
        sa.tuple_(run.c.version_id, run.c.step).in_(_sends(frame, send.channel)),
    )
    return sa.and_(_is_late(frame), sa.or_(newer, waiting))


def supersede(frame: Frame, send: Send, who: sa.ColumnElement[bool]) -> None:
    """Call older messages back that have not left yet, where `who` of the batch, being late, are to get a newer one."""
    if not _collapses(frame, send):
        return
    late = sa.and_(who, _is_late(frame))
    if frame.connection.scalar(sa.select(sa.exists().where(late))):
        newer = sa.exists().where(late, batch.c.contact_id == intent.c.contact_id, intent.c.due_at <= batch.c.since)
        older = sa.and_(
            intent.c.contact_id.in_(sa.select(batch.c.contact_id).where(late)),
            intent.c.conversation_id != frame.loaded.conversation_id,
            intent.c.channel == send.channel,
            intent.c.lane == Lane.MARKETING,
            intent.c.attempts == 0,
            newer,
        )
        cancel_superseded(frame.connection, older, frame.now)


def keep_lateness(frame: Frame) -> sa.ColumnElement[int]:
    """Since when a message is late that has to wait for its window; NULL for one that is not."""
    return sa.case((_is_late(frame), batch.c.since))


def _is_late(frame: Frame) -> sa.ColumnElement[bool]:
    return batch.c.since <= frame.now - LATE


def _collapses(frame: Frame, send: Send) -> bool:
    return send.url is None and frame.loaded.lane is Lane.MARKETING


def _sends(frame: Frame, channel: str) -> list[tuple[int, int]]:
    """(version, step) of the steps that advertise by a channel."""
    return [
        (version, step)
        for version, loaded in frame.programs.by_version.items()
        if loaded.lane is Lane.MARKETING
        for step, operation in enumerate(loaded.program.operations)
        if isinstance(operation, Send) and operation.channel == channel
    ]
