"""Declared shapes of steps, predicates and triggers: one declaration serves every reader.

A phrase is a tuple of fixed words and parameters, in the order in which they are written. `sms` has the form
`(Param("body", (Kind.TEMPLATE, Kind.REF), refs=("saved",)),)` and an option `("notify", Param("address", (Kind.TEXT,)),
"on", Param("outcome", (Kind.WORD,), words=(...)))`. The binder, the checks, the formatter, the generated reference and
editors all read these.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from conductor_dsl.language.expressions import ValueType


class Kind(StrEnum):
    """What may stand in the place of a parameter."""

    TEXT = "text"
    TEMPLATE = "template"
    NUMBER = "number"
    DURATION = "duration"
    CLOCK = "clock time"
    DATE = "date"
    PERCENT = "percent"
    REF = "reference"
    WORD = "word"
    FIELD = "field"
    EVENT = "event"
    PREDICATE = "condition"
    VALUE = "value"
    BRANCH = "branch"
    """`{ chain }`, the word `pass` (go on), or one step."""
    ARMS = "arms"
    """`{ 50% { chain } 50% "B" { chain } }`: ways with shares that add up to 100%."""
    ASSIGNMENTS = "assignments"
    """`tier = "Gold", visits = visits + 1`."""
    PAYLOAD = "payload"
    """`{ order_id "1", total 20 }`: names with values."""


class Effect(StrEnum):
    """What running a step does to the world; simulation runs only what it may."""

    PURE = "pure"
    READS = "reads"
    WRITES = "writes"
    SENDS = "sends"


@dataclass(frozen=True, slots=True)
class Param:
    """One place in a phrase.

    `refs` names the allowed reference kinds, `words` the allowed words, `types` the allowed types of fields and values;
    `many` allows a list with commas. An `optional` place stands at the end of a phrase and may be left out; a branch
    there is a block. In a condition with `own_event`, `event.` means the events that the same phrase names before it,
    as in `wait for order.placed where event.total > 50`. A payload holds the fields of the event that the phrase names
    before it, or those of a `record` (`contact`, `product`, `cart`) where one is given. A duration with `whole_days` is
    a number of days, weeks, months or years.
    """

    name: str
    kinds: tuple[Kind, ...]
    doc: str = ""
    refs: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    types: tuple[ValueType, ...] = ()
    many: bool = False
    own_event: bool = False
    whole_days: bool = False
    record: str = ""
    optional: bool = False


Phrase = tuple[str | Param, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """A phrase that may follow, beginning with its keyword; `once` forbids repeating it.

    `default` says what holds where the option is not written, as it would be written or in words. `beside` names the
    parameters of which the form must have one, for an option that belongs to some forms only; `needed` says that it
    must be written there. `never_with` is the keyword of an option that leaves this one nothing to do.
    """

    phrase: Phrase
    doc: str = ""
    once: bool = True
    default: str = ""
    beside: tuple[str, ...] = ()
    needed: bool = False
    never_with: str = ""

    @property
    def keyword(self) -> str:
        """The word by which the option is known."""
        return str(self.phrase[0])


@dataclass(frozen=True, slots=True)
class StepSignature:
    """A step as authors write it.

    `forms` are tried in order; the first that fits by its fixed words and kinds is taken. `outcomes` are the edges
    beside `next`: an option `on_<outcome>` gives such an edge. `ends` says that nothing follows the step, `splits` that
    every contact takes one of its branches, or goes on where that one is not written. `fills` names the
    parameters whose fields have a value for everybody who goes on to the next step.
    """

    name: str
    summary: str
    forms: tuple[Phrase, ...] = ((),)
    options: tuple[Option, ...] = ()
    outcomes: tuple[str, ...] = ()
    effect: Effect = Effect.PURE
    ends: bool = False
    waits: bool = False
    splits: bool = False
    fills: tuple[str, ...] = ()
    doc: str = ""
    example: str = ""


@dataclass(frozen=True, slots=True)
class PredicateSignature:
    """A condition or measure: `no_order_within 60d` is boolean, `order_count` a number.

    `grows_by` names the events that make it true, or greater, or later; `falls_by` those that make it false. `least` is
    the number below which it never is, where it is never missing either.
    """

    name: str
    summary: str
    type: ValueType = ValueType.BOOLEAN
    forms: tuple[Phrase, ...] = ((),)
    options: tuple[Option, ...] = ()
    doc: str = ""
    example: str = ""
    grows_by: tuple[str, ...] = ()
    falls_by: tuple[str, ...] = ()
    least: float | None = None


@dataclass(frozen=True, slots=True)
class TriggerSignature:
    """What lets contacts in: the words `when` or `on` and what follows them.

    `events` names the events that contacts come in by where no word of the phrase does: their fields are
    `event.<name>`.
    """

    name: str
    summary: str
    forms: tuple[Phrase, ...]
    options: tuple[Option, ...] = ()
    doc: str = ""
    example: str = ""
    events: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SettingSignature:
    """A line of a conversation's head; `default` is what holds where it is not written, `repeats` allows several."""

    name: str
    summary: str
    forms: tuple[Phrase, ...]
    default: str = ""
    options: tuple[Option, ...] = ()
    repeats: bool = False
    example: str = ""


@dataclass(frozen=True, slots=True)
class StatementSignature:
    """A line of a test: one of the words `given`, `at`, `when`, `expect`, and what may stand behind it.

    `name` says which of the lines with that word it is, `title` how messages call it.
    """

    word: str
    name: str
    summary: str
    forms: tuple[Phrase, ...]
    options: tuple[Option, ...] = ()
    example: str = ""
    title: str = ""


CHANNEL = "channel"
"""The parameter in which a word names a channel."""
Signature = TypeVar("Signature", SettingSignature, StatementSignature)


def with_channels(signature: Signature, channels: tuple[str, ...]) -> Signature:
    """The signature where these words name a channel, too."""
    return replace(signature, forms=tuple(tuple(_with(part, channels) for part in form) for form in signature.forms))


def _with(part: str | Param, channels: tuple[str, ...]) -> str | Param:
    if isinstance(part, Param) and part.name == CHANNEL:
        return replace(part, words=part.words + channels)
    return part
