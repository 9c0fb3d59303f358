"""What is exported: messages, history and runs, by their keys, some thousands at a time.

Each batch is a query of its own that goes on behind the last key, so an export of any size takes the same memory and
keeps no writer waiting. Addresses are left out: who a contact is, the shop knows by its key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from conductor_dsl.shared.clock import Instant, to_iso
from conductor_dsl.store.connect import reading
from conductor_dsl.store.tables import contact, conversation, history, intent, message, run, step

BATCH = 10_000


@dataclass(frozen=True, slots=True)
class Subject:
    """Something that is exported: its table, its columns by name, and the column that says when.

    `at` are the columns that are instants; they leave as ISO 8601 in UTC.
    """

    table: sa.Table
    columns: Mapping[str, sa.ColumnElement[Any]]
    joined: sa.FromClause
    since: sa.ColumnElement[Any]
    at: frozenset[str]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(self.columns)


def export_batches(
    engine: sa.Engine, subject: Subject, since: Instant | None, size: int = BATCH
) -> Iterator[list[dict[str, Any]]]:
    """The rows by the order of their key, `size` at a time; `since` leaves out what is older."""
    key = list(subject.table.primary_key)
    labelled = [column.label(f"key_{column.name}") for column in key]
    page = sa.select(*(column.label(name) for name, column in subject.columns.items()), *labelled)
    page = page.select_from(subject.joined).order_by(*key).limit(size)
    if since is not None:
        page = page.where(subject.since >= since)
    last: tuple[Any, ...] | None = None
    while True:
        with reading(engine) as connection:
            rows = connection.execute(page if last is None else page.where(sa.tuple_(*key) > sa.tuple_(*last))).all()
        if rows:
            yield [_shown(subject, row._mapping) for row in rows]
        if len(rows) < size:
            return
        last = tuple(rows[-1]._mapping[f"key_{column.name}"] for column in key)


def _shown(subject: Subject, row: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        name: to_iso(row[name]) if name in subject.at and row[name] is not None else row[name]
        for name in subject.columns
    }


def _named(table: sa.Table) -> sa.FromClause:
    """A table with the contact and the conversation that its rows belong to, as far as there still are any."""
    joined = sa.outerjoin(table, contact, contact.c.id == table.c.contact_id)
    return joined.outerjoin(conversation, conversation.c.id == table.c.conversation_id)


def _step_of(version: sa.ColumnElement[Any], number: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return sa.select(step.c.name).where(step.c.version_id == version, step.c.number == number).scalar_subquery()


_WHO = {"contact": contact.c.key, "conversation": conversation.c.name}

_MESSAGES = Subject(
    intent,
    {
        **_WHO,
        "entry": intent.c.entry_no,
        "step": _step_of(intent.c.version_id, intent.c.step),
        "visit": intent.c.visit,
        "message": message.c.name,
        "channel": intent.c.channel,
        "list": intent.c.list,
        "sender": intent.c.sender,
        "created_at": intent.c.created_at,
        "settled_at": intent.c.settled_at,
        "state": intent.c.state,
        "reason": intent.c.reason,
        "attempts": intent.c.attempts,
        "provider_id": intent.c.provider_id,
    },
    _named(intent).outerjoin(message, message.c.id == intent.c.message_id),
    intent.c.created_at,
    frozenset({"created_at", "settled_at"}),
)

_OF_RUN = sa.and_(
    run.c.contact_id == history.c.contact_id,
    run.c.conversation_id == history.c.conversation_id,
    run.c.entry_no == history.c.entry_no,
)

_HISTORY = Subject(
    history,
    {
        **_WHO,
        "entry": history.c.entry_no,
        "step": _step_of(run.c.version_id, history.c.step),
        "at": history.c.at,
        "kind": history.c.kind,
        "reason": history.c.reason,
    },
    _named(history).outerjoin(run, _OF_RUN),
    history.c.at,
    frozenset({"at"}),
)

_RUNS = Subject(
    run,
    {
        **_WHO,
        "entry": run.c.entry_no,
        "step": _step_of(run.c.version_id, run.c.step),
        "state": run.c.state,
        "reason": run.c.reason,
        "entered_at": run.c.entered_at,
        "due_at": run.c.due_at,
        "ended_at": run.c.ended_at,
    },
    _named(run),
    run.c.entered_at,
    frozenset({"entered_at", "due_at", "ended_at"}),
)

SUBJECTS: Mapping[str, Subject] = MappingProxyType({"messages": _MESSAGES, "history": _HISTORY, "runs": _RUNS})
"""Everything that can be exported, by name."""
