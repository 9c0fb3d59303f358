"""The model: what a conversation does to people, in dictionaries and lists, as somebody would explain it at a table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from conductor_dsl.shared.clock import HOUR, Instant

FIRST, WAITING, SECOND, LAST = "First", "waiting", "Second", "Last"
"""Where a run stands: before its text, behind it waiting for an answer, before its e-mail, before its last text."""
PAUSE = 24
"""Hours between the e-mail and the last text."""


@dataclass(frozen=True, slots=True)
class Edition:
    """What is published: a word that messages begin with, hours to wait for an answer, and two rules of the head."""

    word: str
    patience: int
    reentry: str
    in_flight: str


@dataclass(slots=True)
class Pass:
    """One contact's pass; `due` is an hour since the beginning, `state` and `reason` as the engine calls them."""

    edition: Edition
    entered_at: Instant
    due: int
    stands: str = FIRST
    spoke_at: Instant = 0
    state: str = "active"
    reason: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it has not ended."""
        return self.state == "active"

    def end(self, state: str, reason: str) -> None:
        """It is over."""
        self.state, self.reason = state, reason


@dataclass(slots=True)
class Person:
    """Somebody: the latest word on each list, events in order, passes in order, and messages as they came."""

    words: dict[str, tuple[Instant, str]] = field(default_factory=dict)
    answers: list[Instant] = field(default_factory=list)
    passes: list[Pass] = field(default_factory=list)
    got: list[tuple[str, str]] = field(default_factory=list)

    def may_get(self, channel: str) -> bool:
        """A text needs a yes, an e-mail heeds a no; whoever has left everything needs a yes after that."""
        own, every = self.words.get(channel), self.words.get("*")
        if own is None and every is not None:
            return False
        if own is None:
            return channel == "email"
        return own[1] == "subscribed" and (every is None or own[0] > every[0])

    @property
    def open_pass(self) -> Pass | None:
        """The pass that has not ended, if there is one."""
        return self.passes[-1] if self.passes and self.passes[-1].is_open else None


class Model:
    """The whole shop: people by key, and the edition that lets them in."""

    def __init__(self, start: Instant, edition: Edition) -> None:
        self.start, self.edition = start, edition
        self.people: dict[str, Person] = {}

    def hour(self, now: Instant) -> int:
        """The hour of an instant since the beginning."""
        return (now - self.start) // HOUR

    def publish(self, edition: Edition) -> None:
        """Those inside stay as they are, go on in the new edition, or leave, as that one says."""
        if edition == self.edition:
            return
        self.edition = edition
        for each in self._open():
            if edition.in_flight == "end":
                each.end("exited", "new version")
            elif edition.in_flight == "move":
                each.edition = edition

    def _open(self) -> Iterator[Pass]:
        for person in self.people.values():
            if person.open_pass is not None:
                yield person.open_pass

    def enter(self, key: str, now: Instant) -> None:
        """Somebody is at the door."""
        person, edition = self.people[key], self.edition
        inside = person.open_pass
        if inside is not None and edition.reentry != "restart":
            return
        if person.passes and edition.reentry == "never":
            return
        if inside is not None:
            inside.end("exited", "restart")
        person.passes.append(Pass(edition, now, self.hour(now)))

    def answer(self, key: str, at: Instant, now: Instant) -> None:
        """Somebody answers; whoever is waited for goes on."""
        person = self.people[key]
        person.answers.append(at)
        inside = person.open_pass
        if inside is not None and inside.stands == WAITING and at > (inside.spoke_at or inside.entered_at):
            inside.stands, inside.due = SECOND, self.hour(now)

    def leave(self, key: str, at: Instant) -> None:
        """What ends the conversation has happened, unless it was before it began."""
        inside = self.people[key].open_pass
        if inside is not None and at >= inside.entered_at:
            inside.end("exited", "exit on stop")

    def say(self, key: str, name: str, action: str, now: Instant) -> None:
        """Somebody joins or leaves a list; who leaves everything has left every list that was agreed to before."""
        self.people[key].words[name] = (now, action)

    def work(self, now: Instant) -> None:
        """Everybody goes on who is due."""
        for person in self.people.values():
            inside = person.open_pass
            while inside is not None and inside.is_open and inside.due <= self.hour(now):
                self._step(person, inside, now)

    def _step(self, person: Person, inside: Pass, now: Instant) -> None:
        word = inside.edition.word
        if inside.stands == FIRST:
            self._send(person, inside, ("sms", f"{word} first"), now)
            since = inside.spoke_at or inside.entered_at
            if any(since < at for at in person.answers):
                inside.stands = SECOND
            else:
                inside.stands, inside.due = WAITING, self.hour(now) + inside.edition.patience
        elif inside.stands == WAITING:
            inside.stands = SECOND
        elif inside.stands == SECOND:
            self._send(person, inside, ("email", f"{word} second"), now)
            inside.stands, inside.due = LAST, self.hour(now) + PAUSE
        else:
            self._send(person, inside, ("sms", f"{word} last"), now)
            inside.end("completed", "end")

    @staticmethod
    def _send(person: Person, inside: Pass, message: tuple[str, str], now: Instant) -> None:
        if person.may_get(message[0]):
            person.got.append(message)
            inside.spoke_at = now

    def next_due(self) -> int | None:
        """The hour at which somebody goes on next."""
        return min((each.due for each in self._open()), default=None)
