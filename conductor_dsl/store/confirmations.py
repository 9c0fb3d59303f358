"""Confirmations: who has said yes to a list that wants a second one is asked for it, and has said it or not."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from conductor_dsl.program.states import IntentState, Lane
from conductor_dsl.shared.clock import DAY, Instant
from conductor_dsl.store.batches import led_by
from conductor_dsl.store.consent_tables import list_rule
from conductor_dsl.store.incoming import incoming_consent
from conductor_dsl.store.insert_missing import insert_missing
from conductor_dsl.store.recoveries import ERA
from conductor_dsl.store.tables import NO_LIST, SYSTEM, contact, intent, membership

PENDING = "pending"
"""The state of a membership whose second yes has not come."""
ASKED_WITHIN = DAY
"""How old a yes may be for the second one to be asked for: history that is imported asks nobody. As long as that nobody
is asked again."""
STEP = 3
"""The number of the request in the conversation of the engine's own."""
_ADDRESSES = {"sms": contact.c.mobile, "email": contact.c.email}
_STATES = {"sms": contact.c.mobile_state, "email": contact.c.email_state}


def ask_to_confirm(connection: sa.Connection, now: Instant) -> int:
    """Write a request to those whose words in `incoming_consent` have made them pending; returns how many."""
    rules = connection.execute(sa.select(list_rule).where(list_rule.c.channel != "")).all()
    return sum(_ask(connection, rule, now) for rule in rules)


def pending(connection: sa.Connection, who: list[int]) -> list[sa.Row[Any]]:
    """(contact, list, channel, sender) of all that waits for a second yes of contacts."""
    columns = (membership.c.contact_id, membership.c.list, list_rule.c.channel, list_rule.c.sender)
    joined = sa.select(*columns).join_from(membership, list_rule, list_rule.c.list == membership.c.list)
    waiting = (membership.c.contact_id.in_(who), membership.c.state == PENDING)
    return list(connection.execute(joined.where(*waiting)))


def _ask(connection: sa.Connection, rule: sa.Row[Any], now: Instant) -> int:
    coming, address = incoming_consent.c, _ADDRESSES[rule.channel]
    of_contact = (intent.c.contact_id == contact.c.id, intent.c.conversation_id == SYSTEM)
    asked = sa.exists().where(
        *of_contact,
        intent.c.step == STEP,
        intent.c.message_id == rule.message_id,
        intent.c.created_at > now - ASKED_WITHIN,
    )
    new = sa.select(coming.contact_id).where(coming.list == rule.list, coming.at > now - ASKED_WITHIN)
    theirs = sa.and_(membership.c.contact_id == led_by(contact.c.id), membership.c.list == rule.list)
    who = (
        sa.select(contact)
        .join_from(contact, membership, theirs)
        .where(contact.c.id.in_(new), membership.c.state == PENDING, _STATES[rule.channel] == "valid", ~asked)
    )
    entry = sa.select(sa.func.coalesce(sa.func.max(intent.c.entry_no), 0) + 1).where(*of_contact).scalar_subquery()
    columns: dict[str, Any] = {
        "contact_id": contact.c.id,
        "conversation_id": sa.literal(SYSTEM, sa.BigInteger),
        "entry_no": entry,
        "step": sa.literal(STEP, sa.Integer),
        "visit": ERA,
        "version_id": sa.literal(0, sa.BigInteger),
        "message_id": sa.literal(rule.message_id, sa.BigInteger),
        "channel": sa.literal(rule.channel),
        "list": sa.literal(NO_LIST),
        "sender": sa.literal(rule.sender),
        "address": address,
        "values": sa.literal(rule._mapping["values"]),
        "created_at": sa.literal(now, sa.BigInteger),
        "state": sa.literal(IntentState.READY.value),
        "lane": sa.literal(Lane.TRANSACTIONAL, sa.SmallInteger),
        "not_before": sa.literal(now, sa.BigInteger),
        "expires_at": sa.literal(now + ASKED_WITHIN, sa.BigInteger),
    }
    return insert_missing(connection, intent, columns, who)
