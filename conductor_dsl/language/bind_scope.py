"""What binding carries along: the known names, the findings so far, and a place in a row of elements."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from conductor_dsl.language.ast import Element, Operator, Word
from conductor_dsl.language.bound import Formula, Value
from conductor_dsl.language.diagnostics import Diagnostic, error
from conductor_dsl.language.expressions import ValueType
from conductor_dsl.language.signatures import Param
from conductor_dsl.language.source import Source, Span
from conductor_dsl.language.vocabulary import Vocabulary

EventFields = Mapping[str, ValueType | None]
"""The fields of an event; None as a type for a list, which conditions cannot read."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The names that have a meaning here; `findings` is shared by every scope of a file and only ever added to.

    `reports` is False for the declarations of other scripts, whose findings belong to those. A segment is None where it
    has a mistake, which has been noted.

    `entry` holds the fields of the events that let contacts in, `told` those of the events that the phrase being bound
    has named so far; None where it names none. `bind_param` binds what stands in the place of a
    parameter: phrases hold conditions and branches, which hold phrases, and this is where that circle closes.
    """

    source: Source
    vocabulary: Vocabulary
    fields: Mapping[str, ValueType]
    events: Mapping[str, EventFields]
    bind_param: Callable[[Param, Cursor, Scope], Value | None]
    entry: EventFields = field(default_factory=dict)
    told: EventFields | None = None
    segments: Mapping[str, Formula | None] = field(default_factory=dict)
    findings: list[Diagnostic] = field(default_factory=list)
    reports: bool = True

    def error(self, code: str, span: Span, message: str, hint: str | None = None) -> None:
        """Note something that keeps the script from running."""
        self.findings.append(error(code, span, message, hint))

    def written(self, span: Span) -> str:
        """What the author wrote there, on one line, shortened where it is long."""
        text = " ".join(self.source.excerpt(span).split())
        return text if len(text) <= 40 else text[:39] + "…"

    def entered_by(self, entry: EventFields) -> Scope:
        """The same scope where these fields of the entry event can be read."""
        return replace(self, entry=entry)

    def with_segments(self, segments: Mapping[str, Formula | None]) -> Scope:
        """The same scope where these segments can be named."""
        return replace(self, segments=segments)


class Cursor:
    """A place in a row of elements that only moves forward; `end` is where the row ends in the source."""

    def __init__(self, elements: Sequence[Element], end: Span) -> None:
        self.elements = elements
        self.index = 0
        self._end = end

    def peek(self, ahead: int = 0) -> Element | None:
        """The next element, or one further ahead; None behind the last."""
        index = self.index + ahead
        return self.elements[index] if index < len(self.elements) else None

    def take(self) -> Element:
        """The next element; there must be one."""
        element = self.elements[self.index]
        self.index += 1
        return element

    def sees(self, text: str, ahead: int = 0) -> bool:
        """Whether a word or an operator comes next."""
        element = self.peek(ahead)
        return isinstance(element, Word | Operator) and element.text == text

    def accept(self, text: str) -> Element | None:
        """Take a word or an operator if it comes next."""
        return self.take() if self.sees(text) else None

    @property
    def here(self) -> Span:
        """The next element's span; behind the last one, the place where it should have stood."""
        element = self.peek()
        return element.span if element else self._end

    @property
    def before(self) -> Span:
        """The span of the element that was taken last."""
        return self.elements[self.index - 1].span if self.index else self._end
