"""Tests as their author meant them: statements whose every word has found its declaration."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from conductor_dsl.language.bound import BoundPhrase, FieldName, Formula, Many, Payload, Reference, Scalar, Value
from conductor_dsl.language.source import Span

ONLY = ""
"""The name of a contact that needs none, for it is the only one."""


@dataclass(frozen=True, slots=True)
class BoundStatement:
    """A line of a test: the word it begins with, and the name of its declaration in `statements`."""

    word: str
    name: str
    phrase: BoundPhrase
    span: Span

    def text(self, name: str) -> str | None:
        """The value of a parameter as text, a reference by its name; None where it was not written."""
        value = self.phrase.get(name)
        return None if value is None else value_text(value)

    def texts(self, name: str) -> tuple[str, ...]:
        """Every value of a parameter that may be repeated, or that is a list."""
        found = (value for key, value in self.phrase.values() if key == name)
        return tuple(text for value in found for text in value_texts(value))

    def number(self, name: str) -> int | float | None:
        """The value of a parameter that is a number."""
        value = self.phrase.get(name)
        return value.value if isinstance(value, Scalar) and not isinstance(value.value, str) else None

    def formula(self, name: str) -> Formula | None:
        """The value of a parameter that is computed."""
        value = self.phrase.get(name)
        return value if isinstance(value, Formula) else None

    @property
    def fields(self) -> tuple[tuple[str, Formula], ...]:
        """The names with values of its block, if it has one."""
        value = self.phrase.get("fields")
        return value.items if isinstance(value, Payload) else ()


@dataclass(frozen=True, slots=True)
class BoundTest:
    """A test with the lines of it that could be bound; `broken` says that there are others."""

    __test__: ClassVar[bool] = False

    name: str
    name_span: Span
    statements: tuple[BoundStatement, ...]
    span: Span
    broken: bool = False

    def of(self, word: str, name: str = "") -> Iterator[BoundStatement]:
        """The lines that begin with a word, perhaps only those of one declaration."""
        for statement in self.statements:
            if statement.word == word and name in ("", statement.name):
                yield statement

    @property
    def contacts(self) -> tuple[str, ...]:
        """The names of its contacts, in the order of the text."""
        return tuple(statement.text("name") or ONLY for statement in self.of("given", "contact"))

    def whom(self, statement: BoundStatement) -> str:
        """The name of the contact that a line is about: the only one where it says none."""
        return statement.text("who") or self.contacts[0]


def value_text(value: Value) -> str:
    """A value as text, a reference by its name."""
    match value:
        case Scalar(_, text):
            return str(text)
        case Reference(_, name) | FieldName(name):
            return name
    raise TypeError(f"{value!r} is no text")


def value_texts(value: Value) -> tuple[str, ...]:
    """The values of a list as text; one value is a list of one."""
    return tuple(value_text(item) for item in (value.items if isinstance(value, Many) else (value,)))
