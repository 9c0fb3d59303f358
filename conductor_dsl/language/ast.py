"""What an author wrote, as a tree: structure only, before any word has a meaning.

The grammar is closed and the vocabulary is open. So a step is a word with elements behind it, and which elements
belong together (`wait for clicked up to 5d`) is decided later, in `bind`, by the signature of the step. Every node
keeps the span of what was written.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from conductor_dsl.language.source import Span
from conductor_dsl.shared.duration import Duration


class LiteralType(StrEnum):
    """The types that a literal shows by its form."""

    TEXT = "text"
    NUMBER = "number"
    DURATION = "duration"
    CLOCK = "clock time"
    DATE = "date"
    PERCENT = "percent"


@dataclass(frozen=True, slots=True)
class Word:
    """A name, perhaps with dots: `sms`, `order.placed`."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Literal:
    """A value. Its Python type: text str, number int or Decimal, duration Duration, clock "HH:MM", date "YYYY-MM-DD",
    percent Decimal.

    `origins` holds, for text, the source offset of every character of the value, so that an error inside a template
    points into the script.
    """

    type: LiteralType
    value: object
    span: Span
    origins: tuple[int, ...] = ()

    @property
    def text(self) -> str:
        """The value as text; for a duration, what the author wrote."""
        return self.value.text if isinstance(self.value, Duration) else str(self.value)


@dataclass(frozen=True, slots=True)
class Ref:
    """A reference: `saved:"Winback1"`."""

    kind: str
    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Operator:
    """One of `= != < <= > >= , + - * /`."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Group:
    """Elements in round brackets."""

    elements: tuple[Element, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Arm:
    """One way of a split: `50% "A" { chain }`; without a name it is called by its letter."""

    percent: Literal
    name: Literal | None
    block: Block
    span: Span


@dataclass(frozen=True, slots=True)
class Block:
    """`{ chain }`, or the arms of a split; an empty block has neither."""

    chain: Chain | None
    span: Span
    arms: tuple[Arm, ...] = ()


Element = Word | Literal | Ref | Operator | Group | Block


@dataclass(frozen=True, slots=True)
class Step:
    """A word with its elements: `wait 3d`."""

    name: Word
    elements: tuple[Element, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Chain:
    """Steps joined by arrows; at least one."""

    steps: tuple[Step, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Setting:
    """A line of a conversation's head: `reentry after 30d`."""

    name: Word
    elements: tuple[Element, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Thread:
    """A path through a conversation; `header` is everything between its name and its block."""

    name: Literal
    header: tuple[Element, ...]
    chain: Chain | None
    span: Span


@dataclass(frozen=True, slots=True)
class Conversation:
    """Settings, threads and perhaps a bare chain, under one name."""

    name: Literal
    settings: tuple[Setting, ...]
    threads: tuple[Thread, ...]
    chains: tuple[Chain, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class FieldDeclaration:
    """`field birthday date`."""

    name: Word
    type: Word
    span: Span


@dataclass(frozen=True, slots=True)
class EventDeclaration:
    """`event order.placed { order_id text, total number }`."""

    name: Word
    fields: tuple[FieldDeclaration, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class SegmentDeclaration:
    """`segment lapsed = last_order before 60d and order_count >= 1`; the elements begin behind the `=`."""

    name: Word
    elements: tuple[Element, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Statement:
    """A line of a test: `given`, `at`, `when` or `expect`, with its elements."""

    name: Word
    elements: tuple[Element, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class TestDeclaration:
    """`test "a lapsed shopper gets a text" { ... }`."""

    __test__: ClassVar[bool] = False

    name: Literal
    statements: tuple[Statement, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Comment:
    """`# ...` to the end of the line, with the sign."""

    text: str
    span: Span


Item = Conversation | Chain | FieldDeclaration | EventDeclaration | SegmentDeclaration | TestDeclaration


@dataclass(frozen=True, slots=True)
class File:
    """One `.cdx` file, its items in the order of the text."""

    items: tuple[Item, ...]
    comments: tuple[Comment, ...]
