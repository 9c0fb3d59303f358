"""Undecided: texts that may have asked for no more texts, until somebody has read them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa

from conductor_dsl.shared.clock import Instant
from conductor_dsl.store.consents import SUBSCRIBED, UNSUBSCRIBED, tell_words
from conductor_dsl.store.intents import cancel_opted_out
from conductor_dsl.store.tables import EVERY_TEXT, UNDECIDED_TEXT, consent, contact, intent, membership

BY_HAND = "by hand"
"""How the ledger names people of the shop as the source of a word."""


class Unread(NamedTuple):
    """A text that nobody has understood: of whom, when, by which number (`text to 34567`), and what it says."""

    contact_id: int
    contact: str
    at: Instant
    source: str
    text: str


def unread(connection: sa.Connection, limit: int | None = None) -> list[Unread]:
    """The texts that keep others back, those first that have waited longest."""
    columns = (contact.c.id, contact.c.key, consent.c.at, consent.c.source, consent.c.proof)
    same = sa.and_(
        consent.c.contact_id == membership.c.contact_id,
        consent.c.list == membership.c.list,
        consent.c.at == membership.c.since_at,
        consent.c.action == UNSUBSCRIBED,
    )
    found = sa.select(*columns).join_from(membership, consent, same)
    found = found.join(contact, contact.c.id == membership.c.contact_id)
    waiting = (membership.c.list == UNDECIDED_TEXT, membership.c.state == UNSUBSCRIBED)
    rows = connection.execute(found.where(*waiting).order_by(consent.c.at, contact.c.id).limit(limit))
    return [Unread._make(row) for row in rows]


def decide_texts(connection: sa.Connection, texts: Sequence[Unread], now: Instant, *, is_stop: bool) -> int:
    """Let texts be read: each was a STOP, or it was none; returns how many. What keeps others back is over then."""
    words = [(each.contact_id, "", UNDECIDED_TEXT, now, SUBSCRIBED, BY_HAND, "", each.text) for each in texts]
    if is_stop:
        # Said when it was written, and not when it was read: a yes that came in between counts.
        words += [
            (each.contact_id, "", EVERY_TEXT, each.at, UNSUBSCRIBED, each.source, "", each.text) for each in texts
        ]
    tell_words(connection, [(number, *word) for number, word in enumerate(words)], now)
    cancel_opted_out(connection, now, intent.c.contact_id.in_([each.contact_id for each in texts]))
    return len(texts)
