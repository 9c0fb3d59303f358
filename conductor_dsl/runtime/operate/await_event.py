"""Await: wait until an event comes, or time is up."""

from __future__ import annotations

import sqlalchemy as sa

from conductor_dsl.program.operations import Await
from conductor_dsl.program.states import HistoryKind, RunState
from conductor_dsl.runtime.awaited import Happened, Waiting
from conductor_dsl.runtime.operate.frame import Frame
from conductor_dsl.shared.duration import Duration
from conductor_dsl.store.batches import batch, fill, moment
from conductor_dsl.store.orders import PLACED, order_to_payload
from conductor_dsl.store.runs import END_OF_CHAIN
from conductor_dsl.store.tables import contact, event, orders, run

NOT_YET, TIME_IS_UP = "not yet", "time is up"
"""Verdicts, beside the names of events; they have a blank, which no name has."""


def operate(frame: Frame, step: int, awaited: Await) -> None:
    """Let those go on for whom the event has come already, or time is up; the others wait here.

    Whoever stores an event has its contact in hand alone, and so has this pass its contacts: so the event is seen here,
    or the run is seen waiting there (`runtime.wake`).
    """
    waiting = Waiting(frame.programs, frame.loaded, awaited, batch.c.contact_id, batch.c.entry_no)
    since = _since(frame, waiting)
    came = _came(frame, waiting, since)
    frame.decide(step, sa.case((batch.c.awaits.is_not(None), TIME_IS_UP), else_=came))
    _record(frame, step, awaited)
    _park(frame, step, awaited, since)
    frame.connection.execute(sa.update(batch).where(frame.standing_at(step)).values(awaits=None))
    routes = {TIME_IS_UP: awaited.late} | dict.fromkeys(awaited.events, awaited.came)
    frame.route(step, routes, ended=RunState.COMPLETED, reason=END_OF_CHAIN)


def _since(frame: Frame, waiting: Waiting) -> sa.ColumnElement[int]:
    """After when an event counts: the message that is spoken of, or the beginning of a run without one."""
    entered = sa.select(run.c.entered_at).where(
        run.c.contact_id == batch.c.contact_id,
        run.c.conversation_id == frame.loaded.conversation_id,
        run.c.entry_no == batch.c.entry_no,
    )
    return sa.func.coalesce(waiting.latest_message_at(), entered.correlate_except(run).scalar_subquery())


def _came(frame: Frame, waiting: Waiting, since: sa.ColumnElement[int]) -> sa.ColumnElement[str]:
    """The name of the first event that has come already."""
    told, placed = event.alias("told"), orders.alias("placed")
    happened = Happened(told.c.name, told.c.at, told.c.payload, told.c.caused_by)
    found = sa.select(told.c.name).join_from(told, contact, contact.c.id == told.c.contact_id)
    found = found.where(told.c.contact_id == batch.c.contact_id, waiting.ends_by(happened, since, frame.now))
    first = found.order_by(told.c.at, told.c.key).limit(1).correlate(batch).scalar_subquery()
    if PLACED not in waiting.awaited.events:
        return sa.func.coalesce(first, NOT_YET)
    name = sa.literal(PLACED, sa.Text)
    ordered = sa.select(name).join_from(placed, contact, contact.c.id == placed.c.contact_id)
    bought = Happened(name, placed.c.at, order_to_payload(placed.c), sa.cast(sa.null(), sa.BigInteger))
    ordered = ordered.where(placed.c.contact_id == batch.c.contact_id, waiting.ends_by(bought, since, frame.now))
    return sa.func.coalesce(first, ordered.limit(1).correlate(batch).scalar_subquery(), NOT_YET)


def _record(frame: Frame, step: int, awaited: Await) -> None:
    for kind, verdict, reason in (
        (HistoryKind.LATE, batch.c.verdict == TIME_IS_UP, None),
        (HistoryKind.WAITING, batch.c.verdict == NOT_YET, None),
        (HistoryKind.CAME, batch.c.verdict.in_(awaited.events), batch.c.verdict),
    ):
        frame.record(step, kind, sa.and_(frame.standing_at(step), verdict), reason)


def _park(frame: Frame, step: int, awaited: Await, since: sa.ColumnElement[int]) -> None:
    """Let those wait for whom it has not come."""
    timeout = Duration.parse(awaited.timeout)
    fill(frame.connection, moment, [(zone, "", timeout.after(frame.now, zone)) for zone in frame.zones])
    waiting = sa.and_(frame.standing_at(step), batch.c.verdict == NOT_YET, moment.c.zone == batch.c.zone)
    parked = sa.update(batch).where(waiting)
    frame.connection.execute(parked.values(state=RunState.ACTIVE, due_at=moment.c.at, awaits=since))
