"""Contacts: new ones added, changed ones updated, the others left alone."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from conductor_dsl.shared.clock import Instant
from conductor_dsl.shared.draw import bucket_of
from conductor_dsl.store.batches import candidate, empty
from conductor_dsl.store.changes import announce_changes
from conductor_dsl.store.consent_tables import erased
from conductor_dsl.store.incoming import adding_contacts, incoming_contact, lock_contacts, take
from conductor_dsl.store.insert_missing import insert_missing
from conductor_dsl.store.merge_json import json_merge, json_same
from conductor_dsl.store.tables import contact

_PLAIN = ("email", "mobile", "first_name", "last_name", "zone")
_STATES = ("email_state", "mobile_state")


def upsert_contacts(connection: sa.Connection, rows: list[tuple[object, ...]], now: Instant) -> int:
    """Store rows in the columns of `incoming_contact` but for the bucket, each key at most once.

    Returns how many contacts are new or changed. What is stored already stays untouched, so that repeating an import
    changes nothing. What changes about a stored contact lies in `arrival` afterwards, as events.
    """
    take(connection, incoming_contact, [(*row, bucket_of(str(row[0]))) for row in rows])
    lock_contacts(connection, contact.c.key.in_(sa.select(incoming_contact.c.key)))
    empty(connection, candidate)
    connection.execute(_differing())
    announce_changes(connection, now)
    changed = connection.execute(_update(now)).rowcount
    return changed + _insert(connection, now)


def _differing() -> sa.Insert:
    """Put the contacts of which anything differs into `candidate`."""
    merged = _merged()
    differs = [column.is_distinct_from(getattr(contact.c, name)) for name, column in merged.items() if name != "fields"]
    differs.append(~json_same(merged["fields"], contact.c.fields))
    found = sa.select(contact.c.id).join_from(incoming_contact, contact, contact.c.key == incoming_contact.c.key)
    return sa.insert(candidate).from_select(["contact_id"], found.where(sa.or_(*differs)))


def _update(now: Instant) -> sa.Update:
    same_key = contact.c.key == incoming_contact.c.key
    who = contact.c.id.in_(sa.select(candidate.c.contact_id))
    return sa.update(contact).where(same_key, who).values(**_merged(), updated_at=now)


def _merged() -> dict[str, sa.ColumnElement[Any]]:
    """What a stored contact becomes: NULL leaves a value, the empty text clears it."""
    coming, stored = incoming_contact.c, contact.c
    plain = {name: sa.func.nullif(sa.func.coalesce(coming[name], stored[name]), "") for name in _PLAIN}
    states = {name: sa.func.coalesce(coming[name], stored[name]) for name in _STATES}
    return {**plain, **states, "fields": json_merge(stored.fields, coming.fields)}


def _insert(connection: sa.Connection, now: Instant) -> int:
    """Add the contacts that are not there yet, in the order of their keys whatever the plan; returns how many."""
    coming = incoming_contact.c
    columns: dict[str, Any] = {"key": coming.key, "bucket": coming.bucket}
    columns |= {name: sa.func.nullif(coming[name], "") for name in _PLAIN}
    columns |= {name: sa.func.coalesce(coming[name], "missing") for name in _STATES}
    columns |= {"fields": json_merge(sa.literal("{}"), coming.fields), "updated_at": sa.literal(now, sa.BigInteger)}
    new = sa.select(incoming_contact).where(~sa.exists().where(contact.c.key == coming.key))
    if not connection.scalar(new.with_only_columns(coming.key).limit(1)):
        return 0
    # Where the contacts lie on many machines none of them can see that a key is there already on another one; so those
    # who add contacts do it one after the other, and look again.
    adding_contacts(connection)
    last = _last_erased(connection)
    if last:
        columns["id"] = sa.literal(last, sa.BigInteger) + sa.func.row_number().over(order_by=coming.key)
    return insert_missing(connection, contact, columns, new.order_by(coming.key))


def _last_erased(connection: sa.Connection) -> int:
    """The number of the latest contact, if that one was erased; 0 where nobody could get its number again.

    SQLite would give it to the next one, who would inherit what is kept of the other: passes, messages, the ledger.
    """
    if connection.dialect.name != "sqlite":
        return 0
    latest = [connection.scalar(sa.select(sa.func.max(column))) or 0 for column in (erased.c.contact_id, contact.c.id)]
    return latest[0] if latest[0] > latest[1] else 0
