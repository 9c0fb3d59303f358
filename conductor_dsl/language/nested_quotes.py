"""Double quotes within a text in double quotes, as in `"Hi {{ first_name | default: "friend" }}"`, put right.

Only where a value or an attribute is still open at the quote, and the text goes on behind it without a blank, is it
taken for one that was meant to stand inside.
"""

from __future__ import annotations

from dataclasses import dataclass

from conductor_dsl.language.diagnostics import Diagnostic, error
from conductor_dsl.language.scan import ScanToken, TokenKind, scan_from
from conductor_dsl.language.source import Span

MOST_NESTED = 50
LONGEST_QUOTE = 40


@dataclass(frozen=True, slots=True)
class Nested:
    """The text with single quotes for the inner ones, so of the same length, and a finding for each text."""

    text: str
    findings: tuple[Diagnostic, ...] = ()


def nested_quotes(text: str, tokens: tuple[ScanToken, ...]) -> Nested:
    """Replace double quotes inside texts in double quotes; at most 50 pairs in a file, given with its tokens."""
    findings: dict[int, Diagnostic] = {}
    start = next((token.start for token in tokens if _is_torn(text, token)), len(text))
    for _ in range(MOST_NESTED):
        token = next((token for token in scan_from(text, start) if _is_torn(text, token)), None)
        if token is None:
            break
        start, opening = token.start, token.end - 1
        closing = text.index('"', token.end)
        findings.setdefault(start, _finding(text, opening, closing))
        text = f"{text[:opening]}'{text[opening + 1 : closing]}'{text[closing + 1 :]}"
    return Nested(text, tuple(findings.values()))


def _is_torn(text: str, token: ScanToken) -> bool:
    """Whether a text breaks off in a value or an attribute, and its line goes on to another quote."""
    if token.kind is not TokenKind.TEXT or token.text.startswith('"""'):
        return False
    inner = token.text[1:-1]
    is_open = inner.endswith("=") or any(inner.rfind(mark) > inner.rfind(close) for mark, close in _MARKS)
    return is_open and _goes_on(text, token.end) and _closes_on_line(text, token.end)


def _goes_on(text: str, start: int) -> bool:
    """Whether a text goes on behind a quote; a sign that may stand behind a text does so only where a filter goes on.

    In `("{{", "b")` it does not, in `"Hi{{ name | prepend: ", " }}"` it does.
    """
    following = text[start : start + 1]
    if following not in (",", ")", "}"):
        return bool(following.strip())
    inner, quote, rest = text[start:].partition('"')
    return bool(quote) and "\n" not in inner and rest.lstrip(" ").startswith(_FILTER_GOES_ON)


_FILTER_GOES_ON = ("}}", "%}", "|", ",")
_MARKS = (("{{", "}}"), ("{%", "%}"))


def _closes_on_line(text: str, start: int) -> bool:
    quote, line_end = text.find('"', start), text.find("\n", start)
    return quote >= 0 and (line_end < 0 or quote < line_end)


def _finding(text: str, opening: int, closing: int) -> Diagnostic:
    inner = text[opening + 1 : closing]
    shown = inner if len(inner) <= LONGEST_QUOTE else f"{inner[:LONGEST_QUOTE]}..."
    message = f'the text ends at the `"` before `{shown}`' if inner else 'the text ends at the first of two `"`'
    hint = f"""write `'{shown}'` inside `"..."`, or put the whole text between `\"""` and `\"""`"""
    return error("CDX001", Span(opening, closing + 1), message, hint)
