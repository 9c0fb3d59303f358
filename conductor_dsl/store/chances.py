"""Chances: the moments at which contacts may enter a thread, each by a thing, kept until they come."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from conductor_dsl.shared.clock import Instant
from conductor_dsl.store.batches import chance, empty
from conductor_dsl.store.tables import contact, entry_mark, run

KEY = ("contact_id", "thread_id", "thing")


def put_chances(connection: sa.Connection, thread_id: int, found: sa.Select[Any]) -> None:
    """Keep the chances of a thread that a select of (contact_id, thing, mark, due_at) gives.

    A later mark takes the place of an earlier one. Of the same mark only what has not come yet can move; so nothing
    gives a contact two chances.
    """
    each = found.subquery("found")
    chosen = sa.select(
        each.c.contact_id, sa.literal(thread_id, sa.BigInteger), each.c.thing, each.c.mark, each.c.due_at
    )
    insert = sqlite.insert(entry_mark) if connection.dialect.name == "sqlite" else postgresql.insert(entry_mark)
    put = insert.from_select([*KEY, "mark", "due_at"], chosen.where(sa.true()))
    new, old = put.excluded, entry_mark.c
    moved = sa.and_(new.mark == old.mark, old.due_at.is_not(None), new.due_at != old.due_at)
    again = put.on_conflict_do_update(
        index_elements=KEY,
        set_={"mark": new.mark, "due_at": new.due_at},
        where=sa.or_(new.mark > old.mark, moved),
    )
    connection.execute(again)


def next_chances(connection: sa.Connection, thread_ids: Iterable[int]) -> dict[int, Instant]:
    """For each of the threads that have chances, when the next one comes."""
    due = sa.select(sa.func.min(entry_mark.c.due_at)).where(entry_mark.c.due_at.is_not(None))
    found = {each: connection.scalar(due.where(entry_mark.c.thread_id == each)) for each in thread_ids}
    return {each: at for each, at in found.items() if at is not None}


def take_chances(connection: sa.Connection, thread_id: int, now: Instant, limit: int) -> int:
    """Take the chances of a thread that have come into the batch `chance`, those first that came first; how many.

    On PostgreSQL those are passed over whose contact somebody else has in hand.
    """
    empty(connection, chance)
    names = ("contact_id", "thing", "mark", "due_at")
    due = sa.select(*(entry_mark.c[name] for name in names)).join(contact, contact.c.id == entry_mark.c.contact_id)
    due = due.where(entry_mark.c.thread_id == thread_id, entry_mark.c.due_at <= now)
    due = due.order_by(entry_mark.c.due_at).limit(limit)
    due = due.with_for_update(skip_locked=True, key_share=True, of=[entry_mark, contact])
    return connection.execute(sa.insert(chance).from_select(names, due)).rowcount


def spend_chances(connection: sa.Connection, thread_id: int) -> None:
    """The chances in the batch have come; those with an `again_at` come again then."""
    spent = _of_batch(connection, thread_id, sa.select(chance))
    connection.execute(spent.on_conflict_do_update(index_elements=KEY, set_={"due_at": spent.excluded.due_at}))


def mark_entered(connection: sa.Connection, thread_id: int, conversation_id: int, now: Instant) -> None:
    """Keep the marks of those in the batch `chance` who have entered the conversation just now."""
    entered = sa.exists().where(
        run.c.contact_id == chance.c.contact_id, run.c.conversation_id == conversation_id, run.c.entered_at == now
    )
    put = _of_batch(connection, thread_id, sa.select(chance).where(entered))
    connection.execute(put.on_conflict_do_update(index_elements=KEY, set_={"mark": put.excluded.mark}))


def _of_batch(connection: sa.Connection, thread_id: int, chosen: sa.Select[Any]) -> Any:
    """The insertion of marks, led by what is in the batch, however many there are in all."""
    of_thread = sa.literal(thread_id, sa.BigInteger)
    marks = chosen.with_only_columns(chance.c.contact_id, of_thread, chance.c.thing, chance.c.mark, chance.c.again_at)
    insert = sqlite.insert(entry_mark) if connection.dialect.name == "sqlite" else postgresql.insert(entry_mark)
    # SQLite cannot tell ON CONFLICT from a join condition unless the select has a WHERE.
    return insert.from_select([*KEY, "mark", "due_at"], marks.where(sa.true()))
