"""What an author meant: steps, conditions and settings whose every word has found its declaration.

Values keep their spans, so that a check can point at them. A step that could not be bound in full is there too,
`broken`, so that its neighbours are still checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from conductor_dsl.language import expressions
from conductor_dsl.language.ast import Comment
from conductor_dsl.language.expressions import Expression, ValueType
from conductor_dsl.language.flow import Settings
from conductor_dsl.language.signatures import Kind, Param, StepSignature, TriggerSignature
from conductor_dsl.language.source import Source, Span

if TYPE_CHECKING:  # tests are made of the nouns here
    from conductor_dsl.language.bound_tests import BoundTest

ARM = "arm:"
"""What the names of the edges into the arms of a split begin with."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text, a number, or a word; durations, clock times and dates as written.

    `origins` holds, for text, the source offset of every character of the value.
    """

    kind: Kind
    value: str | int | float
    span: Span
    origins: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Reference:
    """A thing by its kind and name: `saved:"Winback1"`."""

    kind: str
    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class FieldName:
    """A field of the contact, meant as a place, not as its value."""

    name: str
    type: ValueType
    span: Span


@dataclass(frozen=True, slots=True)
class Formula:
    """A condition, or a value that is computed."""

    expression: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Branch:
    """A way that leaves the chain and comes back after the step; without a chain it is `pass`."""

    chain: BoundChain | None
    span: Span


@dataclass(frozen=True, slots=True)
class Many:
    """A list with commas."""

    items: tuple[Value, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class BoundArm:
    """One way of a split: its name, its share in hundredths of a percent (50% is 5,000), and where it leads."""

    name: str
    share: int
    branch: Branch
    span: Span


@dataclass(frozen=True, slots=True)
class Arms:
    """The ways of a split; the edge of each is called `arm:` and its name."""

    items: tuple[BoundArm, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Payload:
    """Names with values: `{ order_id "1", total event.total }`."""

    items: tuple[tuple[str, Formula], ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Assignments:
    """Fields with the values they get: `tier = "Gold", visits = visits + 1`."""

    items: tuple[tuple[FieldName, Formula], ...]
    span: Span


Value = Scalar | Reference | FieldName | Formula | Branch | Many | Arms | Payload | Assignments


@dataclass(frozen=True, slots=True)
class BoundOption:
    """An option that was written, by its keyword."""

    keyword: str
    arguments: Mapping[str, Value]
    once: bool
    span: Span


@dataclass(frozen=True, slots=True)
class BoundPhrase:
    """Arguments by the names of their parameters, and options in the order of the text."""

    arguments: Mapping[str, Value]
    options: tuple[BoundOption, ...]
    broken: bool = False

    def option(self, keyword: str) -> BoundOption | None:
        """The first option with a keyword, if it was written."""
        return next((option for option in self.options if option.keyword == keyword), None)

    def values(self) -> Iterator[tuple[str, Value]]:
        """Every value with the name of its parameter, options included, in the order of the text."""
        yield from self.arguments.items()
        for option in self.options:
            yield from option.arguments.items()

    def get(self, name: str) -> Value | None:
        """The first value of a parameter, wherever it stands."""
        return next((value for key, value in self.values() if key == name), None)


@dataclass(frozen=True, slots=True)
class BoundStep:
    """A step; without a signature its name is unknown and nothing else is known of it."""

    name: str
    name_span: Span
    signature: StepSignature | None
    phrase: BoundPhrase
    span: Span

    @property
    def branches(self) -> tuple[tuple[str, Branch], ...]:
        """The branches by the names of their edges, in the order of the text."""
        return tuple(_branches(self.phrase))

    @property
    def guard(self) -> Formula | None:
        """The condition of an `if` that stands behind the step."""
        option = self.phrase.option("if")
        value = option.arguments.get("guard") if option else None
        return value if isinstance(value, Formula) else None

    @property
    def label(self) -> Scalar | None:
        """The name that the author gave with `as`."""
        option = self.phrase.option("as")
        value = option.arguments.get("name") if option else None
        return value if isinstance(value, Scalar) else None

    @property
    def branches_always(self) -> bool:
        """Whether everybody takes one of the branches, so that nobody goes straight on."""
        if self.signature is None or not self.signature.splits:
            return False
        options = (part for option in self.signature.options for part in option.phrase)
        places = (part for phrase in (*self.signature.forms, options) for part in phrase)
        wanted = {part.name for part in places if isinstance(part, Param) and _LEADS & set(part.kinds)}
        written = {name for name, value in self.phrase.values() if isinstance(value, Branch | Arms)}
        return wanted == written

    @property
    def leaves(self) -> bool:
        """Whether nothing can come after the step; an option (`if ...`, `at most 3 times`) makes it go on sometimes."""
        return self.signature is not None and self.signature.ends and not (self.phrase.options or self.phrase.broken)


@dataclass(frozen=True, slots=True)
class BoundChain:
    """Steps one after the other; at least one."""

    steps: tuple[BoundStep, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class BoundTrigger:
    """What lets contacts in."""

    signature: TriggerSignature
    phrase: BoundPhrase
    span: Span

    @property
    def name(self) -> str:
        """The name of the trigger in the vocabulary."""
        return self.signature.name


@dataclass(frozen=True, slots=True)
class BoundThread:
    """A path; without a trigger it is reached by `goto` only."""

    name: str
    name_span: Span
    trigger: BoundTrigger | None
    chain: BoundChain | None
    span: Span
    header_span: Span | None = None
    """Where something was written that should let contacts in, even if it could not be bound."""


@dataclass(frozen=True, slots=True)
class BoundSetting:
    """A line of a conversation's head that could be bound."""

    name: str
    phrase: BoundPhrase
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class BoundConversation:
    """A conversation with every default filled in; `written` holds the lines of its head.

    Each is equal to itself alone, so that what is computed from it can be kept.
    """

    name: str
    name_span: Span
    settings: Settings
    written: tuple[BoundSetting, ...]
    threads: tuple[BoundThread, ...]
    span: Span
    source: Source
    fields: Mapping[str, ValueType]
    event_fields: Mapping[str, ValueType | None]
    """The fields of the events that let contacts in; None as a type for a list."""

    def steps(self) -> Iterator[BoundStep]:
        """Every step, in the order of the text, branches included."""
        return iter(_every_step(self))


@dataclass(frozen=True, slots=True)
class BoundSegment:
    """A segment that the file declares; without a formula it has a mistake."""

    name: str
    name_span: Span
    formula: Formula | None


@dataclass(frozen=True, slots=True)
class BoundFile:
    """Everything a file declares."""

    source: Source
    conversations: tuple[BoundConversation, ...]
    declared: Mapping[str, Span]
    """The fields that the file declares, with the places of their names."""
    comments: tuple[Comment, ...] = field(default=())
    segments: Mapping[str, BoundSegment] = field(default_factory=dict)
    tests: tuple[BoundTest, ...] = ()


@lru_cache(maxsize=16)
def _every_step(conversation: BoundConversation) -> tuple[BoundStep, ...]:
    """The steps of a conversation; every check goes through them."""
    return tuple(step for thread in conversation.threads for step in chain_steps(thread.chain))


_LEADS = {Kind.BRANCH, Kind.ARMS}


def _branches(phrase: BoundPhrase) -> Iterator[tuple[str, Branch]]:
    for name, value in phrase.values():
        if isinstance(value, Branch):
            yield name, value
        elif isinstance(value, Arms):
            yield from ((f"{ARM}{arm.name}", arm.branch) for arm in value.items)


def chain_steps(chain: BoundChain | None) -> Iterator[BoundStep]:
    """The steps of a chain and of its branches, in the order of the text."""
    for step in chain.steps if chain else ():
        yield step
        for _, branch in step.branches:
            yield from chain_steps(branch.chain)


def value_to_json(value: Value) -> Any:
    """A value as a flow holds it; a branch has none, it is an edge."""
    match value:
        case Scalar():
            return value.value
        case Reference(kind, name):
            return {"ref": [kind, name]}
        case FieldName(name):
            return name
        case Formula(expression):
            return expressions.to_json(expression)
        case Many(items):
            return [value_to_json(item) for item in items]
        case Arms(items):
            return [[arm.name, arm.share] for arm in items]
        case Assignments(items):
            return [[field.name, expressions.to_json(formula.expression)] for field, formula in items]
        case Payload(items):
            return [[name, expressions.to_json(formula.expression)] for name, formula in items]
        case Branch():
            raise TypeError("a branch is an edge")


def phrase_to_json(phrase: BoundPhrase) -> dict[str, Any]:
    """Arguments as JSON values by the names of their parameters.

    An option without parameters is true under its keyword; one that may be repeated is a list, under its keyword, of
    mappings.
    """
    data = _arguments(phrase.arguments)
    for option in phrase.options:
        if not option.once:
            data.setdefault(option.keyword, []).append(_arguments(option.arguments))
        elif option.arguments:
            data |= _arguments(option.arguments)
        else:
            data[option.keyword] = True
    return data


def _arguments(arguments: Mapping[str, Value]) -> dict[str, Any]:
    return {name: value_to_json(value) for name, value in arguments.items() if not isinstance(value, Branch)}
