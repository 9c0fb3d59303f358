"""What is asked about, and what is answered; offsets count characters from 0."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from conductor_dsl.language.ast import File
from conductor_dsl.language.bind_scope import Scope
from conductor_dsl.language.check import Checked
from conductor_dsl.language.source import Source, Span
from conductor_dsl.language.vocabulary import Context


@dataclass(frozen=True, slots=True)
class OpenScript:
    """A script as it stands in an editor, and all that is known of it."""

    source: Source
    file: File | None
    checked: Checked
    context: Context
    scope: Scope


class WordKind(StrEnum):
    """What a suggested word is, so that an editor can show a sign beside it."""

    ITEM = "item"
    STEP = "step"
    OPTION = "option"
    SETTING = "setting"
    CONDITION = "condition"
    FIELD = "field"
    SEGMENT = "segment"
    EVENT = "event"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A word that may stand at the cursor: `insert` is what is written for it, `detail` how it is used."""

    word: str
    kind: WordKind
    detail: str = ""
    summary: str = ""
    insert: str = ""

    @property
    def text(self) -> str:
        """What is written."""
        return self.insert or self.word


BEGINNING = Span(0, 0)


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is declared: a span of a source, or the beginning of a file by its path."""

    path: str
    source: Source | None = None
    span: Span = BEGINNING


@dataclass(frozen=True, slots=True)
class Symbol:
    """Something with a name, and what it holds."""

    name: str
    kind: WordKind
    span: Span
    name_span: Span
    inner: tuple[Symbol, ...] = ()
