"""Texts whose closing quotation mark is missing: where they were meant to end, and what to say about them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from conductor_dsl.language.diagnostics import Diagnostic, error
from conductor_dsl.language.scan import ScanToken
from conductor_dsl.language.source import Span

_CURLY = re.compile("[“”„‟«»]")
_QUOTE = re.compile(r'\\.|"')


@dataclass(frozen=True, slots=True)
class UnclosedText:
    """The stretch that such a text is taken to cover, and the finding."""

    start: int
    end: int
    finding: Diagnostic


def unclosed_text(text: str, token: ScanToken) -> UnclosedText:
    """What to say about a token that is a text or a comment without an end; the finding points at its beginning."""
    if token.text.startswith("/*"):
        return _foreign_comment(text, token)
    if token.text.startswith('"""'):
        hint = 'end it with `"""`'
        return _lost(token, token.end, 3, "the text that begins here is never closed", hint)
    if token.text[0] != '"':
        return _lost(token, token.end, 1, f"`{token.text[0]}` does not begin a text", 'use straight quotes: `"..."`')
    end = _end_on_later_line(text, token)
    if end is not None:
        hint = 'write a text of several lines between `"""` and `"""`'
        return _lost(token, end, 1, "the text that begins here goes on over the end of its line", hint)
    hint = 'use a straight `"` at its end' if _CURLY.search(token.text) else 'end it with `"` on the same line'
    return _lost(token, token.end, 1, "the text that begins here is never closed", hint)


def _foreign_comment(text: str, token: ScanToken) -> UnclosedText:
    end = text.find("*/", token.start)
    hint = "begin each line of a comment with `#`"
    return _lost(token, token.end if end < 0 else end + 2, 2, "`/*` does not begin a comment", hint)


def _lost(token: ScanToken, end: int, width: int, message: str, hint: str) -> UnclosedText:
    return UnclosedText(token.start, end, error("CDX001", Span(token.start, token.start + width), message, hint))


def _end_on_later_line(text: str, token: ScanToken) -> int | None:
    """The end of a text in plain quotes that was written over several lines.

    The next quote closes it when its line has an odd number of them and it does not look like an opening one.
    """
    quote = text.find('"', token.end)
    if quote < 0 or text.startswith('"""', quote) or text[quote - 1] in " \t\n:(":
        return None
    end = text.find("\n", quote)
    line = text[quote : end if end >= 0 else len(text)]
    odd = sum(match.group() == '"' for match in _QUOTE.finditer(line)) % 2
    return quote + 1 if odd else None
