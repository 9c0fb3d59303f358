"""Erase: nothing that is stored tells who a contact was, and nothing brings the contact back.

The rows that tell what the engine has done stay, without addresses and values: they are counts, and the promises are
checked against them. The ledger of consent stays with hashes in place of texts. Everything else is deleted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import sqlalchemy as sa

from conductor_dsl.program.states import Closure, IntentState, Reason
from conductor_dsl.shared.clock import Instant
from conductor_dsl.shared.ids import address_digest
from conductor_dsl.store.call_back import MAY_BE_CALLED_BACK, call_back
from conductor_dsl.store.closed_addresses import KEY, Closed, close_addresses
from conductor_dsl.store.connect import secret_of
from conductor_dsl.store.consent_tables import erased
from conductor_dsl.store.dossier import tables_of_contacts
from conductor_dsl.store.incoming import lock_contacts
from conductor_dsl.store.insert_missing import put_missing
from conductor_dsl.store.node_tables import inbox
from conductor_dsl.store.runs import exit_runs
from conductor_dsl.store.tables import consent, contact, coupon, history, intent, run

HASH = "hash:"
"""How a text of the ledger begins that has been replaced by its hash."""
BATCH = 500
"""Contacts in one transaction."""
STAYING = frozenset(table.name for table in (consent, run, intent, history, coupon, erased))
"""The tables whose rows stay: a code is given once, and never comes back."""


def on_their_way(connection: sa.Connection, ids: Collection[int]) -> int:
    """How many messages to contacts are with a provider just now, which cannot be called back."""
    sending = (intent.c.contact_id.in_(ids), intent.c.settled_at.is_(None), intent.c.state == IntentState.SENDING)
    return connection.scalar(sa.select(sa.func.count()).select_from(intent).where(*sending)) or 0


def erase(connection: sa.Connection, ids: Sequence[int], now: Instant) -> int:
    """Erase contacts; returns how many there were. None of their messages may be on its way."""
    lock_contacts(connection, contact.c.id.in_(ids))
    people = connection.execute(sa.select(contact).where(contact.c.id.in_(ids))).all()
    if not people:
        return 0
    addresses = _addresses(connection, ids)
    exit_runs(connection, run.c.contact_id.in_(ids), Closure.ERASED.value, now)
    _remember(connection, people, now)
    close_addresses(connection, [Closed(*pair, Closure.ERASED, now) for pair in addresses | _named(people)])
    _hash_the_ledger(connection, ids)
    _blank(connection, ids, now)
    for table in tables_of_contacts():
        if table.name not in STAYING:
            connection.execute(sa.delete(table).where(table.c.contact_id.in_(ids)))
    for _, address in addresses:
        connection.execute(sa.delete(inbox).where(inbox.c.data.contains(address, autoescape=True)))
    return connection.execute(sa.delete(contact).where(contact.c.id.in_(ids))).rowcount


def _named(people: Sequence[sa.Row[tuple[object, ...]]]) -> set[tuple[str, str]]:
    """(channel, address) of what identifies contacts."""
    named = {(KEY, row.key) for row in people} | {("email", row.email) for row in people}
    return {pair for pair in named | {("sms", row.mobile) for row in people} if pair[1]}


def _addresses(connection: sa.Connection, ids: Sequence[int]) -> set[tuple[str, str]]:
    """The (channel, address) that contacts have been written to, the old ones too, and those they have now."""
    sent = sa.select(intent.c.channel, intent.c.address).where(intent.c.contact_id.in_(ids)).distinct()
    own = sa.select(contact.c.email, contact.c.mobile).where(contact.c.id.in_(ids))
    people = sent.where(intent.c.channel.in_(("sms", "email")))
    found = {(row.channel, row.address) for row in connection.execute(people)}
    for email, mobile in connection.execute(own):
        found |= {("email", email), ("sms", mobile)}
    return {pair for pair in found if pair[1]}


def _remember(connection: sa.Connection, people: Sequence[sa.Row[tuple[object, ...]]], now: Instant) -> None:
    secret = secret_of(connection)

    def digests(row: sa.Row[tuple[object, ...]]) -> Iterator[str]:
        for text in (row.key, row.email, row.mobile):
            yield address_digest(secret, text) if text else ""

    put_missing(connection, erased, [(row.id, *digests(row), now) for row in people])


def _hash_the_ledger(connection: sa.Connection, ids: Sequence[int]) -> None:
    """Put hashes in place of the texts: who has a text can still show that it is the one."""
    secret, key = secret_of(connection), consent.primary_key.columns
    texts = ("source", "shown_text", "proof")
    rows = connection.execute(sa.select(consent).where(consent.c.contact_id.in_(ids))).all()
    mine = sa.and_(*(column == sa.bindparam(f"its_{column.name}") for column in key))
    values = [
        {f"its_{column.name}": getattr(row, column.name) for column in key}
        | {name: _hashed(secret, getattr(row, name)) for name in texts}
        for row in rows
    ]
    if values:
        hashed = sa.update(consent).where(mine).values({name: sa.bindparam(name) for name in texts})
        connection.execute(hashed, values)


def _hashed(secret: str, text: str) -> str:
    return text if not text or text.startswith(HASH) else HASH + address_digest(secret, text)


def _blank(connection: sa.Connection, ids: Sequence[int], now: Instant) -> None:
    """Take out of runs and messages what tells of their contacts; what still waits is called back."""
    mine = intent.c.contact_id.in_(ids)
    unwanted = sa.update(intent).where(mine, MAY_BE_CALLED_BACK)
    connection.execute(unwanted.values(call_back(Reason.RUN_EXITED, now)))
    ours = sa.case((intent.c.reason.in_([reason.value for reason in Reason]), intent.c.reason))
    blank = sa.update(intent).where(mine).values({"address": "", "values": "[]", "provider_id": None, "reason": ours})
    connection.execute(blank)
    connection.execute(sa.update(run).where(run.c.contact_id.in_(ids)).values(payload=None))
