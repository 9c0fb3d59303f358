"""What passes between the stages of a rehearsal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from conductor_dsl.language.bound_tests import BoundTest
from conductor_dsl.language.source import Source
from conductor_dsl.shared.clock import Instant

Step = tuple[str, str]
"""A conversation and a step of it, by their names."""


@dataclass(frozen=True, slots=True)
class Happening:
    """What reaches the engine at an instant: a row as a file of `kind` would tell it, `pool` being that of codes."""

    at: Instant
    kind: str
    row: Mapping[str, object]
    pool: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """A test, ready to be played.

    `keys` and `zones` are by the contacts' names in the test. `given` is told before the beginning, `happenings` as the
    clock comes to them. `refused` are the steps whose messages the provider refuses, with the keys of the contacts. The
    clock goes on at least to `until`, and at most to `horizon`; at the `moments` somebody looks where everybody stands.
    """

    test: BoundTest
    begins: Instant
    until: Instant
    horizon: Instant
    zone: str
    keys: Mapping[str, str]
    zones: Mapping[str, str]
    given: tuple[Happening, ...]
    happenings: tuple[Happening, ...]
    refused: frozenset[tuple[str, str]]
    moments: tuple[Instant, ...]


class Sent(NamedTuple):
    """A message that reached a provider; `saved` is the saved message it was made from, if it was.

    `number` is the place of its step in the conversation.
    """

    at: Instant
    number: int
    contact: str
    channel: str
    conversation: str
    step: str
    saved: str
    subject: str
    text: str
    html: str
    sender: str
    to: str
    accepted: bool


class Pass(NamedTuple):
    """One contact's pass through a conversation, as it was found; `step` is where it stands, or stood last."""

    contact: str
    conversation: str
    thread: str
    entered_at: Instant
    ended_at: Instant | None
    state: str
    reason: str | None
    step: str


class Note(NamedTuple):
    """A row of the history; `number` is the place of the step in the conversation, `channel` that of its message."""

    at: Instant
    number: int
    contact: str
    conversation: str
    step: str
    channel: str
    kind: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything that came of a scene. `stood` holds the passes as they were at each moment of the scene."""

    ended: Instant
    sent: tuple[Sent, ...]
    notices: tuple[Sent, ...]
    passes: tuple[Pass, ...]
    history: tuple[Note, ...]
    stood: Mapping[Instant, tuple[Pass, ...]]
    fields: Mapping[str, Mapping[str, Any]]
    lists: Mapping[tuple[str, str], str]
    events: tuple[tuple[Instant, str, str], ...]
    """(at, contact, name)"""
    problems: tuple[str, ...] = ()
    """Why something that the test gives or lets happen could not be told."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A line of a test that did not come true."""

    line: int
    expected: str
    got: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a test went: without failures it has passed. `paths` tell what each contact went through; `millis` is how
    long it took.
    """

    source: Source
    test: BoundTest
    failures: tuple[Failure, ...]
    paths: tuple[str, ...]
    millis: int

    @property
    def line(self) -> int:
        """Where the test stands."""
        return self.source.position(self.test.span.start).line

    @property
    def place(self) -> str:
        """The file and the line."""
        return f"{self.source.name}:{self.line}"
