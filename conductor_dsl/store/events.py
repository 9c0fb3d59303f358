"""Events: each stored once."""

from __future__ import annotations

import sqlalchemy as sa

from conductor_dsl.store.batches import arrival, empty
from conductor_dsl.store.incoming import incoming_event, take_for_contacts
from conductor_dsl.store.insert_missing import insert_missing
from conductor_dsl.store.retention_tables import EVENTS, retention
from conductor_dsl.store.tables import event


def add_events(connection: sa.Connection, rows: list[tuple[object, ...]]) -> tuple[int, set[int]]:
    """Store the new ones among rows in the columns of `incoming_event`, each contact and key at most once.

    The new events lie in `arrival` afterwards, and so take effect; but for those from before the horizon, which may
    have been here once. Returns how many they are, and the numbers of the rows whose contact does not exist.
    """
    unknown = take_for_contacts(connection, incoming_event, rows)
    empty(connection, arrival)
    coming = incoming_event.c
    stored = sa.exists().where(event.c.contact_id == coming.contact_id, event.c.key == coming.key)
    names = ("number", "contact_id", "name", "at", "payload", "key")
    new = sa.select(*(coming[name] for name in names)).where(coming.contact_id.is_not(None), ~stored)
    added = connection.execute(sa.insert(arrival).from_select(names, new)).rowcount
    columns = {name: coming[name] for name in ("contact_id", "key", "name", "at", "payload")}
    source = sa.select(incoming_event).join(arrival, arrival.c.number == coming.number)
    insert_missing(connection, event, columns, source.order_by(coming.contact_id, coming.key))
    horizon = sa.select(retention.c.horizon).where(retention.c.kind == EVENTS).scalar_subquery()
    connection.execute(sa.delete(arrival).where(arrival.c.at < horizon))
    return added, unknown
