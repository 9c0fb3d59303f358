"""What the simulated provider does wrong: a pure function of a seed and the message, so that a run can be repeated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from hashlib import blake2b
from types import MappingProxyType

from conductor_dsl.sim.message import Message

LARGEST_STATUS = 599
_STATUSES = {20003: 401, 20008: 403, 20403: 403, 20404: 404, 20429: 429}
_RANGE = 1 << 64


class Fault(StrEnum):
    """What may go wrong with a request; besides, any status or code of Twilio's may be answered."""

    LOST = "lost"
    """The message is taken, and the connection closed without an answer."""
    DROPPED = "dropped"
    """The connection is closed, and the message not taken."""
    HANG = "hang"
    """The message is taken, and no answer comes for long."""
    HALF = "half"
    """The message is taken, and the answer breaks off half-way."""
    GARBAGE = "garbage"
    """The message is taken, and the answer makes no sense."""
    SLOW = "slow"
    """The message is taken, and the answer comes late."""
    THROTTLED = "throttled"
    """Status 429 with Retry-After; the message is not taken."""


class Manner(StrEnum):
    """How receipts may come; besides, any code of Twilio's may be why a message was not delivered."""

    LATE = "late"
    TWICE = "twice"
    DISORDERED = "disordered"
    NEVER = "never"


TAKEN = frozenset({Fault.LOST, Fault.HANG, Fault.HALF, Fault.GARBAGE, Fault.SLOW})
"""Faults after the message was taken."""
NO_SHARES: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Rule:
    """The fault of all messages whose recipient and text fit: of their `first` attempts, or of all where that is 0."""

    fault: str
    to: str = "*"
    text: str = "*"
    first: int = 0

    def fits(self, message: Message, attempt: int) -> bool:
        """Whether it is about this attempt, counted from 1."""
        early = not self.first or attempt <= self.first
        return early and fnmatchcase(message.to, self.to) and fnmatchcase(message.text, self.text)


@dataclass(frozen=True, slots=True)
class Plan:
    """Shares of faults and of manners of receipts, by name, from 0 to 1; rules come first.

    Lengths are in seconds: `retry_after` is what a throttled request is told, `hang` how long an answer hangs, `slow`
    how long a slow one takes,
    `receipt_after` when a message is told to be sent (and twice that, to be delivered), `late` how much later late ones
    are, `shown_after` when a message comes into lists and look-ups, `keys_for` how long an Idempotency-Key is known.
    """

    seed: int = 0
    faults: Mapping[str, float] = field(default_factory=lambda: NO_SHARES)
    receipts: Mapping[str, float] = field(default_factory=lambda: NO_SHARES)
    rules: tuple[Rule, ...] = ()
    retry_after: int = 1
    hang: float = 60
    slow: float = 1
    receipt_after: float = 0.5
    late: float = 60
    shown_after: float = 0
    keys_for: float = 86_400


@dataclass(frozen=True, slots=True)
class Telling:
    """A state of a message that is told so many seconds after it was taken."""

    after: float
    state: str
    code: str = ""


def fault_of(plan: Plan, message: Message, attempt: int) -> str:
    """What goes wrong at an attempt, counted from 1; empty for nothing."""
    for rule in plan.rules:
        if rule.fits(message, attempt):
            return rule.fault
    return _draw(plan.seed, f"fault {message.key} {attempt}", plan.faults)


def tellings_of(plan: Plan, message: Message) -> list[Telling]:
    """What is told of a message that was taken, in order."""
    manner = _draw(plan.seed, f"receipt {message.key}", plan.receipts)
    if manner == Manner.NEVER:
        return []
    sent = Telling(plan.receipt_after, "sent")
    after = 2 * plan.receipt_after + (plan.late if manner == Manner.LATE else 0)
    last = Telling(after, "undelivered", manner) if manner.isdigit() else Telling(after, "delivered")
    if manner == Manner.TWICE:
        return [sent, sent, last, last]
    if manner == Manner.DISORDERED:
        return [Telling(sent.after, last.state), Telling(last.after, sent.state)]
    return [sent, last]


def state_of(plan: Plan, message: Message, now: int) -> Telling:
    """How a message stands at an instant, whatever was told of it."""
    manner = _draw(plan.seed, f"receipt {message.key}", plan.receipts)
    age = (now - message.at) / 1000
    if age < plan.receipt_after:
        return Telling(0, "queued")
    if age < 2 * plan.receipt_after:
        return Telling(0, "sent")
    return Telling(0, "undelivered", manner) if manner.isdigit() else Telling(0, "delivered")


def is_shown(plan: Plan, message: Message, now: int) -> bool:
    """Whether lists and look-ups show a message already."""
    return message.at + 1000 * plan.shown_after <= now


def status_and_code(fault: str) -> tuple[int, int]:
    """The status of an answer and Twilio's code in it, 0 for none, of a fault that is a number."""
    number = int(fault)
    return (number, 0) if number <= LARGEST_STATUS else (_STATUSES.get(number, 400), number)


def _draw(seed: int, what: str, shares: Mapping[str, float]) -> str:
    if not shares:
        return ""
    drawn = int.from_bytes(blake2b(f"{seed} {what}".encode(), digest_size=8).digest()) / _RANGE
    for name, share in shares.items():
        drawn -= share
        if drawn < 0:
            return name
    return ""
