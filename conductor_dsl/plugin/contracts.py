"""What a plugin can give beside channels: steps, conditions, triggers, filters, checks, exporters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, BinaryIO

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
    fields) and the arguments, and is called once per batch, before the batch is committed. The signature must say what
    it does to the world: `READS` if nothing changes anywhere and nobody outside is asked, else `SENDS`. Rehearsals call
    it in the first case only.
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


Columns = tuple[str, ...]
"""The names of the columns of an export, in order; every row has them all."""
Batches = Iterable[Sequence[Mapping[str, Any]]]
"""The rows of an export, some thousands at a time: texts, numbers, and None for what is missing."""


@dataclass(frozen=True, slots=True)
class Exporter:
    """A form in which history and messages leave: `conductor export NAME`.

    `write` takes the columns, the rows and an open file. It gets the batches one after the other and must not keep
    them, so that an export of any size takes the same memory. What it raises leaves no file behind.
    """

    name: str
    summary: str
    write: Callable[[Columns, Batches, BinaryIO], None]
