"""Coupon: each contact gets a code of its own from a pool, once."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from conductor_dsl.program.json_sql import json_drop, json_put, json_shown, json_text
from conductor_dsl.program.operations import NO_CODE, Coupon
from conductor_dsl.program.states import HistoryKind, RunState
from conductor_dsl.runtime.operate.frame import Frame
from conductor_dsl.runtime.operate.happen import happen
from conductor_dsl.shared.duration import Duration
from conductor_dsl.store.batches import batch, led_by
from conductor_dsl.store.changes import CHANGED, change_to_payload
from conductor_dsl.store.coupons import Want, claim_codes, cutoff_of, held_code
from conductor_dsl.store.tables import contact, coupon

GIVEN, FALLBACK, EMPTY, WANTING = "given", "fallback", "empty", "wanting"


def operate(frame: Frame, step: int, operation: Coupon) -> None:
    """Give codes to those who have none for the field in this run, then write the field of everybody who has one."""
    good_until = Duration.parse(cutoff_of(frame.connection, operation.pool)).after(frame.now)
    want = Want(operation.pool, frame.loaded.conversation_id, operation.field, good_until)
    otherwise = EMPTY if operation.fallback is None else FALLBACK
    frame.decide(step, sa.case((held_code(want, coupon.c.code).is_(None), WANTING), else_=GIVEN))
    standing = frame.standing_at(step)
    wanting = sa.and_(standing, batch.c.verdict == WANTING)
    if claim_codes(frame.connection, want, wanting, frame.now):
        frame.decide(step, sa.case((held_code(want, coupon.c.code).is_(None), WANTING), else_=GIVEN))
    frame.connection.execute(sa.update(batch).where(wanting).values(verdict=otherwise))
    _tell(frame, step, operation, want)
    _write_fields(frame, operation, want, standing)
    frame.record(step, HistoryKind.COUPON, sa.and_(standing, batch.c.verdict == GIVEN), operation.pool)
    frame.record(step, HistoryKind.NO_COUPON, sa.and_(standing, batch.c.verdict == otherwise), operation.pool)
    onward = {GIVEN: operation.next, FALLBACK: operation.next}
    frame.route(step, onward, ended=RunState.COMPLETED, reason="end of chain")
    frame.route(step, {EMPTY: operation.empty}, ended=RunState.EXITED, reason=NO_CODE)


def _code(operation: Coupon, want: Want) -> sa.ColumnElement[Any]:
    return sa.case((batch.c.verdict == GIVEN, held_code(want, coupon.c.code)), else_=operation.fallback)


def _tell(frame: Frame, step: int, operation: Coupon, want: Want) -> None:
    """Let those whose code is another one than before have the event `changed`, as with any other field."""
    before = json_shown(contact.c.fields, sa.bindparam(None, operation.field, sa.Text))
    code = sa.cast(_code(operation, want), sa.Text)
    payload = change_to_payload(sa.literal(operation.field, sa.Text), code, before)
    differs = sa.and_(batch.c.verdict.in_([GIVEN, FALLBACK]), code.is_distinct_from(before))
    happen(frame, step, CHANGED, payload, about=operation.field, who=differs)


def _write_fields(frame: Frame, operation: Coupon, want: Want, standing: sa.ColumnElement[bool]) -> None:
    """Put the code, and its last day where that is asked for, into the fields of who has one, in one statement."""
    code = json_text(_code(operation, want))
    fields: Any = json_put(contact.c.fields, sa.bindparam(None, operation.field, sa.Text), code)
    if operation.last_day is not None:
        name = sa.bindparam(None, operation.last_day, sa.Text)
        day = sa.case((batch.c.verdict == GIVEN, held_code(want, coupon.c.last_day)))
        fields = sa.case((day.is_(None), json_drop(fields, name)), else_=json_put(fields, name, json_text(day)))
    changed = sa.update(contact).where(contact.c.id == led_by(batch.c.contact_id), standing)
    changed = changed.where(batch.c.verdict.in_([GIVEN, FALLBACK]))
    frame.connection.execute(changed.values(fields=fields, updated_at=frame.now))
