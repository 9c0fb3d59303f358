"""What a plugin can give: steps, predicates, triggers and channel providers. Frozen data and small protocols."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from conductor_dsl.language.signatures import PredicateSignature, StepSignature, TriggerSignature
from conductor_dsl.program.facts import PlainFacts, SqlFacts
from conductor_dsl.program.operations import Lowering

if TYPE_CHECKING:  # checking a script asks plugins for their words only, and need not wait for SQLAlchemy
    import sqlalchemy as sa

Arguments = Mapping[str, Any]
"""Arguments of a flow step or a predicate as JSON values: durations as written, references `{"ref": [kind, name]}`."""


@dataclass(frozen=True, slots=True)
class StepType:
    """A step: how it is written, and what it means.

    `function` is needed only by steps that lower to a `Call`: it takes the rows of a batch (mappings with the contact's
    fields) and the arguments, and is called once per batch, before the batch is committed.
    """

    signature: StepSignature
    lower: Lowering
    function: Callable[[Sequence[Mapping[str, Any]], Arguments], None] | None = None


@dataclass(frozen=True, slots=True)
class Predicate:
    """A condition or measure, declared once with both interpreters, which tests compare on random data.

    `sql` gives a SQLAlchemy expression with bound values only, `plain` the same value for one contact in Python; a
    missing value is NULL and None.

    `ages` says how the value may change by the mere passing of time: pairs of an instant, `last_order_at` of the
    contact or `orders.at` of its rows in another table, and the argument (a duration) with which its age is compared,
    if that is written; empty for a value that does not depend on the time. The engine then looks only at contacts who
    crossed such an age, or whose `updated_at` moved. Where it is None, everybody is looked at every time.
    """

    signature: PredicateSignature
    sql: Callable[[SqlFacts, Arguments], sa.ColumnElement[Any]]
    plain: Callable[[PlainFacts, Arguments], Any]
    ages: tuple[tuple[str, str], ...] | None = None


class TriggerSource(StrEnum):
    """How a trigger finds its contacts."""

    AUDIENCE = "audience"
    """By a standing condition (argument `condition`), looked at every so often (`every`, `at`)."""
    EVENT = "event"
    """By events (argument `events`, a list of names), perhaps with a condition (`where`). With `own` they tell of
    messages of this conversation, and who is inside goes on in this thread."""
    RECURRING = "recurring"
    """Every so often (`every`, counted from `starting`, there from a `weekday`, at `at`) everybody for whom
    `condition` holds."""
    ANNIVERSARY = "anniversary"
    """Each year on the day that `date` gives, a field or a measure, or some time `before` it, `at` a time of the
    contact's day; `leap`: 29 February."""
    PRODUCT = "product"
    """By a change (`kind`) of a product that the contact watches: see `runtime.alerts` for what the arguments say."""
    CART = "cart"
    """By a cart that nobody has touched for a time (`after`), perhaps with a condition (`where`)."""
    REPLENISH = "replenish"
    """By a product that the contact bought and that is about to run out (`skus`, `every`, `before`, `where`)."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """What lets contacts into a thread; `arguments` turns what was written into the arguments of its source."""

    signature: TriggerSignature
    source: TriggerSource
    arguments: Callable[[Arguments], Arguments] = field(default=dict)


WEBHOOK = "webhook"
"""The channel by which other programs are called."""
NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class Verdict(StrEnum):
    """What a provider says of one message."""

    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    REJECTED = "rejected"
    TRANSIENT = "transient"
    AMBIGUOUS = "ambiguous"


class Outgoing(NamedTuple):
    """One message as a provider gets it; a tuple, for there are many.

    `valid_for` is in milliseconds, `key` is the idempotency key. A webhook has the address in `to` and a JSON object in
    `text`; `media` are the addresses of the pictures of a text message.
    """

    key: str
    channel: str
    to: str
    sender: str
    subject: str
    text: str
    html: str
    valid_for: int
    contact: str
    conversation: str
    step: str
    headers: Mapping[str, str] = NO_HEADERS
    media: tuple[str, ...] = ()


class Receipt(NamedTuple):
    """What became of one message; `code` is the provider's own word, for the reader."""

    key: str
    verdict: Verdict
    provider_id: str = ""
    code: str = ""
    detail: str = ""


class ChannelProvider(Protocol):
    """Something that carries messages of one or more channels, in batches."""

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        """Try to send every message; one receipt for each, in any order.

        A message without a receipt, and every message of a call that raises, counts as ambiguous.
        """

    def look_up(self, keys: Sequence[str]) -> Mapping[str, Receipt] | None:
        """What became of earlier messages; a key that is left out was certainly not accepted. None: cannot tell."""

    def close(self) -> None:
        """Let go of connections."""


@dataclass(frozen=True, slots=True)
class ProviderSetting:
    """What a provider is built from: its table in `conductor.toml`, the project's folder, the database."""

    options: Mapping[str, Any]
    folder: str
    engine: sa.Engine
    echo: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ProviderType:
    """A kind of provider: its name in `conductor.toml`, its channels, and how to build one."""

    name: str
    channels: tuple[str, ...]
    build: Callable[[ProviderSetting], ChannelProvider]
    summary: str = ""
