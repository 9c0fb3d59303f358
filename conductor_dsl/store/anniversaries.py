"""Anniversaries: for each contact and thread the year that is met next, and when; set by the batch.

The batch `candidate` holds those in hand, `dated` those of them who have a day, `occasion` when these days come.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from conductor_dsl.shared.clock import Instant
from conductor_dsl.store.batches import candidate, crossing, dated, empty, fill, led_by, occasion
from conductor_dsl.store.incoming import lock_contacts
from conductor_dsl.store.insert_missing import insert_missing
from conductor_dsl.store.tables import contact, entry_mark

THING = "anniversary"
DATE_LENGTH = 10
_OF_DAY = sa.and_(
    occasion.c.zone == dated.c.zone, occasion.c.day == dated.c.day, occasion.c.first_year == dated.c.first_year
)


def next_mark(connection: sa.Connection, thread_id: int) -> Instant | None:
    """When the next anniversary of a thread comes; None where there is none."""
    at: Instant | None = connection.scalar(
        sa.select(sa.func.min(entry_mark.c.due_at)).where(
            entry_mark.c.thread_id == thread_id, entry_mark.c.due_at.is_not(None)
        )
    )
    return at


def take_changed(connection: sa.Connection, since: Instant, last: int, limit: int) -> int | None:
    """Take the next contacts who have changed since an instant; the last one, None when there are none."""
    empty(connection, candidate)
    following = sa.select(contact.c.id).where(contact.c.id > last)
    if since:
        changed = sa.select(contact.c.id).where(contact.c.updated_at > since).subquery("changed")
        following = sa.select(changed.c.id).where(changed.c.id > last).order_by(changed.c.id)
    else:
        following = following.order_by(contact.c.id)
    connection.execute(sa.insert(candidate).from_select(["contact_id"], following.limit(limit)))
    lock_contacts(connection, contact.c.id.in_(sa.select(candidate.c.contact_id)))
    highest: int | None = connection.scalar(sa.select(sa.func.max(candidate.c.contact_id)))
    return highest


def take_due(connection: sa.Connection, thread_id: int, now: Instant, limit: int) -> int:
    """Take the contacts of a thread whose anniversary has come; how many.

    On PostgreSQL those are passed over whom somebody else has in hand.
    """
    empty(connection, candidate)
    due = sa.select(entry_mark.c.contact_id).join(contact, contact.c.id == entry_mark.c.contact_id)
    due = due.where(entry_mark.c.thread_id == thread_id, entry_mark.c.thing == THING, entry_mark.c.due_at <= now)
    due = due.order_by(entry_mark.c.due_at).limit(limit)
    due = due.with_for_update(skip_locked=True, key_share=True, of=[entry_mark, contact])
    return connection.execute(sa.insert(candidate).from_select(["contact_id"], due)).rowcount


def date_candidates(
    connection: sa.Connection, thread_id: int, date: sa.ColumnElement[str], zone: sa.ColumnElement[str], year: int
) -> None:
    """Find the days of those in `candidate`; `date` and `zone` are expressions over `contact`.

    Nobody has an anniversary in the year of the date itself, nor in one before `year`, nor in one that was met.
    """
    empty(connection, dated)
    after = sa.cast(sa.func.substr(date, 1, 4), sa.Integer) + 1
    met = sa.select(entry_mark.c.mark).where(
        entry_mark.c.contact_id == contact.c.id, entry_mark.c.thread_id == thread_id, entry_mark.c.thing == THING
    )
    kept = sa.func.coalesce(met.scalar_subquery(), year)
    first = sa.case((sa.and_(after >= kept, after >= year), after), (kept >= year, kept), else_=year)
    people = sa.select(contact.c.id, zone, sa.func.substr(date, 6, 5), first)
    people = people.join_from(candidate, contact, contact.c.id == led_by(candidate.c.contact_id))
    names = ("contact_id", "zone", "day", "first_year")
    found = people.where(sa.func.length(date) == DATE_LENGTH)
    connection.execute(sa.insert(dated).from_select(names, found))


def occasions_wanted(connection: sa.Connection) -> list[tuple[str, str, int]]:
    """The (zone, day, first year) in hand, each once."""
    keys = sa.select(dated.c.zone, dated.c.day, dated.c.first_year).distinct()
    return [(row[0], row[1], row[2]) for row in connection.execute(keys)]


def put_occasions(connection: sa.Connection, rows: Sequence[tuple[object, ...]]) -> None:
    """Say when the days in hand come, in the columns of `occasion`."""
    fill(connection, occasion, rows)


def cross_due(connection: sa.Connection, thread_id: int, now: Instant, earliest: Instant) -> None:
    """Put those into `crossing` whose anniversary has come as it was kept, and not before `earliest`."""
    empty(connection, crossing)
    due = sa.select(dated.c.contact_id).join(occasion, _OF_DAY).join(entry_mark, _mark_of(thread_id))
    due = due.where(_kept(), entry_mark.c.due_at <= now, entry_mark.c.due_at > earliest)
    insert_missing(connection, crossing, {"contact_id": dated.c.contact_id}, due)


def put_marks(connection: sa.Connection, thread_id: int, now: Instant) -> None:
    """Keep the year that those in hand meet next, and when: the one after an anniversary that has come."""
    insert = sqlite.insert(entry_mark) if connection.dialect.name == "sqlite" else postgresql.insert(entry_mark)
    spent = sa.and_(_kept(), entry_mark.c.due_at <= now)
    mark = sa.case((spent, dated.c.first_year + 1), (_kept(), entry_mark.c.mark), else_=occasion.c.next_year)
    due_at = sa.case((spent, occasion.c.second_at), (_kept(), entry_mark.c.due_at), else_=occasion.c.next_at)
    thing = sa.literal(THING, sa.Text)
    chosen = sa.select(dated.c.contact_id, sa.literal(thread_id, sa.BigInteger), thing, mark, due_at)
    chosen = chosen.join_from(dated, occasion, _OF_DAY).outerjoin(entry_mark, _mark_of(thread_id))
    names = ("contact_id", "thread_id", "thing", "mark", "due_at")
    put = insert.from_select(names, chosen.where(sa.true()))
    values: dict[str, Any] = {name: put.excluded[name] for name in ("mark", "due_at")}
    connection.execute(put.on_conflict_do_update(index_elements=names[:3], set_=values))
    _forget_dayless(connection, thread_id)


def _forget_dayless(connection: sa.Connection, thread_id: int) -> None:
    """Nothing comes for those who have no day any more; the year they have met is kept."""
    dayless = sa.select(candidate.c.contact_id).where(candidate.c.contact_id.not_in(sa.select(dated.c.contact_id)))
    waiting = sa.update(entry_mark).where(entry_mark.c.contact_id.in_(dayless), entry_mark.c.thread_id == thread_id)
    waiting = waiting.where(entry_mark.c.thing == THING, entry_mark.c.due_at.is_not(None))
    connection.execute(waiting.values(due_at=None))


def _mark_of(thread_id: int) -> sa.ColumnElement[bool]:
    return sa.and_(
        entry_mark.c.contact_id == led_by(dated.c.contact_id),
        entry_mark.c.thread_id == thread_id,
        entry_mark.c.thing == THING,
    )


def _kept() -> sa.ColumnElement[bool]:
    """Whether what was kept of a contact is what its day and its zone still say."""
    same_year = entry_mark.c.mark == dated.c.first_year
    return sa.and_(entry_mark.c.due_at.is_not(None), same_year, entry_mark.c.due_at == occasion.c.first_at)
