"""Texts from people: each an event of every contact who has its number."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from conductor_dsl.shared.clock import Instant
from conductor_dsl.store.batches import led_by
from conductor_dsl.store.happenings import add_happenings
from conductor_dsl.store.incoming import incoming_text, take
from conductor_dsl.store.tables import contact

RECEIVED = "sms.received"


def add_texts(connection: sa.Connection, rows: Sequence[tuple[str, str, Instant, str]]) -> tuple[int, int]:
    """Put texts, (number, key, instant, payload as JSON), into the queue of happenings.

    Returns how many are of contacts, and how many come from numbers that no contact has.
    """
    if not rows:
        return 0, 0
    once = {row[1]: row for row in rows}
    take(connection, incoming_text, [(number, *row) for number, row in enumerate(once.values())])
    of_contact = contact.c.mobile == led_by(incoming_text.c.mobile)
    known = connection.scalar(
        sa.select(sa.func.count()).select_from(incoming_text).where(sa.exists().where(of_contact))
    )
    chosen = sa.select(
        contact.c.id, sa.literal(RECEIVED), incoming_text.c.at, incoming_text.c.payload, incoming_text.c.key
    )
    add_happenings(connection, chosen.select_from(incoming_text).join(contact, of_contact))
    return known or 0, len(once) - (known or 0)
