"""Changes: what an import makes of the contacts that are stored already, as events.

A field that gets another value has `changed`; an e-mail address or a number in place of a valid one is
`address.changed`, which ends the runs that would write to the old one. What is told of a contact for the first time is
no change of an address: nobody has been written to there.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from conductor_dsl.program.json_sql import json_member, json_names, json_record, json_shown
from conductor_dsl.shared.clock import Instant
from conductor_dsl.store.batches import arrival, candidate, empty, led_by
from conductor_dsl.store.happenings import add_arrivals
from conductor_dsl.store.incoming import incoming_contact
from conductor_dsl.store.tables import contact

CHANGED = "changed"
ADDRESS_CHANGED = "address.changed"
PLAIN = ("first_name", "last_name", "zone")
ADDRESSES = ("email", "mobile")
_LONGEST = 100
"""How many characters of a name and of a value stand in a key."""


def announce_changes(connection: sa.Connection, now: Instant) -> int:
    """Store what `incoming_contact` is about to change in the contacts of `candidate`, as events and in `arrival`."""
    empty(connection, arrival)
    selects = [*(_plain(name, now) for name in PLAIN), *(_address(name, now) for name in ADDRESSES), _fields(now)]
    return add_arrivals(connection, sa.union_all(*selects))


def change_to_payload(name: Any, value: Any, before: Any) -> sa.ColumnElement[str]:
    """The JSON that `changed` and `address.changed` carry; the values are texts, or NULL."""
    return json_record("field", name, "value", value, "before", before)


def _plain(name: str, now: Instant) -> sa.Select[Any]:
    coming, stored = _told(name), contact.c[name]
    return _event(CHANGED, sa.literal(name, sa.Text), coming, stored, now=now).where(coming.is_distinct_from(stored))


def _address(name: str, now: Instant) -> sa.Select[Any]:
    coming, stored = _told(name), contact.c[name]
    was_valid = contact.c[f"{name}_state"] == "valid"
    other = sa.func.lower(coming).is_distinct_from(sa.func.lower(stored))
    return _event(ADDRESS_CHANGED, sa.literal(name, sa.Text), coming, stored, now=now).where(was_valid, other)


def _told(name: str) -> sa.ColumnElement[Any]:
    """What a column becomes: NULL leaves what is stored, the empty text clears it."""
    return sa.func.nullif(sa.func.coalesce(incoming_contact.c[name], contact.c[name]), "")


def _fields(now: Instant) -> sa.Select[Any]:
    """The declared fields, and those of the shop's own, whose JSON differs."""
    coming, stored = incoming_contact.c.fields, contact.c.fields
    name = json_names(coming).table_valued("key", name="named").c.key
    after = sa.func.nullif(sa.cast(json_member(coming, name), sa.Text), "null")
    before = sa.cast(json_member(stored, name), sa.Text)
    chosen = _event(CHANGED, name, json_shown(coming, name), json_shown(stored, name), now=now)
    return chosen.where(after.is_distinct_from(before))


def _event(event: str, name: Any, value: Any, before: Any, *, now: Instant) -> sa.Select[Any]:
    short = [sa.func.substr(part, 1, _LONGEST) for part in (name, sa.func.coalesce(value, ""))]
    key = sa.literal(f"{event} ", sa.Text) + short[0] + sa.literal(f" {now} ", sa.Text) + short[1]
    at = sa.literal(now, sa.BigInteger)
    payload = change_to_payload(name, value, before)
    chosen = sa.select(contact.c.id, sa.literal(event, sa.Text), at, payload, key)
    chosen = chosen.join_from(candidate, contact, contact.c.id == led_by(candidate.c.contact_id))
    return chosen.join(incoming_contact, incoming_contact.c.key == contact.c.key)
