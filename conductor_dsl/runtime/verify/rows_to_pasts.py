"""From the tables to the past of each contact, a few thousand contacts at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

import sqlalchemy as sa

from conductor_dsl.program.operations import Await, Hold
from conductor_dsl.program.states import HistoryKind
from conductor_dsl.runtime.programs import Programs
from conductor_dsl.runtime.verify.nouns import (
    AnswerPast,
    CodePast,
    DecisionPast,
    GiftPast,
    Log,
    MarkPast,
    MessagePast,
    Past,
    RunPast,
    Wait,
    WaitPast,
    WordPast,
)
from conductor_dsl.shared.ids import dispatch_key
from conductor_dsl.store.connect import secret_of
from conductor_dsl.store.tables import NEVER, consent, contact, coupon, entry_mark, history, intent, run

CHUNK = 5_000
T = TypeVar("T", RunPast, MessagePast, WaitPast, AnswerPast, DecisionPast, WordPast, CodePast, GiftPast, MarkPast)

_RUNS = sa.select(
    run.c.contact_id, run.c.conversation_id, run.c.entry_no, run.c.state, run.c.due_at, run.c.entered_at, run.c.ended_at
)
_MESSAGES = sa.select(
    intent.c.contact_id,
    intent.c.conversation_id,
    intent.c.entry_no,
    intent.c.step,
    intent.c.visit,
    intent.c.channel,
    intent.c.list,
    intent.c.sender,
    intent.c.address,
    intent.c.created_at,
    intent.c.state,
    intent.c.expires_at,
    intent.c.lease_until,
    intent.c.settled_at,
)
_TOLD = [history.c[name] for name in ("contact_id", "conversation_id", "entry_no", "step", "at")]
_WAITS = sa.select(*_TOLD).where(history.c.kind == HistoryKind.WAITING)
_ANSWERS = sa.select(*_TOLD, history.c.kind).where(history.c.kind.in_([HistoryKind.CAME, HistoryKind.LATE]))
_DECISIONS = sa.select(*_TOLD).where(history.c.kind == HistoryKind.DECIDED)
_WORDS = sa.select(consent.c.contact_id, consent.c.list, consent.c.at, consent.c.action, consent.c.stored_at)
_CODES = sa.select(*(coupon.c[name] for name in ("contact_id", "conversation_id", "entry_no", "pool", "field")))
_CODES = _CODES.add_columns(coupon.c.claimed_at, coupon.c.expires_at).where(coupon.c.contact_id.is_not(None))
_GIFTS = sa.select(*_TOLD, history.c.reason).where(history.c.kind == HistoryKind.COUPON)
_MARKS = sa.select(*(entry_mark.c[name] for name in ("contact_id", "thread_id", "thing", "mark", "due_at")))


def rows_to_pasts(connection: sa.Connection, log: Log | None, chunk: int = CHUNK) -> Iterator[Past]:
    """The past of everybody who was ever in a conversation, or may come, in the order of their numbers."""
    last = 0
    while True:
        people = sa.select(contact.c.id, contact.c.zone, contact.c.updated_at).where(contact.c.id > last)
        rows = {row.id: row for row in connection.execute(people.order_by(contact.c.id).limit(chunk)).all()}
        # The last chunk has no upper end, so that rows without a contact are seen, too.
        upper = max(rows) if len(rows) == chunk else None
        yield from _chunk(connection, (last, upper), rows, log)
        if upper is None:
            return
        last = upper


Places = dict[tuple[int, int], list[Wait]]


def waits_of(programs: Programs) -> tuple[Places, Places]:
    """Every wait of every version, and every one for an event, by (conversation, step).

    None where a version has something else at the step.
    """
    held: Places = defaultdict(list)
    awaited: Places = defaultdict(list)
    other: set[tuple[int, int]] = set()
    for loaded in programs.by_version.values():
        for step, operation in enumerate(loaded.program.operations):
            place, zones = (loaded.conversation_id, step), (loaded.zone, loaded.flow.settings.zone)
            match operation:
                case Hold():
                    held[place].append(Wait(operation, *zones))
                case Await(timeout=timeout):
                    awaited[place].append(Wait(Hold(None, duration=timeout), *zones))
                case _:
                    other.add(place)
    both = other | (held.keys() & awaited.keys())
    return _without(held, both), _without(awaited, both)


def _without(places: Places, other: set[tuple[int, int]]) -> Places:
    return {place: waits for place, waits in places.items() if place not in other}


def _chunk(
    connection: sa.Connection, ids: tuple[int, int | None], people: Mapping[int, Any], log: Log | None
) -> Iterator[Past]:
    runs = _by_contact(connection, _RUNS, ids, RunPast._make)
    messages = _by_contact(connection, _MESSAGES, ids, _message_maker(connection))
    waits = _by_contact(connection, _WAITS, ids, WaitPast._make)
    answers = _by_contact(connection, _ANSWERS, ids, AnswerPast._make)
    decisions = _by_contact(connection, _DECISIONS, ids, DecisionPast._make)
    words = _by_contact(connection, _WORDS, ids, WordPast._make)
    codes = _by_contact(connection, _CODES, ids, CodePast._make)
    gifts = _by_contact(connection, _GIFTS, ids, GiftPast._make)
    marks = _by_contact(connection, _MARKS, ids, MarkPast._make)
    for number in sorted({*runs, *messages, *codes, *marks}):
        person = people.get(number)
        yield Past(
            contact=number,
            zone=person.zone if person is not None else None,
            # Of somebody who was erased nobody knows the zone any more: as if all had changed.
            updated_at=person.updated_at if person is not None else NEVER,
            runs=runs.get(number, ()),
            messages=messages.get(number, ()),
            waits=waits.get(number, ()),
            answers=answers.get(number, ()),
            decisions=decisions.get(number, ()),
            words=words.get(number, ()),
            codes=codes.get(number, ()),
            gifts=gifts.get(number, ()),
            marks=marks.get(number, ()),
            is_known=person is not None,
            log=log,
        )


def _message_maker(connection: sa.Connection) -> Callable[[Any], MessagePast]:
    secret = secret_of(connection)
    return lambda row: MessagePast._make([*row, dispatch_key(secret, *row[:5])])


def _by_contact(
    connection: sa.Connection, chosen: sa.Select[Any], ids: tuple[int, int | None], make: Callable[[Any], T]
) -> dict[int, list[T]]:
    who, (low, high) = chosen.selected_columns["contact_id"], ids
    chosen = chosen.where(who > low)
    found: dict[int, list[T]] = defaultdict(list)
    for row in connection.execute(chosen if high is None else chosen.where(who <= high)):
        found[row[0]].append(make(row))
    return found
