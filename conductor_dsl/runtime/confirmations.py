"""Confirmations: a second yes to a list, by a text, by a link of ours, or by an event of the shop's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import sqlalchemy as sa

from conductor_dsl.program.json_sql import json_word
from conductor_dsl.replies.text_to_meaning import Meaning
from conductor_dsl.runtime.revocation import SOURCE
from conductor_dsl.runtime.text_meanings import Text
from conductor_dsl.shared.clock import Instant
from conductor_dsl.store.batches import arrival
from conductor_dsl.store.confirmations import pending
from conductor_dsl.store.consents import CONFIRMED, hear_words, tell_words

EVENT = "subscription.confirmed"
LINK = "link"
Word = tuple[object, ...]
"""A word in the columns of `incoming_consent` but for the number."""


def yes_words(connection: sa.Connection, texts: Sequence[Text]) -> Iterator[Word]:
    """The lists that a YES to a number confirms: those of its author that are asked for from there, and wait."""
    said = {each.contact_id: each for each in texts if each.understood.meaning == Meaning.YES}
    for row in pending(connection, list(said)):
        text = said[row.contact_id]
        if row.channel == "sms" and row.sender == text.code:
            yield _word(text.contact_id, row.list, text.at, SOURCE + text.code, text.proof)


def hear_confirmations(connection: sa.Connection, now: Instant) -> None:
    """Let the confirmations in `arrival` take their effect; what is joined by them is added to it."""
    list_ = json_word(arrival.c.payload, sa.literal("list"))
    told = sa.select(arrival.c.contact_id, list_, arrival.c.at, sa.func.coalesce(arrival.c.key, ""))
    told = told.where(arrival.c.name == EVENT)
    rows = {(contact, name): (at, key) for contact, name, at, key in connection.execute(told)}
    waiting = [(each.contact_id, each.list) for each in pending(connection, [contact for contact, _ in rows])]
    words = [_word(*pair, rows[pair][0], "event", rows[pair][1]) for pair in waiting if pair in rows]
    hear_words(connection, _numbered(words), now)


def confirm(connection: sa.Connection, contact_id: int, list_: str, proof: str, now: Instant) -> bool:
    """Write down a yes by a link, in which there is one contact only; whether it was waited for."""
    waits = any(row.list == list_ for row in pending(connection, [contact_id]))
    if waits:
        tell_words(connection, _numbered([_word(contact_id, list_, now, LINK, proof)]), now)
    return waits


def _word(contact_id: int, list_: str, at: Instant, source: str, proof: str) -> Word:
    return (contact_id, "", list_, at, CONFIRMED, source, "", proof)


def _numbered(words: Iterable[Word]) -> list[tuple[object, ...]]:
    return [(number, *word) for number, word in enumerate(words)]
