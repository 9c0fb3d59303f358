"""Enter by chance: what a batch of chances tells happens, as an event, and lets its contacts into one thread."""

from __future__ import annotations

import sqlalchemy as sa

from conductor_dsl.language.expressions import from_json
from conductor_dsl.language.flow import FlowThread
from conductor_dsl.program.condition_to_sql import condition_to_sql
from conductor_dsl.program.facts import SqlFacts
from conductor_dsl.runtime.arrivals import settle_arrivals
from conductor_dsl.runtime.enter import enter_crossing
from conductor_dsl.runtime.programs import Loaded, Programs
from conductor_dsl.shared.clock import DAY, Instant
from conductor_dsl.store.batches import arrival, chance, crossing, empty, led_by
from conductor_dsl.store.happenings import add_arrivals
from conductor_dsl.store.insert_missing import insert_missing
from conductor_dsl.store.tables import contact, metadata

STALE = 3 * DAY
"""A chance that nobody could look at for so long, because no node was running, is not taken any more."""


def happen_by_chance(connection: sa.Connection, programs: Programs, name: str, now: Instant) -> None:
    """Let what the chances in the batch tell happen as events: they end runs, and end the waiting for them."""
    empty(connection, arrival)
    mark = sa.cast(chance.c.mark, sa.Text)
    key = sa.literal(f"{name}\n") + chance.c.thing + "\n" + mark
    at = sa.literal(now, sa.BigInteger)
    told = sa.select(chance.c.contact_id, sa.literal(name), at.label("at"), chance.c.payload, key.label("key"))
    if add_arrivals(connection, told.where(chance.c.payload.is_not(None))):
        settle_arrivals(connection, programs, now)


def enter_by_chance(
    connection: sa.Connection, programs: Programs, loaded: Loaded, thread: FlowThread, now: Instant
) -> int:
    """Let in by the chances in the batch, each contact by the first of its own; returns how many enter."""
    assert thread.trigger is not None
    empty(connection, crossing)
    fits: list[sa.ColumnElement[bool]] = [chance.c.payload.is_not(None)]
    where = thread.trigger.arguments.get("where")
    if where is not None:
        facts = SqlFacts(metadata.tables, now, programs.host.predicates, loaded.asking, chance.c.payload)
        fits.append(condition_to_sql(from_json(where), facts))
    first = sa.select(chance).join(contact, contact.c.id == led_by(chance.c.contact_id)).where(*fits)
    columns = {"contact_id": chance.c.contact_id, "payload": chance.c.payload}
    insert_missing(connection, crossing, columns, first.order_by(chance.c.due_at, chance.c.thing))
    return enter_crossing(connection, loaded, thread, now)
