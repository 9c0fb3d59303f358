"""What is too big or too strange to read, found before the parser runs.

Statements are counted as arrows and opening braces, which is close enough to keep a file readable.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import islice

from conductor_dsl.language.diagnostics import Diagnostic, error
from conductor_dsl.language.scan import ScanToken, TokenKind, scan_from
from conductor_dsl.language.source import Span

MOST_BYTES = 1024 * 1024
MOST_TEXT_BYTES = 64 * 1024
DEEPEST = 64
MOST_STATEMENTS = 10_000
MOST_TOKENS = 200_000
MOST_STRANGE = 20

_STRANGE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]|\r(?!\n)")


def size_finding(text: str) -> Diagnostic | None:
    """A finding when the text is longer than 1 MiB."""
    if _size(text) <= MOST_BYTES:
        return None
    return error("CDX002", Span(0, 1), "the file is longer than 1 MiB", "split it into several files")


def read_tokens(text: str) -> tuple[ScanToken, ...]:
    """The tokens of a text, and no more of them than it takes to see that there are too many."""
    return tuple(islice(scan_from(text, 0), MOST_TOKENS + 1))


def limit_findings(tokens: tuple[ScanToken, ...]) -> tuple[Diagnostic, ...]:
    """Findings about nesting, statements and texts beyond the limits; at most one of each."""
    if len(tokens) > MOST_TOKENS:
        message = f"the file has more than {MOST_TOKENS} words and signs"
        return (error("CDX002", tokens[-1].span, message, "split it into several files"),)
    found = (_deepest(tokens), _statements(tokens), _longest_text(tokens))
    return tuple(finding for finding in found if finding)


def _deepest(tokens: tuple[ScanToken, ...]) -> Diagnostic | None:
    depths = {"{": 0, "(": 0}
    for token in tokens:
        if token.kind is TokenKind.BRACKET:
            pair = "{" if token.text in "{}" else "("
            depths[pair] = max(depths[pair] + (1 if token.text == pair else -1), 0)
            if sum(depths.values()) > DEEPEST:
                hint = "move the inner steps into a thread of their own"
                return error("CDX002", token.span, f"brackets are nested more than {DEEPEST} deep", hint)
    return None


def _statements(tokens: tuple[ScanToken, ...]) -> Diagnostic | None:
    count = 0
    for token in tokens:
        count += token.kind is TokenKind.ARROW or token.text == "{"
        if count > MOST_STATEMENTS:
            message = f"the file has more than {MOST_STATEMENTS} statements"
            return error("CDX002", token.span, message, "split it into several files")
    return None


def _longest_text(tokens: tuple[ScanToken, ...]) -> Diagnostic | None:
    for token in tokens:
        if token.kind is TokenKind.TEXT and _size(token.text) > MOST_TEXT_BYTES:
            span = Span(token.start, token.start + 1)
            return error("CDX002", span, "the text is longer than 64 KiB", "keep long messages in a saved message")
    return None


def strange_findings(text: str) -> tuple[Diagnostic, ...]:
    """Findings about the first characters that nobody can see and no script needs, at most 20."""
    places = _STRANGE.finditer(text)
    return tuple(_strange(match.group(), match.start()) for match, _ in zip(places, range(MOST_STRANGE), strict=False))


def _strange(char: str, offset: int) -> Diagnostic:
    name = unicodedata.name(char, "control character" if char < "\ud800" else "broken character").lower()
    hint = "remove it; it cannot be seen and may hide what the script does"
    return error("CDX004", Span(offset, offset + 1), f"`U+{ord(char):04X}` ({name}) is not allowed in a script", hint)


def without_strange(text: str) -> str:
    """The text of the same length with blanks for strange characters and a byte order mark."""
    cleaned = _STRANGE.sub(" ", text)
    return " " + cleaned[1:] if cleaned.startswith("\ufeff") else cleaned


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
