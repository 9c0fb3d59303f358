"""Start: contacts are let into another conversation, in the transaction that moves them on in this one."""

from __future__ import annotations

import sqlalchemy as sa

from conductor_dsl.language.flow import FlowThread
from conductor_dsl.program.operations import Start
from conductor_dsl.program.states import HistoryKind
from conductor_dsl.runtime.enter import enter_crossing, just_came
from conductor_dsl.runtime.operate.frame import Frame
from conductor_dsl.runtime.programs import Loaded
from conductor_dsl.store.batches import batch, crossing, empty, led_by
from conductor_dsl.store.insert_missing import insert_missing
from conductor_dsl.store.tables import run


def operate(frame: Frame, step: int, start: Start) -> None:
    """Let in whoever the other conversation takes; one that is not live any more takes nobody."""
    target = next((each for each in frame.programs.live if each.flow.name == start.conversation), None)
    if target is not None and target.conversation_id != frame.loaded.conversation_id:
        thread = _thread(target, start.thread)
        if thread is not None:
            _bring(frame, step, target)
            enter_crossing(frame.connection, target, thread, frame.now)
    conversation_id = None if target is None else target.conversation_id
    inside = sa.exists().where(
        run.c.contact_id == batch.c.contact_id,
        run.c.conversation_id == conversation_id,
        run.c.entered_at == frame.now,
        run.c.ended_at.is_(None),
    )
    standing = frame.standing_at(step)
    frame.record(step, HistoryKind.STARTED, sa.and_(standing, inside), start.conversation)
    frame.record(step, HistoryKind.NOT_STARTED, sa.and_(standing, ~inside), start.conversation)
    frame.advance(step, start.next)


def _thread(target: Loaded, name: str | None) -> FlowThread | None:
    threads = target.flow.threads
    return next((each for each in threads if name is None or each.name == name), None)


def _bring(frame: Frame, step: int, target: Loaded) -> None:
    """Put the contacts at the step before the door, with the event that let them in here."""
    empty(frame.connection, crossing)
    own = sa.and_(
        run.c.contact_id == led_by(batch.c.contact_id),
        run.c.conversation_id == frame.loaded.conversation_id,
        run.c.entry_no == batch.c.entry_no,
    )
    came = just_came(batch.c.contact_id, target.conversation_id, frame.now)
    coming = sa.select(batch).join(run, own).where(frame.standing_at(step), ~came)
    columns = {"contact_id": batch.c.contact_id, "payload": run.c.payload}
    insert_missing(frame.connection, crossing, columns, coming)
