"""Events are stored once."""

from __future__ import annotations

import sqlalchemy as sa

from conductor_dsl.store.batches import arrival
from conductor_dsl.store.connect import connect
from conductor_dsl.store.contacts import upsert_contacts
from conductor_dsl.store.events import add_events
from conductor_dsl.store.tables import event


def test_only_new_events_are_stored_and_arrive(database_url: str) -> None:
    engine = connect(database_url)
    with engine.begin() as connection:
        upsert_contacts(connection, [("a", *(None,) * 7, "{}")], 1)
        first: list[tuple[object, ...]] = [
            (0, "a", "e1", "seen", 5, "{}"),
            (1, "zz", "e1", "seen", 5, "{}"),
        ]
        assert add_events(connection, first) == (1, {1})
        again: list[tuple[object, ...]] = [
            (0, "a", "e1", "seen", 5, "{}"),
            (1, "a", "e2", "seen", 6, '{"n":1}'),
        ]
        assert add_events(connection, again) == (1, set())
        assert connection.execute(sa.select(arrival.c.number, arrival.c.payload)).all() == [(1, '{"n":1}')]
        assert sorted(connection.scalars(sa.select(event.c.key))) == ["e1", "e2"]
    engine.dispose()
