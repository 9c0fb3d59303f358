"""What the engine can do to a batch: seven operations, enough for every step.

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


@dataclass(frozen=True, slots=True)
class Gate:
    """Contacts for whom the condition holds go to `yes`, the others to `no`; None ends the run with `reason`."""

    condition: Expression
    yes: int | None
    no: int | None
    reason: str = NO_MATCH


@dataclass(frozen=True, slots=True)
class Hold:
    """Wait for a length of time (`3d`), by the wall clock of the contact's zone, or until a time of day (`10:00`)."""

    next: int | None
    duration: str | None = None
    clock: str | None = None


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


Operation = Gate | Hold | Send | Write | Call | Move | Stop
Lowering = Callable[[FlowStep], Operation]
"""What a step type contributes: its meaning as an operation."""


@dataclass(frozen=True, slots=True)
class Program:
    """The operations of a flow; `operations[n]` is the meaning of step n."""

    operations: tuple[Operation, ...]
