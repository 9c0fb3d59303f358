"""From the tables to the past of each contact, a few thousand contacts at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

import sqlalchemy as sa

from conductor_dsl.program.operations import Hold
from conductor_dsl.program.states import HistoryKind
from conductor_dsl.runtime.programs import Programs
from conductor_dsl.runtime.verify.nouns import Log, MessagePast, Past, RunPast, Wait, WaitPast, WordPast
from conductor_dsl.store.tables import consent, contact, history, intent, run

CHUNK = 5_000
T = TypeVar("T", RunPast, MessagePast, WaitPast, WordPast)

_RUNS = sa.select(
    run.c.contact_id, run.c.conversation_id, run.c.entry_no, run.c.state, run.c.due_at, run.c.entered_at, run.c.ended_at
)
_MESSAGES = sa.select(
    intent.c.contact_id,
    intent.c.conversation_id,
    intent.c.entry_no,
    intent.c.step,
    intent.c.visit,
    intent.c.list,
    intent.c.address,
    intent.c.created_at,
    intent.c.state,
    intent.c.expires_at,
    intent.c.lease_until,
    intent.c.settled_at,
)
_WAITS = sa.select(
    history.c.contact_id, history.c.conversation_id, history.c.entry_no, history.c.step, history.c.at
).where(history.c.kind == HistoryKind.WAITING)
_WORDS = sa.select(consent.c.contact_id, consent.c.list, consent.c.at, consent.c.action, consent.c.stored_at)


def rows_to_pasts(connection: sa.Connection, log: Log | None, chunk: int = CHUNK) -> Iterator[Past]:
    """The past of everybody who was ever in a conversation, in the order of their numbers."""
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


def waits_of(programs: Programs) -> dict[tuple[int, int], list[Wait]]:
    """Every wait of every version, by (conversation, step); none where a version has something else at the step."""
    found: dict[tuple[int, int], list[Wait]] = defaultdict(list)
    other: set[tuple[int, int]] = set()
    for loaded in programs.by_version.values():
        for step, operation in enumerate(loaded.program.operations):
            place = (loaded.conversation_id, step)
            if isinstance(operation, Hold):
                found[place].append(Wait(operation, loaded.zone, loaded.flow.settings.zone))
            else:
                other.add(place)
    return {place: waits for place, waits in found.items() if place not in other}


def _chunk(
    connection: sa.Connection, ids: tuple[int, int | None], people: Mapping[int, Any], log: Log | None
) -> Iterator[Past]:
    runs = _by_contact(connection, _RUNS, ids, RunPast._make)
    messages = _by_contact(connection, _MESSAGES, ids, MessagePast._make)
    waits = _by_contact(connection, _WAITS, ids, WaitPast._make)
    words = _by_contact(connection, _WORDS, ids, WordPast._make)
    for number in sorted({*runs, *messages}):
        person = people.get(number)
        yield Past(
            contact=number,
            zone=person.zone if person is not None else None,
            updated_at=person.updated_at if person is not None else 0,
            runs=runs.get(number, ()),
            messages=messages.get(number, ()),
            waits=waits.get(number, ()),
            words=words.get(number, ()),
            log=log,
        )


def _by_contact(
    connection: sa.Connection, chosen: sa.Select[Any], ids: tuple[int, int | None], make: Callable[[Any], T]
) -> dict[int, list[T]]:
    who, (low, high) = chosen.selected_columns["contact_id"], ids
    chosen = chosen.where(who > low)
    found: dict[int, list[T]] = defaultdict(list)
    for row in connection.execute(chosen if high is None else chosen.where(who <= high)):
        found[row[0]].append(make(row))
    return found
