"""The published conversations in memory: flows, operations and messages, by version."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from conductor_dsl.language.flow import Flow, FlowThread
from conductor_dsl.language.settings import PRIORITIES
from conductor_dsl.plugin.host import Host
from conductor_dsl.program.facts import Asking
from conductor_dsl.program.flow_to_program import flow_to_program
from conductor_dsl.program.operations import Program, Split
from conductor_dsl.program.states import Lane
from conductor_dsl.runtime.news import events_of_news
from conductor_dsl.runtime.try_conditions import try_conditions
from conductor_dsl.shared.clock import Instant
from conductor_dsl.shared.errors import PluginError, blamed
from conductor_dsl.store.connect import secret_of
from conductor_dsl.store.recoveries import latest_recovery
from conductor_dsl.store.versions import edition, message_rows, version_rows


@dataclass(frozen=True, slots=True)
class LoadedMessage:
    """A template as published; `paths` are the variables whose values an intent carries, in order."""

    id: int
    channel: str
    name: str
    subject: str
    preheader: str
    body: str
    sender: str
    reply_to: str
    media: tuple[str, ...]
    constants: tuple[tuple[str, str], ...]
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A published version, ready to run; `messages` is by step number."""

    version_id: int
    conversation_id: int
    flow: Flow
    program: Program
    messages: Mapping[int, LoadedMessage]
    is_live: bool
    since: Mapping[str, Instant]
    """For each thread, since when contacts have entered it as they do now."""

    @property
    def asking(self) -> Asking:
        """What conditions may know of the conversation."""
        splits = {
            operation.name: tuple((arm, share) for arm, share, _ in operation.arms)
            for operation in self.program.operations
            if isinstance(operation, Split)
        }
        settings = self.flow.settings
        return Asking(self.flow.name, settings.list, settings.zone, settings.contact_zone, splits)

    @property
    def lane(self) -> Lane:
        """The lane in which its messages leave."""
        return Lane[self.flow.settings.message_class.upper()]

    @property
    def rank(self) -> tuple[int, int]:
        """Which conversation goes first where several are due at once: by class, then by `priority`."""
        return self.lane, PRIORITIES.index(self.flow.settings.priority)

    @property
    def zone(self) -> str | None:
        """The zone that overrides the contacts' own, if the conversation says so."""
        return None if self.flow.settings.contact_zone else self.flow.settings.zone


@dataclass(frozen=True, slots=True)
class Programs:
    """Everything that is published, by version id, with the host whose plugins give it meaning."""

    host: Host
    by_version: Mapping[int, Loaded]
    messages: Mapping[int, LoadedMessage]
    secret: str = ""
    """What makes the keys of messages those of this database."""
    problems: tuple[PluginError, ...] = ()
    """Why versions are missing above: a plugin is gone. Their runs stand still, and nothing of them is lost."""
    edition: tuple[int, ...] = ()
    """As of which `store.versions.edition` they are."""
    news: frozenset[str] | None = None
    """The events after which audiences look at their contacts again; None for all of them."""

    @property
    def live(self) -> tuple[Loaded, ...]:
        """The versions that let contacts in."""
        return tuple(loaded for loaded in self.by_version.values() if loaded.is_live)

    def live_threads(self, source: str) -> Iterator[tuple[Loaded, FlowThread]]:
        """The threads of live versions whose trigger finds its contacts by `source`."""
        for loaded in self.live:
            for thread in loaded.flow.threads:
                if thread.trigger and self.host.triggers[thread.trigger.kind].source == source:
                    yield loaded, thread


class Shelf:
    """Keeps what is published in memory, and reads it again only when something else is published."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._edition: tuple[int, ...] | None = None
        self._programs = Programs(host, {}, {})

    def programs(self, connection: sa.Connection) -> Programs:
        """Everything that is published now."""
        found = edition(connection)
        if found != self._edition:
            self._programs = load_programs(connection, self._host)
            self._edition = self._programs.edition
        return self._programs


def load_programs(connection: sa.Connection, host: Host) -> Programs:
    """Read everything that is published."""
    # First: what is published while the rest is read makes another edition.
    read = edition(connection)
    messages = {row.id: row_to_message(dict(row._mapping)) for row in message_rows(connection)}
    by_version: dict[int, Loaded] = {}
    problems: list[PluginError] = []
    opened: dict[tuple[int, str, str], Instant] = {}
    recovery = latest_recovery(connection)
    floor = recovery.until_at if recovery is not None and recovery.ended_at is not None else 0
    for row in version_rows(connection):
        try:
            by_version[row.id] = _loaded(row, host, messages, opened, floor)
        except PluginError as problem:
            problems.append(problem)
    live = ((loaded.flow, loaded.asking) for loaded in by_version.values() if loaded.is_live)
    return Programs(
        host,
        by_version,
        messages,
        secret=secret_of(connection),
        problems=tuple(problems),
        edition=read,
        news=None if problems else events_of_news(live, host),
    )


def row_to_message(row: Mapping[str, Any]) -> LoadedMessage:
    """A message from the columns of its row."""
    return LoadedMessage(
        id=row["id"],
        channel=row["channel"],
        name=row["name"],
        subject=row["subject"],
        preheader=row["preheader"],
        body=row["body"],
        sender=row["sender"],
        reply_to=row["reply_to"],
        media=tuple(json.loads(row["media"])),
        constants=tuple(sorted(json.loads(row["constants"]).items())),
        paths=tuple(json.loads(row["paths"])),
    )


def _completed(flow: Flow, host: Host) -> Flow:
    """The flow with the arguments of its triggers as their sources want them, defaults filled in."""
    return replace(flow, threads=tuple(_with_arguments(thread, host) for thread in flow.threads))


def _with_arguments(thread: FlowThread, host: Host) -> FlowThread:
    if thread.trigger is None:
        return thread
    if thread.trigger.kind not in host.triggers:
        raise PluginError(
            f"thread `{thread.name}` is entered by `{thread.trigger.kind}`, which no installed plugin provides",
            hint="install the plugin again, or publish the conversation without that thread",
        )
    with blamed(f"the trigger `{thread.trigger.kind}`"):
        arguments = host.triggers[thread.trigger.kind].arguments(thread.trigger.arguments)
    return replace(thread, trigger=replace(thread.trigger, arguments=arguments))


def _loaded(
    row: sa.Row[tuple[object, ...]],
    host: Host,
    messages: Mapping[int, LoadedMessage],
    opened: dict[tuple[int, str, str], Instant],
    floor: Instant,
) -> Loaded:
    """`opened` collects since when each thread of each conversation has had its trigger, in the order of versions.

    What happened before `floor` lets nobody in: it did so before the database was lost.
    """
    flow = _completed(Flow.from_json(row.flow), host)
    doors = {thread.name: (row.conversation_id, thread.name, str(thread.trigger)) for thread in flow.threads}
    since = {name: max(opened.setdefault(door, row.published_at), floor) for name, door in doors.items()}
    lowerings = {name: step.lower for name, step in host.steps.items()}
    loaded = Loaded(
        version_id=row.id,
        conversation_id=row.conversation_id,
        flow=flow,
        program=flow_to_program(flow, lowerings),
        messages={int(step): messages[id_] for step, id_ in json.loads(row.messages).items()},
        is_live=bool(row.is_live),
        since=since,
    )
    try_conditions(flow, host.predicates, loaded.asking)
    return loaded
