"""From rows to contacts.

An empty cell leaves what is stored, so that a file may carry some columns only; a JSON null clears it. Columns that
are not known are fields of the shop's own; `country` is kept among them.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from conductor_dsl.program.states import Closure
from conductor_dsl.runtime.ingest.cell_to_value import key_in, text_to_zone, to_json, value_to_text
from conductor_dsl.runtime.ingest.nouns import ImportOptions
from conductor_dsl.runtime.ingest.text_to_address import MISSING, text_to_country, text_to_email, text_to_phone
from conductor_dsl.runtime.ingest.value_to_field import JsonField, is_empty, value_to_field
from conductor_dsl.shared.clock import Instant
from conductor_dsl.store.closed_addresses import KEY, closed_among
from conductor_dsl.store.contacts import upsert_contacts
from conductor_dsl.store.incoming import incoming_contact
from conductor_dsl.store.suppressions import close_known
from conductor_dsl.store.tables import contact

REQUIRED = ("key",)
KNOWN = ("key", "email", "mobile", "first_name", "last_name", "zone", "country")
_PLAIN = frozenset(KNOWN) - {"country"}


@dataclass(slots=True)
class Contact:
    """A contact as a row tells it: the columns of `incoming_contact` but for the fields, and these."""

    columns: tuple[str | None, ...]
    fields: dict[str, JsonField]

    @property
    def key(self) -> str | None:
        """What identifies the contact."""
        return self.columns[0]

    @property
    def names(self) -> tuple[str | None, str | None, str | None]:
        """The key, the e-mail address and the number."""
        return self.columns[0], self.columns[1], self.columns[3]


def row_to_contact(values: dict[str, object], options: ImportOptions, now: Instant) -> Contact:  # noqa: ARG001
    """A contact from the columns of a row; raises BadRow."""
    key = key_in(values, "key")
    country = _country(values, options)
    email, email_state = _email(values)
    mobile, mobile_state = _mobile(values, country)
    zone = _told(values, "zone")
    if zone:
        text_to_zone("zone", zone)
    names = _told(values, "first_name"), _told(values, "last_name")
    columns = (key, email, email_state, mobile, mobile_state, *names, zone)
    return Contact(columns, _fields(values, options, country))


def _told(values: dict[str, object], name: str) -> str | None:
    """None where a row says nothing about a column, "" where it clears it."""
    if name not in values:
        return None
    value = values[name]
    return "" if value is None else value_to_text(name, value) or None


def _country(values: dict[str, object], options: ImportOptions) -> str:
    told = _told(values, "country")
    return text_to_country(told) if told else options.country


def _email(values: dict[str, object]) -> tuple[str | None, str | None]:
    told = _told(values, "email")
    return text_to_email(told) if told else (told, None if told is None else MISSING)


def _mobile(values: dict[str, object], country: str) -> tuple[str | None, str | None]:
    told = _told(values, "mobile")
    return text_to_phone(told, country) if told else (told, None if told is None else MISSING)


def _fields(values: dict[str, object], options: ImportOptions, country: str) -> dict[str, JsonField]:
    fields: dict[str, JsonField] = {}
    for name, value in values.items():
        if name in _PLAIN or is_empty(value):
            continue
        if value is None:
            fields[name] = None
        elif name == "country":
            fields[name] = country
        else:
            type_ = options.fields.get(name)
            fields[name] = value_to_field(name, value, type_, country=country, zone=options.zone)
    return fields


def store_contacts(
    connection: sa.Connection, numbered: list[tuple[int, Contact]], now: Instant
) -> tuple[int, dict[int, str]]:
    """Store contacts, of which several may be the same; how many are new or changed, and why others are rejected."""
    by_key: dict[str | None, Contact] = {}
    forgotten = _forgotten(connection, numbered)
    for number, each in numbered:
        if number in forgotten:
            continue
        earlier = by_key.get(each.key)
        by_key[each.key] = each if earlier is None else _followed_by(earlier, each)
    rows: list[tuple[object, ...]] = [(*each.columns, to_json(each.fields)) for each in by_key.values()]
    stored = upsert_contacts(connection, rows, now)
    imported = sa.select(contact.c.id).join(incoming_contact, incoming_contact.c.key == contact.c.key)
    close_known(connection, imported, now)
    return stored, forgotten


def _forgotten(connection: sa.Connection, numbered: list[tuple[int, Contact]]) -> dict[int, str]:
    """The rows about somebody who has been erased, by key, e-mail address or number."""
    named = {number: list(zip((KEY, "email", "sms"), each.names, strict=True)) for number, each in numbered}
    closed = closed_among(connection, [(channel, name) for pairs in named.values() for channel, name in pairs if name])
    gone = {(each.channel, each.address) for each in closed if each.reason == Closure.ERASED}
    reason = "erased at their own wish; `conductor suppress --lift` lets them come back"
    return {number: reason for number, pairs in named.items() if not gone.isdisjoint(pairs)} if gone else {}


def _followed_by(earlier: Contact, later: Contact) -> Contact:
    """What two rows about one contact come to."""
    pairs = zip(earlier.columns, later.columns, strict=True)
    return Contact(tuple(old if new is None else new for old, new in pairs), earlier.fields | later.fields)
