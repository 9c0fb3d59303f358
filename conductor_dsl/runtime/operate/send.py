"""Send: decide for each contact of the batch, and write an intent for those who may be sent to.

Consent, suppression, caps and the window are read in the transaction that writes the intents, so that after an opt-out
has been committed no intent can follow it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from conductor_dsl.program.json_sql import json_member, json_word
from conductor_dsl.program.operations import Send
from conductor_dsl.program.states import FAILED, HELD_BY, OUTCOME_OF, HistoryKind, IntentState, Lane, Reason, RunState
from conductor_dsl.runtime.expression_to_json import payload_to_json
from conductor_dsl.runtime.operate.catch_up import is_superseded, is_too_old, keep_lateness, supersede
from conductor_dsl.runtime.operate.frame import Frame
from conductor_dsl.runtime.operate.window import clues_of, find_windows, is_bound
from conductor_dsl.runtime.programs import LoadedMessage
from conductor_dsl.runtime.values import values_to_sql
from conductor_dsl.shared.clock import DAY, HOUR, Instant, to_iso
from conductor_dsl.shared.draw import WHOLE, draw_by
from conductor_dsl.shared.duration import Duration
from conductor_dsl.store.batches import batch, led_by, opening
from conductor_dsl.store.confirmations import PENDING
from conductor_dsl.store.consents import UNSUBSCRIBED
from conductor_dsl.store.insert_missing import insert_new
from conductor_dsl.store.list_rules import rule_of
from conductor_dsl.store.permissions import NOTHING, YES, plain_word, words_of_a_contact
from conductor_dsl.store.runs import END_OF_CHAIN, hold_unsettled
from conductor_dsl.store.suppressions import FIELDS
from conductor_dsl.store.tables import NO_LIST, SYSTEM, contact, intent, membership, suppression

Refusal = tuple[sa.ColumnElement[bool], str]
"""When it applies, and the reason."""
SPREAD = draw_by("spread")
GROUPS = 30
"""In so many groups those who are spread come; each is a batch, where as many instants as contacts would be none."""
SEND = "send"
_SENT = sa.literal(SEND)
ARRIVED, LOST = "arrived", "failed"
"""Verdicts on a run that waited at its step for the verdict of the provider, which has come."""
TIME_TO_LIVE = {("marketing", "sms"): 6 * HOUR, ("marketing", "email"): 2 * DAY}
"""How late a message may leave, by class and channel, unless the script says `ttl`."""
NEED_NO_YES = ("email",)
"""The channels by which a person may be written to who has not said no; all others wait for a yes."""
OTHER_TIME_TO_LIVE, CALL_TIME_TO_LIVE = 4 * HOUR, DAY


def operate(frame: Frame, step: int, send: Send) -> None:
    """Let everybody at the step take one of three ways: an intent, the edge of a reason, or a wait for the window.

    Who waited here for what becomes of its message goes on as that says.
    """
    place = find_windows(frame, step, send, _address(send.address))
    own_opening = opening.c.place == place
    frame.decide(step, _verdict(frame, step, send, own_opening), alone=frame.noted == step)
    standing, verdicts = frame.standing_at(step), frame.values_of(batch.c.verdict, step)
    if SEND in verdicts:
        supersede(frame, send, sa.and_(standing, batch.c.verdict == SEND))
        _write_intents(frame, step, send, own_opening)
    if verdicts.intersection(HELD_BY):
        waiting = sa.and_(standing, batch.c.verdict.in_(HELD_BY))
        frame.record(step, HistoryKind.DEFERRED, waiting, batch.c.verdict)
        _defer(frame, sa.and_(waiting, own_opening))
    if verdicts.intersection(OUTCOME_OF):
        skipped = sa.and_(standing, batch.c.verdict.in_(list(OUTCOME_OF)))
        frame.record(step, HistoryKind.SKIPPED, skipped, batch.c.verdict)
        _pass_over(frame, step, send)
    _go_on(frame, step, send)


def notes_at(frame: Frame, step: int) -> dict[str, sa.ColumnElement[str]]:
    """What a claim at a step may note of its contacts, which saves coming to them again; empty where nobody asks."""
    send = frame.loaded.program.operations[step]
    if not isinstance(send, Send):
        return {}
    notes = {"address_state": _address_state(send.address)} if send.url is None else {}
    return notes | ({"place": clues_of(_address(send.address))} if is_bound(frame, send) else {})


def _verdict(frame: Frame, step: int, send: Send, own_opening: sa.ColumnElement[bool]) -> sa.ColumnElement[str]:
    """The first reason that applies, in this order, or `send`."""
    refusals = _settled_already(frame, step) if send.parks else []
    refusals.append((is_too_old(frame, _time_to_live(frame, send)), Reason.EXPIRED))
    if send.url is not None:
        return _first(refusals, _SENT)
    allowed: sa.ColumnElement[str] = _SENT
    if frame.connection.scalar(sa.select(sa.exists().where(opening.c.reason.is_not(None)))):
        allowed = sa.func.coalesce(sa.select(opening.c.reason).where(own_opening).scalar_subquery(), _SENT)
    late = [(is_superseded(frame, send), Reason.SUPERSEDED)]
    late += [(capped, Reason.FREQUENCY_CAP) for capped in _caps(frame, send)]
    refusals += _of_the_address(frame, step, send)
    return _first(refusals, sa.func.coalesce(_of_the_ledger(frame, step, send), _first(late, allowed)))


def _first(refusals: Sequence[Refusal], otherwise: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """The first reason that applies."""
    return sa.case(*((condition, str(reason)) for condition, reason in refusals), else_=otherwise)


def _of_the_address(frame: Frame, step: int, send: Send) -> list[Refusal]:
    """Why nothing can be sent to the address."""
    state = batch.c.address_state if frame.noted == step else _address_state(send.address)
    return [
        (state == "missing", Reason.MISSING),
        (state == "invalid", Reason.INVALID),
        (_suppressed(send), Reason.SUPPRESSED),
    ]


def _of_the_ledger(frame: Frame, step: int, send: Send) -> sa.ColumnElement[str | None]:
    """Why a person may not be written to by what it has said, read in one look at its words; NULL where it may.

    Most have only ever agreed, which is seen for less than what all their words mean together.
    """
    list_, rule = _list(frame, send), rule_of(frame.connection, _list(frame, send))
    reason = _told(_first(_by_its_words(frame, step, send, rule), sa.null()))
    if rule is not None and rule.min_age:
        return reason
    plain = sa.func.coalesce(_told(plain_word(list_)), NOTHING)
    allowed = [NOTHING, YES] if send.channel in NEED_NO_YES else [YES]
    return sa.case((plain.in_(allowed), sa.null()), else_=reason)


def _told(aggregate: sa.ColumnElement[Any]) -> sa.ScalarSelect[Any]:
    """What an aggregate says of the words of the contact."""
    return sa.select(aggregate).where(membership.c.contact_id == batch.c.contact_id).scalar_subquery()


def _by_its_words(frame: Frame, step: int, send: Send, rule: sa.Row[Any] | None) -> list[Refusal]:
    """Why a person may not be written to, by aggregates over its words."""
    sender = frame.loaded.messages[step].sender if send.channel == "sms" else None
    words = words_of_a_contact(_list(frame, send), sender)
    refusals: list[Refusal] = [
        (words.own == UNSUBSCRIBED, Reason.OPTED_OUT),
        (sa.and_(words.own.is_(None), words.of_every_list == UNSUBSCRIBED), Reason.OPTED_OUT),
        (words.has_stopped, Reason.OPTED_OUT),
        (words.is_undecided, Reason.UNDECIDED),
        *_by_the_rule(frame, rule, words.own),
    ]
    if send.channel not in NEED_NO_YES:
        refusals.append((words.own.is_(None), Reason.NO_CONSENT))
    return refusals


def _by_the_rule(frame: Frame, rule: sa.Row[Any] | None, own: sa.ColumnElement[str]) -> list[Refusal]:
    """Who has not confirmed what the list wants confirmed, or is too young for it; who tells no age is."""
    refusals = list[Refusal]()
    if rule is not None and rule.channel:
        refusals.append((own == PENDING, Reason.UNCONFIRMED))
    if rule is not None and rule.min_age:
        # The day has begun everywhere: twelve hours behind UTC is the last place.
        year, _, day = to_iso(frame.now - 12 * HOUR)[:10].partition("-")
        born = sa.func.coalesce(_of_the_contact(json_word(contact.c.fields, rule.birth)), "9")
        refusals.append((born > f"{int(year) - rule.min_age:04d}-{day}", Reason.TOO_YOUNG))
    return refusals


def _of_the_contact(value: sa.ColumnElement[Any]) -> sa.ScalarSelect[Any]:
    """A value over the contact of a row of the batch, read for itself."""
    own = sa.select(value).where(contact.c.id == batch.c.contact_id)
    return own.correlate_except(contact).scalar_subquery()


def _settled_already(frame: Frame, step: int) -> list[tuple[sa.ColumnElement[bool], str]]:
    """What the message that the run has written here came to; of one that was called back the step decides anew."""
    own = sa.select(intent.c.state).where(
        intent.c.contact_id == batch.c.contact_id,
        intent.c.conversation_id == frame.loaded.conversation_id,
        intent.c.entry_no == batch.c.entry_no,
        intent.c.step == step,
        intent.c.visit == batch.c.visit,
    )
    state = own.scalar_subquery()
    return [(state.in_([IntentState.ACCEPTED, IntentState.DELIVERED]), ARRIVED), (state.in_(list(FAILED)), LOST)]


def _list(frame: Frame, send: Send) -> str:
    """The list whose consent counts: the step's, else the conversation's, else the one named after the channel."""
    return send.list or frame.loaded.flow.settings.list or send.channel


def _address_state(field: str) -> sa.ColumnElement[str]:
    if f"{field}_state" in contact.c:
        return contact.c[f"{field}_state"]
    missing = json_member(contact.c.fields, field).is_(None)
    valid = json_word(contact.c.fields, field).is_not(None)
    return sa.case((valid, "valid"), (missing, "missing"), else_="invalid")


def _address(field: str) -> sa.ColumnElement[str]:
    return contact.c[field] if field in contact.c else json_word(contact.c.fields, field)


def _suppressed(send: Send) -> sa.ColumnElement[bool]:
    """Whether the channel is closed to the contact; one of a plugin only as long as the address is one that had been
    written to by then: a new device is another address.
    """
    closed = sa.exists().where(suppression.c.contact_id == batch.c.contact_id, suppression.c.channel == send.channel)
    if send.channel in FIELDS:
        return closed
    return closed.where(
        intent.c.contact_id == batch.c.contact_id,
        intent.c.channel == send.channel,
        intent.c.address == _of_the_contact(_address(send.address)),
        intent.c.created_at <= suppression.c.at,
    )


def _caps(frame: Frame, send: Send) -> list[sa.ColumnElement[bool]]:
    """One condition for each frequency cap: whether the contact has had as many messages already.

    Those of the project leave out what is transactional.
    """
    if send.ignore_cap:
        return []
    every, unasked = intent.c.lane >= Lane.TRANSACTIONAL, intent.c.lane > Lane.TRANSACTIONAL
    caps = [(cap, every) for cap in frame.loaded.flow.settings.caps]
    if frame.loaded.lane is not Lane.TRANSACTIONAL:
        caps += [(cap, unasked) for cap in frame.rules.caps]
    return [
        _sent_since(send.channel, Duration.parse(period).before(frame.now), which) >= count
        for (channel, count, period), which in caps
        if channel == send.channel
    ]


def _sent_since(channel: str, since: Instant, which: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
    counted = sa.select(sa.func.count()).where(
        which,
        intent.c.contact_id == batch.c.contact_id,
        intent.c.channel == channel,
        intent.c.created_at > since,
        intent.c.conversation_id != SYSTEM,
        intent.c.state.not_in([IntentState.CANCELLED, *FAILED]),
    )
    return counted.scalar_subquery()


def _write_intents(frame: Frame, step: int, send: Send, own_opening: sa.ColumnElement[bool]) -> None:
    message = frame.loaded.messages[step]
    live_for = _time_to_live(frame, send)
    columns = {
        "contact_id": batch.c.contact_id,
        "conversation_id": sa.literal(frame.loaded.conversation_id, sa.BigInteger),
        "entry_no": batch.c.entry_no,
        "step": sa.literal(step, sa.Integer),
        "visit": batch.c.visit,
        "version_id": sa.literal(frame.loaded.version_id, sa.BigInteger),
        "message_id": sa.literal(message.id, sa.BigInteger),
        "channel": sa.literal(send.channel),
        "list": sa.literal(_list(frame, send) if send.url is None else NO_LIST),
        "sender": sa.literal(message.sender),
        "address": _address(send.address) if send.url is None else sa.literal(send.url),
        "values": _values(frame, message, send),
        "created_at": sa.literal(frame.now, sa.BigInteger),
        **_its_state(frame),
        "due_at": batch.c.since,
        "lane": sa.literal(frame.loaded.lane, sa.SmallInteger),
        "not_before": sa.literal(frame.now, sa.BigInteger),
        "expires_at": sa.case(
            (opening.c.until < frame.now + live_for, opening.c.until),
            else_=sa.literal(frame.now + live_for, sa.BigInteger),
        ),
    }
    source = sa.select(batch).join(contact, contact.c.id == led_by(batch.c.contact_id))
    source = source.join(opening, own_opening)
    insert_new(frame.connection, intent, columns, source.where(frame.standing_at(step), batch.c.verdict == SEND))


def _its_state(frame: Frame) -> dict[str, sa.ColumnElement[Any]]:
    """What a new message says of who sends it."""
    if frame.lease is None:
        return {"state": sa.literal(IntentState.READY.value)}
    return {
        "state": sa.literal(IntentState.SENDING.value),
        "attempts": sa.literal(1, sa.Integer),
        "claimed_by": sa.literal(frame.lease.node),
        "lease_until": sa.literal(frame.lease.until, sa.BigInteger),
    }


def _values(frame: Frame, message: LoadedMessage, send: Send) -> sa.ColumnElement[str]:
    """What the message is made from: what its template reads, or what the program is told."""
    if send.url is None:
        return values_to_sql(message.paths, frame.facts())
    return payload_to_json(send.payload, frame.facts())


def _time_to_live(frame: Frame, send: Send) -> int:
    if send.ttl is not None:
        return Duration.parse(send.ttl).after(frame.now) - frame.now
    if send.url is not None:
        return CALL_TIME_TO_LIVE
    return TIME_TO_LIVE.get((frame.loaded.flow.settings.message_class, send.channel), OTHER_TIME_TO_LIVE)


def _defer(frame: Frame, waiting: sa.ColumnElement[bool]) -> None:
    """Let those who wait be due when their window opens, or some time after it: a hash of the contact says when."""
    later, due_at = sa.update(batch).where(waiting), opening.c.at
    if frame.rules.spread:
        room = (opening.c.until - opening.c.at) // 2
        later = later.where(contact.c.id == led_by(batch.c.contact_id))
        spread = sa.case((room < frame.rules.spread, room), else_=sa.literal(frame.rules.spread, sa.BigInteger))
        group = SPREAD.point(sa.cast(contact.c.bucket, sa.BigInteger)) * GROUPS // WHOLE
        due_at = due_at + group * (spread // GROUPS)
    frame.connection.execute(later.values(state=RunState.ACTIVE, due_at=due_at, missed_at=keep_lateness(frame)))


def _pass_over(frame: Frame, step: int, send: Send) -> None:
    """Let those take the edges of the reasons to whom nothing is sent."""
    targets = {reason.value: send.edges.get(outcome, send.next) for reason, outcome in OUTCOME_OF.items()}
    frame.route(step, targets, ended=RunState.EXITED)


def _go_on(frame: Frame, step: int, send: Send) -> None:
    onward = {SEND: send.next}
    if send.parks:
        hold_unsettled(frame.connection, step)
        onward |= {ARRIVED: send.next, LOST: send.edges["failed"]}
    frame.route(step, onward, ended=RunState.COMPLETED, reason=END_OF_CHAIN)
