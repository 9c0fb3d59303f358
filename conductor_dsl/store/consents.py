"""Consent: a ledger that only grows, and the latest word of it for each contact and list.

The latest word is the one with the latest instant, in whatever order the rows come; of two at the same instant the
opt-out counts. An opt-out from the list `*` is a word about every list.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from conductor_dsl.shared.clock import Instant
from conductor_dsl.store.incoming import incoming_consent, take_for_contacts
from conductor_dsl.store.insert_missing import insert_missing
from conductor_dsl.store.tables import EVERY_LIST, consent, contact, membership

SUBSCRIBED = "subscribed"
UNSUBSCRIBED = "unsubscribed"


def add_consents(connection: sa.Connection, rows: list[tuple[object, ...]], now: Instant) -> tuple[int, set[int]]:
    """Store rows in the columns of `incoming_consent`.

    Returns how many were new, and the numbers of those whose contact does not exist. A contact of whom there is a new
    word has changed `now`, so that audiences look at it again.
    """
    unknown = take_for_contacts(connection, incoming_consent, rows)
    connection.execute(_changed_contacts(now))
    names = ("contact_id", "list", "at", "action", "source", "shown_text", "proof")
    known = sa.select(incoming_consent).where(incoming_consent.c.contact_id.is_not(None))
    columns: dict[str, Any] = {name: incoming_consent.c[name] for name in names}
    columns["stored_at"] = sa.literal(now, sa.BigInteger)
    added = insert_missing(connection, consent, columns, known)
    connection.execute(_latest_words(connection.dialect.name))
    connection.execute(_opt_outs_from_everything())
    return added, unknown


def _changed_contacts(now: Instant) -> sa.Update:
    """Stamp the contacts of whom there is a word that the ledger does not hold yet."""
    coming = incoming_consent.c
    key = ("contact_id", "list", "at", "action")
    stored = sa.exists().where(*(consent.c[name] == coming[name] for name in key))
    new = sa.select(coming.contact_id).where(coming.contact_id.is_not(None), ~stored)
    return sa.update(contact).where(contact.c.id.in_(new)).values(updated_at=now)


def _latest_words(dialect: str) -> Any:
    """Let a later word replace an earlier one, never the other way round."""
    coming = incoming_consent.c
    rank = sa.func.row_number().over(
        partition_by=(coming.contact_id, coming.list),
        order_by=(coming.at.desc(), sa.case((coming.action == UNSUBSCRIBED, 0), else_=1)),
    )
    ranked = sa.select(coming.contact_id, coming.list, coming.action, coming.at, rank.label("rank"))
    words = ranked.where(coming.contact_id.is_not(None)).subquery("words")
    latest = sa.select(words.c.contact_id, words.c.list, words.c.action, words.c.at).where(words.c.rank == 1)
    insert = sqlite.insert(membership) if dialect == "sqlite" else postgresql.insert(membership)
    put = insert.from_select(list(membership.c), latest)
    new = put.excluded
    tie = sa.and_(new.since_at == membership.c.since_at, new.state == UNSUBSCRIBED)
    return put.on_conflict_do_update(
        index_elements=[membership.c.contact_id, membership.c.list],
        set_={"state": new.state, "since_at": new.since_at},
        where=sa.or_(new.since_at > membership.c.since_at, tie),
    )


def _opt_outs_from_everything() -> sa.Update:
    """Let an opt-out from `*` count for every list on which there is no later word."""
    everything = membership.alias("everything")
    return (
        sa.update(membership)
        .where(membership.c.contact_id.in_(sa.select(incoming_consent.c.contact_id)))
        .where(membership.c.list != EVERY_LIST, membership.c.state == SUBSCRIBED)
        .where(everything.c.contact_id == membership.c.contact_id, everything.c.list == EVERY_LIST)
        .where(everything.c.since_at >= membership.c.since_at)
        .values(state=UNSUBSCRIBED, since_at=everything.c.since_at)
    )
