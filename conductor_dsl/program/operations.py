"""What the engine can do to a batch: fifteen operations, enough for every step.

An operation is the meaning of one flow step. Every operation moves all due contacts that stand at its step; none
handles one contact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from conductor_dsl.language.expressions import Expression
from conductor_dsl.language.flow import FlowStep

NO_MATCH = "no match"
"""The reason of a run that a gate has kept out."""
ENGAGEMENT = ("opened", "clicked")
"""The events that are about a message."""
HELD_OUT = "held out"
"""The reason of a run whose contact belongs to those to whom nothing is sent, for comparison."""
NO_CODE = "no code left"
"""The reason of a run that a pool without codes has ended."""


@dataclass(frozen=True, slots=True)
class Gate:
    """Contacts for whom the condition holds go to `yes`, the others to `no`; None ends the run with `reason`."""

    condition: Expression
    yes: int | None
    no: int | None
    reason: str = NO_MATCH


@dataclass(frozen=True, slots=True)
class Hold:
    """Wait by the clock of the contact's zone: for a length of time, or until a moment.

    `duration` alone (`3d`) is a length of time. `clock` (`10:00`) is the next time the clock shows it; with `weekday`
    (`tuesday`) on the next such day, with `ordinal` (`first`, ..., `last`) on the next first one of a month; with
    `date` (2026-11-27) on that day; with `moment` on the day, or at the instant, that it gives for the contact, moved
    by `shifts` (`-7d`). Without a clock the time of day is the one at which the wait begins, or that of the instant.
    `until_window` is until messages may go out, from `opens` to `closes`: at once where they may, or always may.

    `if_past` says what happens where a date or a moment is over: `skip` goes on, `next_year` waits for the same day of
    the first year in which it is still to come, `end` ends the run. For whom there is no moment `skip` goes on, and the
    others end the run.
    """

    next: int | None
    duration: str | None = None
    clock: str | None = None
    weekday: str | None = None
    ordinal: str | None = None
    date: str | None = None
    moment: Expression | None = None
    shifts: tuple[str, ...] = ()
    if_past: str = "skip"
    until_window: bool = False
    opens: str | None = None
    closes: str | None = None

    @property
    def may_be_past(self) -> bool:
        """Whether the wait may be over before it begins."""
        return self.date is not None or self.moment is not None or self.until_window


@dataclass(frozen=True, slots=True)
class Await:
    """Wait until one of the events comes for which `where` holds, at most for `timeout`.

    For whom it came goes to `came`, the others go to `late`; None ends the run. `where` reads the event awaited as
    `event`. Of `opened` and `clicked` those count that are about the run's message of `step`, or about its latest one;
    with `link`, only those of this link.

    An event counts that happened since that message was written, or since the run began if it has none; and one event
    ends one wait of a run.
    """

    events: tuple[str, ...]
    timeout: str
    came: int | None
    late: int | None
    where: Expression | None = None
    step: str | None = None
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Split:
    """Each contact takes the arm that its hash with `name` falls into: the same one every time.

    `arms` are (name, share in hundredths of a percent, step or None). The shares add up to 10,000.
    """

    name: str
    arms: tuple[tuple[str, int, int | None], ...]


@dataclass(frozen=True, slots=True)
class Holdout:
    """Keep a share of the contacts, in hundredths of a percent, out of what follows, for comparison.

    It is the same contacts every time: with a `name` in every conversation, without one in this conversation.
    """

    share: int
    next: int | None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Coupon:
    """Give each contact a code of its own from a pool, into a field; where the pool is empty, the fallback.

    A run that has a good code for the field already keeps it. Without a fallback who gets no code goes to `empty`; None
    ends the run. `last_day` is a field for the last day of the code, emptied where it has none.
    """

    pool: str
    field: str
    next: int | None
    fallback: str | None = None
    empty: int | None = None
    last_day: str | None = None


@dataclass(frozen=True, slots=True)
class Enlist:
    """Write into the ledger of consent that the contacts are `subscribed` to a list, or `unsubscribed` from it.

    `text` is what a contact agreed to by the event that let it in; a yes counts from then on.
    """

    list: str
    action: str
    next: int | None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Emit:
    """Let an event happen to each contact, with these fields."""

    event: str
    payload: tuple[tuple[str, Expression], ...]
    next: int | None


@dataclass(frozen=True, slots=True)
class Start:
    """Let the contacts into the first thread of another conversation, or a named one, as its re-entry rule says."""

    conversation: str
    next: int | None
    thread: str | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """Tell a member of the staff, with the next digest, how many contacts came by."""

    address: str
    text: str
    next: int | None


@dataclass(frozen=True, slots=True)
class Send:
    """Write an intent for each contact that may be sent to; the others take the edge of the reason.

    `edges` leads by outcome (`invalid`, `missing`, `unsubscribed`, `failed`) to steps; None ends the run. An outcome
    that is not in `edges` goes on to `next`. With a `failed` edge the run waits for the provider's verdict.
    """

    channel: str
    address: str
    next: int | None
    saved: str | None = None
    subject: str = ""
    body: str = ""
    list: str | None = None
    sender: str | None = None
    reply_to: str | None = None
    ttl: str | None = None
    ignore_cap: bool = False
    edges: Mapping[str, int | None] = field(default_factory=dict)
    notices: tuple[tuple[str, str], ...] = ()
    """Staff addresses with the outcome of which they want to hear."""
    media: tuple[str, ...] = ()
    """Addresses of pictures that go with a text message."""
    url: str | None = None
    """For the channel `webhook`: where to, for every contact; there is no consent to ask for, and no address field."""
    payload: tuple[tuple[str, Expression], ...] = ()
    """For the channel `webhook`: what is told, by name."""

    @property
    def parks(self) -> bool:
        """Whether the run must know the provider's verdict before it goes on."""
        return "failed" in self.edges


@dataclass(frozen=True, slots=True)
class Write:
    """Set fields of the contact; a field without an expression is cleared."""

    assignments: tuple[tuple[str, Expression | None], ...]
    next: int | None


@dataclass(frozen=True, slots=True)
class Call:
    """Hand the batch to a plugin's function, by the name of its step type."""

    function: str
    arguments: Mapping[str, Any]
    next: int | None


@dataclass(frozen=True, slots=True)
class Move:
    """Go to another step; after `limit` times in one run, go on to `next` instead."""

    target: int
    next: int | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """The run ends here, for a reason that the author may have given."""

    reason: str = "end"


Operation = (
    Gate | Hold | Await | Split | Holdout | Send | Write | Coupon | Enlist | Emit | Start | Note | Call | Move | Stop
)
Lowering = Callable[[FlowStep], Operation]
"""What a step type contributes: its meaning as an operation."""


@dataclass(frozen=True, slots=True)
class Program:
    """The operations of a flow; `operations[n]` is the meaning of step n."""

    operations: tuple[Operation, ...]
