"""Prune: the past of runs that ended long ago, and old events, found and deleted by the batch.

What is found is read without keeping anybody waiting, and stays true: who has ended never goes on. The transaction
that deletes gets the keys, and so holds its locks for as long as it takes to delete a batch, whatever had to be looked
through to find it. The latest run of each contact in each conversation stays as a row, for the rules of re-entry and
the number of the next entry, which makes the keys of messages; its messages and history go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from conductor_dsl.program.operations import HELD_OUT, NO_MATCH
from conductor_dsl.program.states import HistoryKind, Reason
from conductor_dsl.shared.clock import Instant
from conductor_dsl.store.batches import empty, fill, leaving, led_by, named
from conductor_dsl.store.node_tables import parcel
from conductor_dsl.store.retention_tables import tally
from conductor_dsl.store.runs import lock_runs
from conductor_dsl.store.suppressions import FIELDS
from conductor_dsl.store.tables import SYSTEM, event, history, intent, run, suppression

ALL_GOES, RUN_STAYS, MESSAGES_STAY = range(3)
"""What `leaving.stays` means."""


class Leaving(NamedTuple):
    """A run of which the past goes; a tuple, for there are many."""

    contact_id: int
    conversation_id: int
    entry_no: int
    stays: int


@dataclass(frozen=True, slots=True)
class Kept:
    """What stays whatever its age, because a script asks for it at any age.

    The past of the conversations, and the events of these names; None for all of them.
    """

    conversations: frozenset[int] | None = frozenset()
    events: frozenset[str] | None = frozenset()


@dataclass(frozen=True, slots=True)
class Deleted:
    """How many rows of each table were deleted."""

    runs: int = 0
    messages: int = 0
    history: int = 0
    events: int = 0

    def __add__(self, other: Deleted) -> Deleted:
        return Deleted(
            self.runs + other.runs,
            self.messages + other.messages,
            self.history + other.history,
            self.events + other.events,
        )

    @property
    def rows(self) -> int:
        """All of them."""
        return self.runs + self.messages + self.history + self.events


def next_slice(connection: sa.Connection, after: int, runs: int) -> int | None:
    """The contact up to which about so many runs lie behind a contact; None where there are fewer."""
    found = sa.select(run.c.contact_id).where(run.c.contact_id > after).order_by(run.c.contact_id)
    last: int | None = connection.scalar(found.limit(1).offset(runs))
    return last


def find_past(
    connection: sa.Connection, horizon: Instant, kept: Kept, *, after: int, upto: int | None, limit: int | None
) -> list[Leaving]:
    """The runs of the contacts behind `after`, and not behind `upto`, of which something can be deleted, by key."""
    if kept.conversations is None:
        return []
    slice_ = (after, upto)
    chosen = sa.select(run.c.contact_id, run.c.conversation_id, run.c.entry_no, sa.case((_is_last(), 1), else_=0))
    chosen = chosen.where(_within(run, slice_), gone(horizon, kept), sa.or_(~_is_last(), _has_past(horizon)))
    key = (run.c.contact_id, run.c.conversation_id, run.c.entry_no)
    found = [Leaving._make(row) for row in connection.execute(chosen.order_by(*key).limit(limit))]
    return [*found, *_answers(connection, horizon, slice_, limit)]


def delete_past(connection: sa.Connection, rows: Sequence[Leaving], horizon: Instant) -> Deleted:
    """Delete what `find_past` has found; counts of it are kept."""
    going = _take(connection, rows, horizon)
    lock_runs(connection, sa.and_(*(run.c[name] == led_by(leaving.c[name]) for name in _KEY)))
    _count_messages(connection, going.messages)
    count_history(connection, history, going.history)
    _count_runs(connection, going.runs)
    _delete_parcels(connection, going.messages)
    messages = connection.execute(sa.delete(intent).where(going.messages)).rowcount
    told = connection.execute(sa.delete(history).where(going.history)).rowcount
    runs = connection.execute(sa.delete(run).where(going.runs)).rowcount
    connection.execute(sa.update(run).where(going.staying, run.c.payload.is_not(None)).values(payload=None))
    return Deleted(runs, messages, told)


def _delete_parcels(connection: sa.Connection, messages: sa.ColumnElement[bool]) -> None:
    """Delete the providers' own names for messages.

    Written down in between: parcels lie elsewhere than messages where these are split by contact.
    """
    empty(connection, named)
    known = sa.select(*(intent.c[column.name] for column in named.c)).where(messages, intent.c.provider_id.is_not(None))
    connection.execute(sa.insert(named).from_select(list(named.c), known))
    connection.execute(sa.delete(parcel).where(parcel.c.provider_id.in_(sa.select(named.c.provider_id))))


def count_past(connection: sa.Connection, rows: Sequence[Leaving], horizon: Instant) -> Deleted:
    """What `delete_past` would delete."""
    if not rows:
        return Deleted()
    going = _take(connection, rows, horizon)

    def count(table: sa.Table, which: sa.ColumnElement[bool]) -> int:
        return connection.scalar(sa.select(sa.func.count()).select_from(table).where(which)) or 0

    return Deleted(count(run, going.runs), count(intent, going.messages), count(history, going.history))


@dataclass(frozen=True, slots=True)
class _Going:
    """Which rows go, and which runs stay as rows."""

    runs: sa.ColumnElement[bool]
    messages: sa.ColumnElement[bool]
    history: sa.ColumnElement[bool]
    staying: sa.ColumnElement[bool]


def _take(connection: sa.Connection, rows: Sequence[Leaving], horizon: Instant) -> _Going:
    """Put the keys into `leaving`. Whatever belongs to them lies within a stretch of contacts."""
    fill(connection, leaving, rows)
    stretch = min(row.contact_id for row in rows) - 1, max(row.contact_id for row in rows)
    return _Going(
        runs=sa.and_(_within(run, stretch), _leaves(run, RUN_STAYS)),
        messages=sa.and_(_within(intent, stretch), _leaves(intent, MESSAGES_STAY)),
        history=sa.and_(_within(history, stretch), history.c.at < horizon, _leaves(history)),
        staying=sa.and_(_within(run, stretch), _leaves(run)),
    )


def find_events(
    connection: sa.Connection, horizon: Instant, kept: Kept, after: tuple[Instant, int], limit: int
) -> list[sa.Row[Any]]:
    """(at, contact, key) of the events before the horizon, from (at, contact) on, in the order of time."""
    place = (event.c.at, event.c.contact_id)
    chosen = sa.select(*place, event.c.key).where(_is_old(horizon, kept), event.c.at >= after[0])
    chosen = chosen.where(sa.tuple_(*place) >= sa.tuple_(*after))
    return list(connection.execute(chosen.order_by(*place, event.c.key).limit(limit)))


def count_events(connection: sa.Connection, horizon: Instant, kept: Kept) -> int:
    """How many events can be deleted."""
    counted = sa.select(sa.func.count()).select_from(event).where(_is_old(horizon, kept))
    return connection.scalar(counted) or 0


def _is_old(horizon: Instant, kept: Kept) -> sa.ColumnElement[bool]:
    """Whether an event can be deleted.

    What happened while a run was open that is still open stays: the run may come to ask for it.
    """
    if kept.events is None:
        return sa.false()
    asked = sa.exists().where(
        run.c.contact_id == event.c.contact_id, run.c.ended_at.is_(None), run.c.entered_at <= event.c.at
    )
    return sa.and_(event.c.at < horizon, event.c.name.not_in(sorted(kept.events)), ~asked)


def delete_events(connection: sa.Connection, rows: Sequence[sa.Row[Any]]) -> Deleted:
    """Delete what `find_events` has found."""
    key = sa.and_(event.c.contact_id == sa.bindparam("its_contact"), event.c.key == sa.bindparam("its_key"))
    keys = [{"its_contact": row.contact_id, "its_key": row.key} for row in rows]
    return Deleted(events=connection.execute(sa.delete(event).where(key), keys).rowcount)


def gone(horizon: Instant, kept: Kept) -> sa.ColumnElement[bool]:
    """Whether a run, and whatever it has sent, was over before the horizon, and nothing asks for it any more.

    A device of a plugin's channel is known as closed by what was sent to it, so that stays.
    """
    of_run = [intent.c[name] == run.c[name] for name in _KEY]
    open_ = sa.or_(intent.c.settled_at.is_(None), intent.c.settled_at >= horizon)
    closed = (suppression.c.contact_id == run.c.contact_id, suppression.c.channel.not_in(sorted(FIELDS)))
    return sa.and_(
        run.c.ended_at.is_not(None),  # so that it is never unknown, but false for who is inside
        run.c.ended_at < horizon,
        run.c.conversation_id.not_in(sorted(kept.conversations or ())),
        ~sa.exists().where(*of_run, open_),
        ~sa.exists().where(*closed),
    )


def count_history(connection: sa.Connection, rows: Any, which: sa.ColumnElement[bool]) -> None:
    """Add rows of history to the tally. `rows` has the columns of `history`."""
    c = rows.c
    counted = sa.and_(which, c.conversation_id != SYSTEM, c.kind != HistoryKind.MOVED)
    _add(connection, history, (c.conversation_id, c.step, c.kind, sa.func.coalesce(c.reason, "")), counted)


def _count_messages(connection: sa.Connection, which: sa.ColumnElement[bool]) -> None:
    c = intent.c
    # What a provider says may name an address, and a count must tell of nobody.
    ours = sa.case((c.reason.in_([reason.value for reason in Reason]), c.reason), else_="")
    _add(connection, intent, (c.conversation_id, c.step, c.state, ours), sa.and_(which, c.conversation_id != SYSTEM))


def _count_runs(connection: sa.Connection, which: sa.ColumnElement[bool]) -> None:
    c = run.c
    step = sa.case((c.reason.in_([NO_MATCH, HELD_OUT]), c.step), else_=-1)
    _add(connection, run, (c.conversation_id, step, c.state, sa.func.coalesce(c.reason, "")), which)


def _add(connection: sa.Connection, table: sa.Table, told: Sequence[Any], which: sa.ColumnElement[bool]) -> None:
    """Add to the tally how many rows tell the same: (conversation, step, what, reason)."""
    conversation_id, step, what, reason = told
    names = ("conversation_id", "subject", "step", "what", "reason", "count")
    columns = (conversation_id, sa.literal(table.name), step, what, reason, sa.func.count())
    counted = sa.select(*(column.label(name) for name, column in zip(names, columns, strict=True))).where(which)
    each = counted.group_by(conversation_id, step, what, reason).subquery("each")
    insert: Any = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(tally)
    insert = insert.from_select(names, sa.select(each).where(sa.true()).order_by(*each.c))
    more = tally.c.count + insert.excluded["count"]
    connection.execute(insert.on_conflict_do_update(index_elements=list(tally.primary_key), set_={"count": more}))


_KEY = ("contact_id", "conversation_id", "entry_no")


def _within(table: sa.Table, bounds: tuple[int, int | None]) -> sa.ColumnElement[bool]:
    """Whether a row is of a contact behind the first and, where there is one, not behind the second."""
    first, last = bounds
    above = table.c.contact_id > first
    return above if last is None else sa.and_(above, table.c.contact_id <= last)


def _leaves(table: sa.Table, stays_from: int = MESSAGES_STAY + 1) -> sa.ColumnElement[bool]:
    """Whether a row belongs to a run that is leaving, of which less than this stays."""
    own = [leaving.c[name] == table.c[name] for name in _KEY]
    return sa.exists().where(*own, leaving.c.stays < stays_from)


def _is_last() -> sa.ColumnElement[bool]:
    later = run.alias("later")
    same = (later.c.contact_id == run.c.contact_id, later.c.conversation_id == run.c.conversation_id)
    return ~sa.exists().where(*same, later.c.entry_no > run.c.entry_no)


def _has_past(horizon: Instant) -> sa.ColumnElement[bool]:
    """Whether a run has more than its row."""
    sent = sa.exists().where(*(intent.c[name] == run.c[name] for name in _KEY))
    told = sa.exists().where(*(history.c[name] == run.c[name] for name in _KEY), history.c.at < horizon)
    return sa.or_(run.c.payload.is_not(None), sent, told)


def _answers(
    connection: sa.Connection, horizon: Instant, slice_: tuple[int, int | None], limit: int | None
) -> list[Leaving]:
    """What the engine itself has answered, but for the latest answer to each contact, and what is told of texts."""
    later = intent.alias("later")
    newer = sa.exists().where(
        later.c.contact_id == intent.c.contact_id,
        later.c.conversation_id == SYSTEM,
        later.c.entry_no > intent.c.entry_no,
    )
    sent = sa.select(intent.c.contact_id, intent.c.entry_no).where(_within(intent, slice_))
    sent = sent.where(intent.c.conversation_id == SYSTEM, intent.c.settled_at < horizon, newer).limit(limit)
    told = sa.select(history.c.contact_id, history.c.entry_no).where(_within(history, slice_))
    told = told.where(history.c.conversation_id == SYSTEM, history.c.at < horizon).limit(limit)
    stays = {tuple(row): MESSAGES_STAY for row in connection.execute(told)}
    stays |= {tuple(row): ALL_GOES for row in connection.execute(sent)}
    return [Leaving(contact, SYSTEM, entry, each) for (contact, entry), each in sorted(stays.items())]
