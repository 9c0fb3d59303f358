"""Dossier: all rows of all tables that are about a contact, whichever tables there are."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from conductor_dsl.program.states import Closure
from conductor_dsl.store.closed_addresses import KEY, closed_among
from conductor_dsl.store.tables import contact, metadata

Row = dict[str, Any]


def tables_of_contacts() -> list[sa.Table]:
    """The tables with rows of contacts, but for `contact` itself."""
    return [table for table in metadata.sorted_tables if "contact_id" in table.c]


def find_contact(connection: sa.Connection, name: str) -> int | None:
    """The number of the contact with a key or, if nobody has that, an address; of several the one that came first."""
    by_key = connection.scalar(sa.select(contact.c.id).where(contact.c.key == name))
    if by_key is not None:
        return int(by_key)
    own = contact.c.email if "@" in name else contact.c.mobile
    found = connection.scalar(sa.select(sa.func.min(contact.c.id)).where(own == name))
    return None if found is None else int(found)


def is_erased(connection: sa.Connection, name: str) -> bool:
    """Whether somebody with this key, address or number has been erased."""
    named = [(channel, name) for channel in (KEY, "email", "sms")]
    return any(each.reason == Closure.ERASED for each in closed_among(connection, named))


def dossier(connection: sa.Connection, contact_id: int) -> dict[str, list[Row]]:
    """The rows of every table about a contact, in the order of their keys."""
    found = {"contact": _rows(connection, sa.select(contact).where(contact.c.id == contact_id))}
    for table in tables_of_contacts():
        own = sa.select(table).where(table.c.contact_id == contact_id).order_by(*table.primary_key.columns)
        found[table.name] = _rows(connection, own)
    return found


def _rows(connection: sa.Connection, query: sa.Select[Any]) -> list[Row]:
    return [dict(row._mapping) for row in connection.execute(query)]
