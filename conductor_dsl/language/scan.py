"""The tokens of a text, right or wrong: for limits, for brackets and for what to say about mistakes.

The parser has its own lexer. This scan never fails, and so works on any text; it takes linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from conductor_dsl.language.source import Span

HOLE = "\x1a"
"""Stands in a repaired text for what could not be read; the grammar knows it, and no author can write it."""

ARROW = "\x1b"
"""Stands in a repaired text for an arrow that was written as one other character; it is no white space to `\\s`."""


class TokenKind(StrEnum):
    """What a token looks like."""

    COMMENT = "comment"
    TEXT = "text"
    UNCLOSED = "unclosed"
    QUOTED = "quoted"
    WRONG_COMMENT = "wrong_comment"
    WRONG_ARROW = "wrong_arrow"
    WRONG_OPERATOR = "wrong_operator"
    ARROW = "arrow"
    BRACKET = "bracket"
    HOLE = "hole"
    WORD = "word"
    VALUE = "value"
    OPERATOR = "operator"
    OTHER = "other"


class ScanToken(NamedTuple):
    """A stretch of the text that is not white space; a tuple, because a file has many."""

    kind: TokenKind
    text: str
    start: int

    @property
    def end(self) -> int:
        """The offset after the token."""
        return self.start + len(self.text)

    @property
    def span(self) -> Span:
        """Where the token stands."""
        return Span(self.start, self.end)


_PATTERN = re.compile(
    r"""
      (?P<comment>\#[^\n]*)
    | (?P<text>\"\"\"[^"\\]*+(?:(?:\\[\s\S]|"(?!""))[^"\\]*+)*\"\"\" | "(?!"")[^"\\\n]*+(?:\\[^\n][^"\\\n]*+)*")
    | (?P<quoted>[“”„‟«»][^“”„‟«»"\n]*+["“”„‟«»] | ['‘’‚`´][^'‘’‚`´"\n]*+['‘’‚`´])
    | (?P<unclosed>\"\"\"[\s\S]* | ["“”„‟«»][^\n]* | /\*[^\n]*)
    | (?P<wrong_comment>//[^\n]*)
    | (?P<wrong_arrow>=>|--+>|[–—]+>|[→➔➜➝➞➡⇒⟶⟹])
    | (?P<wrong_operator>==|&&|\|\||<>|=<)
    | (?P<arrow>->|\x1b)
    | (?P<bracket>[{}()])
    | (?P<hole>\x1a)
    | (?P<word>[^\W\d]\w*(?:\.[^\W\d]\w*)*)
    | (?P<value>\d(?:[\w%]|[.:](?=\d))*)
    | (?P<operator>!=|<=|>=|[=<>,+*/:-])
    | (?P<other>\S)
    """,
    re.VERBOSE,
)


_KINDS = {kind.value: kind for kind in TokenKind}


def scan(text: str) -> tuple[ScanToken, ...]:
    """All tokens of a text with its comments, in order; white space is left out."""
    return tuple(scan_from(text, 0))


def scan_from(text: str, start: int) -> Iterator[ScanToken]:
    """The tokens of a text from an offset at which none is under way, as they are asked for."""
    for match in _PATTERN.finditer(text, start):
        yield ScanToken(_KINDS[match.lastgroup or ""], match.group(), match.start())


def without_comments(tokens: tuple[ScanToken, ...]) -> tuple[ScanToken, ...]:
    """The tokens that carry meaning."""
    return tuple(token for token in tokens if token.kind is not TokenKind.COMMENT)


def blanked(text: str, start: int, end: int, mark: str = "") -> str:
    """The text with a stretch overwritten by white space, beginning with the mark; every offset stays."""
    kept = "".join(char if char in "\r\n" else " " for char in text[start + len(mark) : end])
    return text[:start] + mark + kept + text[end:]
