"""Mistakes of spelling that the tokens alone show, such as curly quotes; each is reported and put right.

Putting right keeps every offset, so that whatever else is wrong is found in the same run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from conductor_dsl.language.diagnostics import Diagnostic, error
from conductor_dsl.language.nested_quotes import nested_quotes
from conductor_dsl.language.scan import ARROW, HOLE, ScanToken, TokenKind, blanked, scan, scan_from, without_comments
from conductor_dsl.language.source import Span
from conductor_dsl.language.unclosed import UnclosedText, unclosed_text

MOST_UNCLOSED = 20
OPERATORS = {
    "==": ("=", "= "),
    "<>": ("!=", "!="),
    "=<": ("<=", "<="),
    "&&": ("and", f"{HOLE} "),
    "||": ("or", "or"),
}
_STEP_ARGUMENTS = frozenset({TokenKind.TEXT, TokenKind.VALUE})


@dataclass(frozen=True, slots=True)
class Correction:
    """A corrected text of the same length, its tokens, what was wrong, and whether a text was never closed."""

    text: str
    tokens: tuple[ScanToken, ...]
    findings: tuple[Diagnostic, ...]
    lost_text: bool


@dataclass(frozen=True, slots=True)
class _Edit:
    """A stretch with what stands there instead, of the same length, and why."""

    start: int
    text: str
    finding: Diagnostic


def corrected(text: str, tokens: tuple[ScanToken, ...]) -> Correction:
    """The text, given with its tokens, with mistakes of spelling put right."""
    nested = nested_quotes(text, tokens)
    if nested.findings:
        text, tokens = nested.text, scan(nested.text)
    unclosed = tuple(_unclosed(text)) if any(token.kind is TokenKind.UNCLOSED for token in tokens) else ()
    for lost in unclosed:
        text = blanked(text, lost.start, lost.end, HOLE)
    if unclosed:
        tokens = scan(text)
    edits = tuple(_edits(without_comments(tokens)))
    findings = (*nested.findings, *(lost.finding for lost in unclosed), *(edit.finding for edit in edits))
    if edits:
        text = _edited(text, edits)
        tokens = scan(text)
    return Correction(text, tokens, findings, bool(unclosed))


def _unclosed(text: str) -> Iterator[UnclosedText]:
    """Texts that never end; with the twentieth, the rest of the file is given up."""
    start = 0
    for count in range(MOST_UNCLOSED):
        token = next((token for token in scan_from(text, start) if token.kind is TokenKind.UNCLOSED), None)
        if token is None:
            return
        lost = unclosed_text(text, token)
        yield lost if count + 1 < MOST_UNCLOSED else replace(lost, end=len(text))
        start = lost.end


def _edited(text: str, edits: tuple[_Edit, ...]) -> str:
    pieces = []
    position = 0
    for edit in edits:
        pieces += [text[position : edit.start], edit.text]
        position = edit.start + len(edit.text)
    return "".join([*pieces, text[position:]])


def _edits(tokens: tuple[ScanToken, ...]) -> Iterator[_Edit]:
    for index, token in enumerate(tokens):
        edit = _turned_comparison(tokens, index) or _spelling(token) or _split_arrow(tokens, index)
        if edit:
            yield edit


def _turned_comparison(tokens: tuple[ScanToken, ...], index: int) -> _Edit | None:
    """`order_count => 1`, where a value follows, which no step can begin with."""
    token, following = tokens[index], tokens[index + 1] if index + 1 < len(tokens) else None
    if token.text != "=>" or following is None or following.kind is not TokenKind.VALUE:
        return None
    return _edit(token, ">=", "`=>` is not an operator", "write `>=`")


def _spelling(token: ScanToken) -> _Edit | None:
    """What is wrong with a token whatever stands around it."""
    match token.kind:
        case TokenKind.QUOTED:
            inner = token.text[1:-1].replace('"', " ")
            message = f"`{token.text[0]}` does not begin a text"
            return _edit(token, f'"{inner}"', message, 'use straight quotes: `"..."`')
        case TokenKind.WRONG_COMMENT:
            hint = "begin a comment with `#`; put an address such as `https://...` in quotes"
            return _edit(token, " " * len(token.text), "`//` does not begin a comment", hint)
        case TokenKind.WRONG_ARROW:
            arrow = "->".rjust(len(token.text)) if len(token.text) > 1 else ARROW
            return _edit(token, arrow, f"`{token.text}` does not join steps", _arrow_hint(token))
        case TokenKind.WRONG_OPERATOR:
            right, instead = OPERATORS[token.text]
            return _edit(token, instead, f"`{token.text}` is not an operator", f"write `{right}`")
    if token.text == ";":
        return _edit(token, " ", "`;` has no meaning here", "remove it; `->` joins steps, and lines need no end mark")
    return None


def _arrow_hint(token: ScanToken) -> str:
    return "write `->` to join steps" + (", or `>=` to compare" if token.text == "=>" else "")


def _split_arrow(tokens: tuple[ScanToken, ...], index: int) -> _Edit | None:
    """`- >` with a blank in it, or `>` where only an arrow makes sense."""
    token = tokens[index]
    if token.text not in (">", ">=") or not index:
        return None
    if tokens[index - 1].text == "-":
        start = tokens[index - 1].start
        width = token.end - start
        finding = error("CDX001", Span(start, token.end), "`- >` does not join steps", "write `->` without a blank")
        return _Edit(start, ARROW + " " * (width - 1), finding)
    if token.text == ">" and _ends_step(tokens[index - 1]) and _begins_step(tokens, index + 1):
        return _edit(token, ARROW, "`>` does not join steps", "write `->`")
    return None


def _ends_step(token: ScanToken) -> bool:
    return token.kind is TokenKind.TEXT or (token.kind is TokenKind.VALUE and token.text[-1:].isalpha())


def _begins_step(tokens: tuple[ScanToken, ...], index: int) -> bool:
    """Whether a word with something of its own follows, or the word `end`."""
    following = tokens[index : index + 3]
    if not following or following[0].kind is not TokenKind.WORD:
        return False
    if following[0].text == "end":
        return True
    has_ref = len(following) == 3 and following[1].kind is TokenKind.WORD and following[2].text == ":"
    return has_ref or (len(following) > 1 and following[1].kind in _STEP_ARGUMENTS)


def _edit(token: ScanToken, instead: str, message: str, hint: str) -> _Edit:
    return _Edit(token.start, instead, error("CDX001", token.span, message, hint))
