"""What the history checker works with: everything that is known of one contact, and what it makes of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from conductor_dsl.program.operations import Hold
from conductor_dsl.program.states import IntentState
from conductor_dsl.shared.clock import Instant


class RunPast(NamedTuple):
    """A row of `run`; a tuple, for there are millions."""

    contact: int
    conversation: int
    entry: int
    state: str
    due_at: Instant | None
    entered_at: Instant
    ended_at: Instant | None


class MessagePast(NamedTuple):
    """A row of `intent`."""

    contact: int
    conversation: int
    entry: int
    step: int
    visit: int
    channel: str
    list: str
    sender: str
    address: str
    created_at: Instant
    state: str
    expires_at: Instant
    lease_until: Instant | None
    settled_at: Instant | None
    key: str = ""
    """The key under which the provider sees it."""

    def __str__(self) -> str:
        return f"contact {self.contact}, conversation {self.conversation}, entry {self.entry}, step {self.step}"


class WaitPast(NamedTuple):
    """A row of `history` that tells of a wait's beginning."""

    contact: int
    conversation: int
    entry: int
    step: int
    at: Instant


class AnswerPast(NamedTuple):
    """A row of `history` that tells of the end of a wait for an event: `kind` is `came` or `late`."""

    contact: int
    conversation: int
    entry: int
    step: int
    at: Instant
    kind: str


class DecisionPast(NamedTuple):
    """A row of `history` that tells what people have decided about the messages of a step."""

    contact: int
    conversation: int
    entry: int
    step: int
    at: Instant


class WordPast(NamedTuple):
    """A row of `consent`: `at` is when the contact said it, `stored_at` when it was stored, if that is known."""

    contact: int
    list: str
    at: Instant
    action: str
    stored_at: Instant | None


class CodePast(NamedTuple):
    """A row of `coupon` that somebody has: a code of a pool, for a field of a run."""

    contact: int
    conversation: int | None
    entry: int | None
    pool: str
    field: str | None
    claimed_at: Instant | None
    expires_at: Instant


class GiftPast(NamedTuple):
    """A row of `history` that tells of a code: `pool` is of which."""

    contact: int
    conversation: int
    entry: int
    step: int
    at: Instant
    pool: str


class MarkPast(NamedTuple):
    """A row of `entry_mark`: a chance to enter a thread by a thing, due at an instant, or come already."""

    contact: int
    thread: int
    thing: str
    mark: int
    due_at: Instant | None


class Attempt(NamedTuple):
    """What a provider was asked to send, by its own account; `digest` is a name for the bytes."""

    key: str
    address: str
    digest: str
    at: Instant
    accepted: bool


Log = Mapping[str, Sequence[Attempt]]
"""A provider's attempts by key, in order."""


@dataclass(frozen=True, slots=True)
class Past:
    """Everything that is known of one contact; `log` is None where there is no witness but the database.

    `is_known` is False for somebody of whom there is no row any more.
    """

    contact: int
    zone: str | None = None
    updated_at: Instant = 0
    runs: Sequence[RunPast] = ()
    messages: Sequence[MessagePast] = ()
    waits: Sequence[WaitPast] = ()
    answers: Sequence[AnswerPast] = ()
    decisions: Sequence[DecisionPast] = ()
    words: Sequence[WordPast] = ()
    codes: Sequence[CodePast] = ()
    gifts: Sequence[GiftPast] = ()
    marks: Sequence[MarkPast] = ()
    is_known: bool = True
    log: Log | None = None

    def was_decided(self, message: MessagePast) -> bool:
        """Whether people have decided about a message; the engine has promised nothing of it since."""
        place = (message.conversation, message.entry, message.step)
        return any((each.conversation, each.entry, each.step) == place for each in self.decisions)

    def acceptances(self, message: MessagePast) -> list[Attempt]:
        """The attempts at a message that its provider accepted."""
        return [attempt for attempt in (self.log or {}).get(message.key, ()) if attempt.accepted]


class Wait(NamedTuple):
    """A wait as a version has it: `zone` is for all contacts where it is given, else `fallback` for those without.

    One for an event ends at the latest as `hold` says.
    """

    hold: Hold
    zone: str | None
    fallback: str


@dataclass(frozen=True, slots=True)
class Rules:
    """What was promised: the waits by (conversation, step), in all versions; how long a batch may be on its way.

    `awaited` are the waits for an event. `slack` is how far the clocks of two writers may be apart, in milliseconds.
    What was over before `horizon` may have been deleted, of each conversation so many runs as `pruned` says; None where
    nothing was. `cutoffs` are by pool how long before its expiry a code is given no more, in milliseconds, and
    `threads` the numbers of the threads that there are; None where nobody knows.
    """

    waits: Mapping[tuple[int, int], Sequence[Wait]] = field(default_factory=dict)
    awaited: Mapping[tuple[int, int], Sequence[Wait]] = field(default_factory=dict)
    lease: int = 0
    slack: int = 0
    horizon: Instant | None = None
    pruned: Mapping[int, int] = field(default_factory=dict)
    cutoffs: Mapping[str, int] = field(default_factory=dict)
    threads: Collection[int] | None = None


Check = Callable[[Past, Rules], Iterable[str]]
"""What is wrong with a contact's past, one clause for each wrong."""


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise with its check; `needs_log` if only a provider's own account can tell."""

    name: str
    check: Check
    needs_log: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a promise: how often it was broken, with the first examples; `checked` is False without a log."""

    promise: str
    broken: int
    examples: tuple[str, ...]
    checked: bool = True


@dataclass(frozen=True, slots=True)
class Verification:
    """The verdict on every promise, with how many contacts, runs and messages there are, by state.

    `pruned` runs have been deleted.
    """

    verdicts: tuple[Verdict, ...]
    contacts: int
    runs: Mapping[str, int]
    messages: Mapping[str, int]
    pruned: int = 0

    @property
    def holds(self) -> bool:
        """Whether every promise that could be checked was kept."""
        return not any(verdict.broken for verdict in self.verdicts)

    @property
    def ambiguous(self) -> int:
        """How many messages there are of which nobody can tell whether they were sent."""
        return self.messages.get(IntentState.AMBIGUOUS, 0)
