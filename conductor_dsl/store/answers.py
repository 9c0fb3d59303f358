"""Answers: what the engine itself says to those who have texted it, and what is told of it."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from conductor_dsl.program.states import IntentState, Lane
from conductor_dsl.shared.clock import Instant
from conductor_dsl.store.batches import answer, fill, led_by
from conductor_dsl.store.insert_missing import insert_missing
from conductor_dsl.store.recoveries import ERA
from conductor_dsl.store.tables import NO_LIST, SYSTEM, contact, history, intent


def write_answers(connection: sa.Connection, rows: Sequence[tuple[object, ...]], now: Instant) -> int:
    """Write a message for each row of `answer` that has one, and what all of them tell; returns how many messages.

    They may leave at once, at any hour, whatever their contacts have agreed to. One that was given already since its
    `pause` is not given again, and none after it has expired.
    """
    fill(connection, answer, rows)
    told = {
        "contact_id": answer.c.contact_id,
        "at": sa.literal(now, sa.BigInteger),
        "conversation_id": sa.literal(SYSTEM, sa.BigInteger),
        "entry_no": _next_entry(),
        "step": answer.c.step,
        "kind": answer.c.kind,
        "reason": answer.c.reason,
    }
    insert_missing(connection, history, told, sa.select(answer))
    return insert_missing(connection, intent, _columns(now), _answerable(now))


def _answerable(now: Instant) -> sa.Select[tuple[object, ...]]:
    given = sa.exists().where(
        intent.c.contact_id == answer.c.contact_id,
        intent.c.conversation_id == SYSTEM,
        intent.c.step == answer.c.step,
        intent.c.sender == answer.c.sender,
        intent.c.created_at > answer.c.pause,
    )
    can = (answer.c.message_id.is_not(None), answer.c.expires_at > now, contact.c.mobile_state == "valid", ~given)
    answered = sa.select(answer).join_from(answer, contact, contact.c.id == led_by(answer.c.contact_id)).where(*can)
    # Several contacts may have the number that the text came from: it is answered once.
    of = contact.c.id == led_by(answer.c.contact_id)
    one = sa.select(sa.func.min(contact.c.id)).join_from(answer, contact, of)
    return answered.where(answer.c.contact_id.in_(one.group_by(contact.c.mobile, answer.c.step, answer.c.sender)))


def _next_entry() -> sa.ScalarSelect[int]:
    latest = sa.select(sa.func.coalesce(sa.func.max(intent.c.entry_no), 0) + 1)
    return latest.where(
        intent.c.contact_id == answer.c.contact_id, intent.c.conversation_id == SYSTEM
    ).scalar_subquery()


def _columns(now: Instant) -> dict[str, sa.ColumnElement[object]]:
    at = sa.literal(now, sa.BigInteger)
    return {
        "contact_id": answer.c.contact_id,
        "conversation_id": sa.literal(SYSTEM, sa.BigInteger),
        "entry_no": _next_entry(),
        "step": answer.c.step,
        "visit": ERA,
        "version_id": sa.literal(0, sa.BigInteger),
        "message_id": answer.c.message_id,
        "channel": sa.literal("sms"),
        "list": sa.literal(NO_LIST),
        "sender": answer.c.sender,
        "address": contact.c.mobile,
        "values": sa.literal("[]"),
        "created_at": at,
        "state": sa.literal(IntentState.READY.value),
        "lane": sa.literal(Lane.TRANSACTIONAL, sa.SmallInteger),
        "not_before": at,
        "expires_at": answer.c.expires_at,
    }
