"""Inbox: from what providers tell by themselves to the states of messages, and to events of contacts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from conductor_dsl.plugin.channels import Heard, Inbound, Mark, Receipt, Verdict
from conductor_dsl.program.states import Closure, IntentState
from conductor_dsl.replies.text_to_meaning import Meaning, text_to_meaning
from conductor_dsl.runtime.ingest.rows_to_events import keyword_of
from conductor_dsl.runtime.receipts import why
from conductor_dsl.shared.clock import MINUTE, Clock, Instant
from conductor_dsl.shared.ids import Place, content_hash, key_to_place
from conductor_dsl.store.closed_addresses import Closed, close_addresses
from conductor_dsl.store.connect import secret_of
from conductor_dsl.store.inbox import Note, parcels, put, take
from conductor_dsl.store.incoming import lock_contacts
from conductor_dsl.store.late_receipts import RANKS, lock_told, settle_late
from conductor_dsl.store.suppressions import suppress
from conductor_dsl.store.tables import contact
from conductor_dsl.store.texts import add_texts

RECEIPT, RECEIPT_AGAIN, INBOUND = "receipt", "receipt again", "inbound"
PATIENCE = MINUTE
"""A receipt for a message that nobody knows is looked at once more after this: it may have come before the answer of
the very call by which its message was sent had been written down."""
_STATES = {
    Verdict.ACCEPTED: IntentState.ACCEPTED,
    Verdict.DELIVERED: IntentState.DELIVERED,
    Verdict.UNDELIVERED: IntentState.UNDELIVERED,
    Verdict.REJECTED: IntentState.UNDELIVERED,
}


@dataclass(frozen=True, slots=True)
class Noted:
    """A batch of what providers told: receipts that told something new of a message, and texts of known contacts.

    `unknown` receipts are of no message of ours, `strangers` texts from numbers that no contact has.
    """

    receipts: int
    texts: int
    unknown: int
    strangers: int


def listener(engine: sa.Engine, clock: Clock, ring: Callable[[], None]) -> Callable[[Heard], None]:
    """What keeps whatever it is told, then rings; it may be called from any thread."""

    def hear(heard: Heard) -> None:
        now = clock.now()
        with engine.begin() as connection:
            put(connection, list(_notes(heard, now)))
        ring()

    return hear


def _notes(heard: Heard, now: Instant) -> Iterator[Note]:
    told = [(RECEIPT, each) for each in heard.receipts] + [(INBOUND, each) for each in heard.inbound]
    for kind, each in told:
        data = json.dumps(each)
        yield Note(content_hash(f"{kind} {data}"), kind, now, data)


def settle_inbox(connection: sa.Connection, now: Instant, limit: int) -> Noted | None:
    """Let a batch of what was told take its effect; None when nothing waits."""
    notes = take(connection, now, limit)
    if not notes:
        return None
    told = [(note, _receipt(note.data)) for note in notes if note.kind != INBOUND]
    places = _places(connection, [receipt for _, receipt in told])
    known = [(places[name], receipt) for _, receipt in told if (name := _name(receipt)) in places]
    lost = [note for note, receipt in told if _name(receipt) not in places]
    again = [note for note in lost if note.kind == RECEIPT]
    put(connection, [note._replace(kind=RECEIPT_AGAIN, heard_at=now + PATIENCE) for note in again])
    texts = [Inbound(*json.loads(note.data)) for note in notes if note.kind == INBOUND]
    of_contacts, strangers = add_texts(connection, [_text(each, now) for each in texts])
    _hear_strangers(connection, texts, now)
    marked = [(place, receipt.mark, now) for place, receipt in known if receipt.mark]
    if marked:
        lock_contacts(connection, contact.c.id.in_({place[0] for place, _, _ in marked}))
        lock_told(connection, [place for place, _ in known])
        suppress(connection, marked, now)
    changed = settle_late(connection, _best(known, now), now)
    return Noted(changed, of_contacts, len(lost) - len(again), strangers)


def _hear_strangers(connection: sa.Connection, texts: Sequence[Inbound], now: Instant) -> None:
    """Keep that a number which no contact has wants no texts: so it is when somebody is imported with it."""
    stops = {each.sender: each for each in texts if text_to_meaning(each.text).meaning == Meaning.STOP}
    known = set(connection.scalars(sa.select(contact.c.mobile).where(contact.c.mobile.in_(stops)))) if stops else set()
    ended = [Closed("sms", number, Closure.OPTED_OUT, each.at or now) for number, each in stops.items()]
    close_addresses(connection, [each for each in ended if each.address not in known])


def _receipt(data: str) -> Receipt:
    key, verdict, provider_id, code, detail, mark, *rest = json.loads(data)
    return Receipt(key, Verdict(verdict), provider_id, code, detail, Mark(mark), *rest)


def _name(receipt: Receipt) -> tuple[str, str]:
    """By what a receipt says which message it is of: the key, else the provider's own name."""
    return (receipt.key, "") if receipt.key else ("", receipt.provider_id)


def _places(connection: sa.Connection, receipts: Sequence[Receipt]) -> dict[tuple[str, str], Place]:
    """The messages that receipts tell of, by name."""
    secret = secret_of(connection)
    found: dict[tuple[str, str], Place] = {}
    for key in {receipt.key for receipt in receipts if receipt.key}:
        place = key_to_place(secret, key)
        if place is not None:
            found[key, ""] = place
    by_id = sorted({receipt.provider_id for receipt in receipts if not receipt.key})
    return found | {("", name): place for name, place in parcels(connection, by_id).items()}


def _best(known: Sequence[tuple[Place, Receipt]], now: Instant) -> list[tuple[object, ...]]:
    """The receipt that tells most of each message, as `settle_late` takes it."""
    best: dict[Place, tuple[object, ...]] = {}
    telling = [pair for pair in known if pair[1].verdict in _STATES]
    for place, receipt in sorted(telling, key=lambda pair: RANKS[_STATES[pair[1].verdict]]):
        state = _STATES[receipt.verdict]
        reason = why(receipt) if state is IntentState.UNDELIVERED else None
        best[place] = (*place, receipt.provider_id or None, state.value, 0, now, reason, 0)
    return list(best.values())


def _text(each: Inbound, now: Instant) -> tuple[str, str, Instant, str]:
    """(number, key, instant, payload) of an inbound text. One that says it is from the future is from now."""
    payload = {"text": each.text, "keyword": keyword_of(each.text), "code": each.to}
    if each.media:
        payload["media"] = " ".join(each.media)
    at = min(each.at or now, now)
    return each.sender, each.key or content_hash(json.dumps(each)), at, json.dumps(payload, ensure_ascii=False)
