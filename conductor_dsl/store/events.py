"""Events: each stored once."""

from __future__ import annotations

import sqlalchemy as sa

from conductor_dsl.store.batches import arrival, empty, led_by
from conductor_dsl.store.incoming import incoming_event, take
from conductor_dsl.store.insert_missing import insert_missing
from conductor_dsl.store.retention_tables import EVENTS, retention
from conductor_dsl.store.tables import contact, event


def add_events(connection: sa.Connection, rows: list[tuple[object, ...]]) -> tuple[int, set[int]]:
    """Store the new ones among rows in the columns of `incoming_event`, each contact and key at most once.

    The new events lie in `arrival` afterwards, and so take effect; but for those from before the horizon, which may
    have been here once. Returns how many they are, and the numbers of the rows whose contact does not exist.
    """
    take(connection, incoming_event, rows)
    empty(connection, arrival)
    coming = incoming_event.c
    columns = {name: coming[name] for name in ("number", "name", "at", "payload", "key")}
    found = sa.select(contact.c.id.label("contact_id"), *columns.values())
    found = found.join_from(incoming_event, contact, contact.c.key == led_by(coming.contact_key))
    # Locked as they are found, as by `lock_contacts`, for which they would have to be found again.
    found = found.order_by(contact.c.id).with_for_update(key_share=True, of=contact)
    came = connection.execute(sa.insert(arrival).from_select(["contact_id", *columns], found)).rowcount
    unknown = _unknown(connection) if came < len(rows) else set()
    stored = sa.exists().where(event.c.contact_id == arrival.c.contact_id, event.c.key == arrival.c.key)
    came -= connection.execute(sa.delete(arrival).where(stored)).rowcount
    if came:
        store_arrivals(connection)
        horizon = sa.select(retention.c.horizon).where(retention.c.kind == EVENTS).scalar_subquery()
        connection.execute(sa.delete(arrival).where(arrival.c.at < horizon))
    return came, unknown


def store_arrivals(connection: sa.Connection) -> None:
    """Keep what is in `arrival` as events."""
    columns = {name: arrival.c[name] for name in ("contact_id", "key", "name", "at", "payload", "caused_by")}
    insert_missing(connection, event, columns, sa.select(arrival).order_by(arrival.c.contact_id, arrival.c.key))


def _unknown(connection: sa.Connection) -> set[int]:
    """The numbers of the rows whose contact does not exist."""
    number = incoming_event.c.number
    return set(connection.scalars(sa.select(number).where(number.not_in(sa.select(arrival.c.number)))))
