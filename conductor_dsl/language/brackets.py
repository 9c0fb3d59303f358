"""Brackets without a partner: what to say about them, and the text with them put right.

What is meant is guessed from the layout and from the words that begin something, but only where brackets are missing:
white space never changes what a balanced text means.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate, islice

from conductor_dsl.language.diagnostics import Diagnostic, error
from conductor_dsl.language.scan import ScanToken, TokenKind, without_comments

CLOSING = {"{": "}", "(": ")"}
MOST_FINDINGS = 20
_BEGINNINGS = {"conversation": 0, "thread": 1}


@dataclass(frozen=True, slots=True)
class Balance:
    """A text in which every bracket has a partner, and what was wrong.

    Offsets stay, but closing brackets may be added behind the end.
    """

    text: str
    findings: tuple[Diagnostic, ...]


class _Layout:
    """How far the lines of a text are indented."""

    def __init__(self, text: str) -> None:
        lines = text.split("\n")
        self._starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
        self._indents = [len(line) - len(line.lstrip()) for line in lines]

    def indent(self, offset: int) -> int:
        """How far the line of an offset is indented."""
        return self._indents[bisect_right(self._starts, offset) - 1]

    def is_first(self, offset: int) -> bool:
        """Whether nothing stands before an offset on its line."""
        return offset - self._starts[bisect_right(self._starts, offset) - 1] == self.indent(offset)


@dataclass(slots=True)
class _Pairing:
    """Brackets being paired: still open, never closed (with the place for a partner), never opened."""

    open: list[ScanToken] = field(default_factory=list)
    unclosed: list[tuple[ScanToken, int]] = field(default_factory=list)
    unopened: list[ScanToken] = field(default_factory=list)


def balanced(text: str, tokens: tuple[ScanToken, ...]) -> Balance:
    """The text, given with its tokens, with its brackets paired."""
    tokens = without_comments(tokens)
    pairing = _pair(tokens, None)
    if not pairing.unclosed and not pairing.unopened:
        return Balance(text, ())
    by_layout = _pair(tokens, _Layout(text))
    if len(by_layout.unclosed) + len(by_layout.unopened) <= len(pairing.unclosed) + len(pairing.unopened):
        pairing = by_layout
    return Balance(_repaired(text, pairing), tuple(islice(_findings(pairing), MOST_FINDINGS)))


def _pair(tokens: tuple[ScanToken, ...], layout: _Layout | None) -> _Pairing:
    """Pair all brackets; with a layout, what closes a block may also be its indentation or what follows."""
    pairing = _Pairing()
    for index, token in enumerate(tokens):
        place = tokens[index - 1].end if index else 0
        if layout is not None and _is_beginning(tokens, index):
            _give_up(pairing, _BEGINNINGS[token.text], place)
        if token.kind is not TokenKind.BRACKET:
            continue
        if token.text in CLOSING:
            pairing.open.append(token)
        else:
            _close(pairing, token, place, layout)
    end = tokens[-1].end if tokens else 0
    _give_up(pairing, 0, end)
    return pairing


def _close(pairing: _Pairing, token: ScanToken, place: int, layout: _Layout | None) -> None:
    partner = next((i for i in reversed(range(len(pairing.open))) if CLOSING[pairing.open[i].text] == token.text), None)
    if partner is None or (token.text == ")" and pairing.open[-1].text == "{"):
        pairing.unopened.append(token)
        return
    if layout is not None and token.text == "}":
        partner = _by_indentation(pairing.open, partner, token, layout)
    _give_up(pairing, partner + 1, place)
    pairing.open.pop()


def _by_indentation(open_: list[ScanToken], partner: int, token: ScanToken, layout: _Layout) -> int:
    """The open brace that a `}` closes: at the beginning of a line, one whose line is indented no further."""
    if not layout.is_first(token.start):
        return partner
    indent = layout.indent(token.start)
    braces = (i for i in reversed(range(partner + 1)) if open_[i].text == "{")
    return next((i for i in braces if layout.indent(open_[i].start) <= indent), partner)


def _is_beginning(tokens: tuple[ScanToken, ...], index: int) -> bool:
    """Whether a conversation or a thread begins here."""
    following = tokens[index + 1 : index + 2]
    return tokens[index].text in _BEGINNINGS and bool(following) and following[0].kind is TokenKind.TEXT


def _give_up(pairing: _Pairing, depth: int, place: int) -> None:
    """No partner is looked for any more for the brackets open beyond a depth."""
    while len(pairing.open) > depth:
        pairing.unclosed.append((pairing.open.pop(), place))


def _findings(pairing: _Pairing) -> Iterator[Diagnostic]:
    for token, _ in pairing.unclosed:
        what = "block" if token.text == "{" else "bracket"
        yield error("CDX001", token.span, f"the {what} is never closed", f"add the missing `{CLOSING[token.text]}`")
    for token in pairing.unopened:
        yield error("CDX001", token.span, f"`{token.text}` closes nothing", "remove it, or add what it closes")


def _repaired(text: str, pairing: _Pairing) -> str:
    chars = list(text)
    for token in pairing.unopened:
        chars[token.start] = " "
    for token, place in pairing.unclosed:
        if token.text == "(":
            chars[token.start] = " "
        elif place < len(text) and chars[place].isspace():
            chars[place] = "}"
        else:
            chars.append("\n}")
    return "".join(chars)
