"""Awaited: which of the events that happen to a contact end the wait of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from conductor_dsl.program.condition_to_sql import condition_to_sql
from conductor_dsl.program.facts import SqlFacts
from conductor_dsl.program.json_sql import json_word
from conductor_dsl.program.operations import ENGAGEMENT, Await
from conductor_dsl.program.states import HistoryKind
from conductor_dsl.runtime.programs import Loaded, Programs
from conductor_dsl.shared.clock import Instant
from conductor_dsl.store.tables import history, intent, metadata, step


@dataclass(frozen=True, slots=True)
class Happened:
    """An event, as columns of a statement."""

    name: sa.ColumnElement[str]
    at: sa.ColumnElement[int]
    payload: sa.ColumnElement[str]
    caused_by: sa.ColumnElement[int]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A step that waits for events, and a run at it, as columns of a statement that has `contact` as well."""

    programs: Programs
    loaded: Loaded
    awaited: Await
    contact_id: sa.ColumnElement[int]
    entry_no: sa.ColumnElement[int]

    def ends_by(self, happened: Happened, since: sa.ColumnElement[int], now: Instant) -> sa.ColumnElement[bool]:
        """Whether an event is one that is waited for, happened after `since`, and has ended no wait of the run yet.

        What the conversation does itself ends no wait of its own.
        """
        fits = [
            happened.name.in_(self.awaited.events),
            happened.caused_by.is_distinct_from(self.loaded.conversation_id),
            happened.at > since,
            self._used_up(happened).is_(None),
        ]
        if set(self.awaited.events) & set(ENGAGEMENT):
            fits.append(sa.or_(happened.name.not_in(ENGAGEMENT), self._is_about_message(happened.payload)))
        if self.awaited.where is not None:
            predicates = self.programs.host.predicates
            facts = SqlFacts(metadata.tables, now, predicates, self.loaded.asking, happened.payload)
            fits.append(condition_to_sql(self.awaited.where, facts))
        return sa.and_(*fits)

    def latest_message_at(self) -> sa.ColumnElement[int]:
        """When the message was written that is spoken of; NULL where there is none."""
        written = self._messages(sa.func.max(intent.c.created_at))
        if self.awaited.step is not None:
            written = written.where(self._message_name() == self.awaited.step)
        return written.scalar_subquery()

    def _is_about_message(self, payload: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
        named: Any = self.awaited.step
        if named is None:
            latest = self._messages(self._message_name())
            named = latest.order_by(intent.c.created_at.desc(), intent.c.step.desc()).limit(1).scalar_subquery()
        fits = [_said(payload, "conversation") == self.loaded.flow.name, _said(payload, "step") == named]
        if self.awaited.link is not None:
            fits.append(_said(payload, "link") == self.awaited.link)
        return sa.and_(*fits)

    def _messages(self, *columns: Any) -> sa.Select[Any]:
        """The messages of the run."""
        chosen = sa.select(*columns).where(
            intent.c.contact_id == self.contact_id,
            intent.c.conversation_id == self.loaded.conversation_id,
            intent.c.entry_no == self.entry_no,
        )
        return chosen.correlate_except(intent)

    def _message_name(self) -> sa.ColumnElement[str]:
        """The name of the step that wrote a message, in whichever version."""
        same = (step.c.version_id == intent.c.version_id, step.c.number == intent.c.step)
        return sa.select(step.c.name).where(*same).correlate_except(step).scalar_subquery()

    def _used_up(self, happened: Happened) -> sa.ColumnElement[int]:
        """When, at the time of an event or since, one of its name has ended a wait of the run; NULL where none has.

        The time is in the key of the history, and tells in which months of it there is anything to look for.
        """
        came = sa.select(sa.func.max(history.c.at)).where(
            history.c.contact_id == self.contact_id,
            history.c.at >= happened.at,
            history.c.conversation_id == self.loaded.conversation_id,
            history.c.entry_no == self.entry_no,
            history.c.kind == HistoryKind.CAME,
            history.c.reason == happened.name,
        )
        return came.correlate_except(history).scalar_subquery()


def _said(payload: sa.ColumnElement[str], name: str) -> sa.ColumnElement[str]:
    return json_word(payload, sa.bindparam(None, name, sa.Text))
