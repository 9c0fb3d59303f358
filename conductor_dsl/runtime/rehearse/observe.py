"""See what came of a scene: who entered by which thread, what was sent, where everybody stands, and why."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from conductor_dsl.language.vocabulary import CONTACT_FIELDS
from conductor_dsl.program.operations import Send, Split
from conductor_dsl.program.states import HistoryKind, IntentState
from conductor_dsl.runtime.programs import Loaded, Programs
from conductor_dsl.runtime.rehearse.nouns import Note, Pass, Scene, Seen, Sent
from conductor_dsl.runtime.rehearse.recorder import Recorder
from conductor_dsl.runtime.rehearse.statement_to_happening import TOLD
from conductor_dsl.shared.clock import Instant
from conductor_dsl.store.connect import reading
from conductor_dsl.store.tables import SYSTEM, contact, event, history, intent, membership, run

STAFF = "staff"
RESTS = (HistoryKind.WAITING, HistoryKind.DEFERRED)
UNSENT = (IntentState.EXPIRED, IntentState.CANCELLED, IntentState.DEAD, IntentState.AMBIGUOUS)
Entry = tuple[int, int, int]
"""A contact, a conversation and the number of the pass."""


class Observer:
    """Looks at the runs after every batch, for by which thread somebody entered shows only then."""

    def __init__(self, programs: Programs) -> None:
        self._by_version = programs.by_version
        self._by_conversation = {loaded.conversation_id: loaded for loaded in programs.by_version.values()}
        self._threads: dict[Entry, str] = {}

    def look(self, engine: sa.Engine) -> None:
        """Note the threads of those who have just entered."""
        columns = (run.c.contact_id, run.c.conversation_id, run.c.entry_no, run.c.version_id, run.c.step)
        with reading(engine) as connection:
            for contact_id, conversation_id, number, version_id, step in connection.execute(sa.select(*columns)):
                entry = (contact_id, conversation_id, number)
                if entry not in self._threads:
                    self._threads[entry] = _thread_at(self._by_version[version_id], step)

    def passes(self, connection: sa.Connection) -> tuple[Pass, ...]:
        """Every pass as it is now."""
        rests = {
            (row.contact_id, row.conversation_id, row.entry_no): row.step
            for row in connection.execute(_ordered(sa.select(history).where(history.c.kind.in_(RESTS))))
        }
        found = sa.select(run, contact.c.key).join(contact, contact.c.id == run.c.contact_id)
        return tuple(self._pass(row, rests) for row in connection.execute(found.order_by(run.c.entered_at)))

    def _pass(self, row: sa.Row[Any], rests: Mapping[Entry, int]) -> Pass:
        entry = (row.contact_id, row.conversation_id, row.entry_no)
        loaded = self._by_version[row.version_id]
        # A run that waits stands at the step behind its wait already.
        step = rests.get(entry, row.step) if row.ended_at is None else row.step
        return Pass(
            row.key,
            loaded.flow.name,
            self._threads.get(entry, ""),
            row.entered_at,
            row.ended_at,
            row.state,
            row.reason,
            loaded.flow.steps[step].name,
        )

    def notes(self, connection: sa.Connection) -> tuple[Note, ...]:
        """The history, and the messages that never left."""
        told = sa.select(history, contact.c.key).join(contact, contact.c.id == history.c.contact_id)
        told = told.where(history.c.conversation_id != SYSTEM)
        notes = [self._note(row, row.at, row.kind, row.reason) for row in connection.execute(_ordered(told))]
        unsent = sa.select(intent, contact.c.key).join(contact, contact.c.id == intent.c.contact_id)
        for row in connection.execute(unsent.where(intent.c.state.in_(UNSENT), intent.c.conversation_id != SYSTEM)):
            notes += [self._note(row, row.settled_at or row.created_at, row.state, row.reason)]
        return tuple(sorted(notes, key=lambda note: note.at))

    def _note(self, row: sa.Row[Any], at: Instant, kind: str, reason: str | None) -> Note:
        loaded = self._by_conversation[row.conversation_id]
        operation = loaded.program.operations[row.step]
        step = operation.name if isinstance(operation, Split) else loaded.flow.steps[row.step].name
        channel = operation.channel if isinstance(operation, Send) else ""
        return Note(at, row.step, row.key, loaded.flow.name, step, channel, kind, reason)

    def sender(self, conversation: str, step: str) -> tuple[int, str]:
        """The number of a step that sends, and its saved message; empty where it writes its own."""
        for loaded in self._by_conversation.values():
            for number, (operation, each) in enumerate(zip(loaded.program.operations, loaded.flow.steps, strict=True)):
                if (loaded.flow.name, each.name) == (conversation, step) and isinstance(operation, Send):
                    return number, operation.saved or ""
        return 0, ""


def _thread_at(loaded: Loaded, step: int) -> str:
    return next((thread.name for thread in loaded.flow.threads if thread.first == step), "")


def _ordered(told: sa.Select[Any]) -> sa.Select[Any]:
    return told.order_by(history.c.at, history.c.entry_no, history.c.step)


def observe(
    connection: sa.Connection,
    observer: Observer,
    recorder: Recorder,
    scene: Scene,
    rest: tuple[Instant, Mapping[Instant, tuple[Pass, ...]], Sequence[str]],
) -> Seen:
    """Everything that came of a scene; `rest` is when it ended, what was seen at its moments, and what went wrong."""
    ended, stood, problems = rest
    people = {row.id: row for row in connection.execute(sa.select(contact))}
    sent = list(_sent(recorder, observer, {str(row.id): row.key for row in people.values()}))
    states = connection.execute(sa.select(membership))
    happened = sa.select(event).where(event.c.at >= scene.begins, event.c.key.not_like(f"{TOLD}%"))
    return Seen(
        ended=ended,
        sent=tuple(each for each in sent if each.contact != STAFF),
        notices=tuple(each for each in sent if each.contact == STAFF),
        passes=observer.passes(connection),
        history=observer.notes(connection),
        stood=stood,
        fields={row.key: _fields(row) for row in people.values()},
        lists={(people[row.contact_id].key, row.list): row.state for row in states},
        events=tuple((row.at, people[row.contact_id].key, row.name) for row in connection.execute(happened)),
        problems=tuple(dict.fromkeys(problems)),
    )


def _sent(recorder: Recorder, observer: Observer, keys: Mapping[str, str]) -> Iterator[Sent]:
    """What conversations and the digest have sent; answers of the engine's own are no business of a script."""
    written = [each for each in recorder.taken if each[1].conversation or each[1].contact == STAFF]
    for at, out, accepted in written:
        who, (number, saved) = keys.get(out.contact, STAFF), observer.sender(out.conversation, out.step)
        said = (out.subject, out.text, out.html, out.sender, out.to)
        yield Sent(at, number, who, out.channel, out.conversation, out.step, saved, *said, accepted)


def _fields(row: sa.Row[Any]) -> dict[str, Any]:
    """The fields of a contact by name."""
    declared: dict[str, Any] = json.loads(row.fields)
    return {name: getattr(row, name) for name in CONTACT_FIELDS} | declared
