"""How a report is to look, and how text from a script is made harmless for a screen."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from conductor_dsl.language.diagnostics import Severity

TAB_STOP = 4
_COLOURS = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.INFO: "36"}
_HIDDEN = frozenset(map(chr, [*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C, 0xFEFF]))
"""Characters that reorder what a reader sees, or are invisible."""
_UNSEEN = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True)
class Look:
    """Whether to use colours, and how many columns there are."""

    colour: bool = False
    width: int = 120

    def bold(self, text: str) -> str:
        """The text in bold, if colours are wanted."""
        return self._paint("1", text)

    def dim(self, text: str) -> str:
        """The text set back, if colours are wanted."""
        return self._paint("2", text)

    def severity(self, severity: Severity, text: str) -> str:
        """The text in bold in the colour of a severity, if colours are wanted."""
        return self._paint("1;" + _COLOURS[severity], text)

    def good(self, text: str) -> str:
        """The text in bold and green, if colours are wanted."""
        return self._paint("1;32", text)

    def _paint(self, sequence: str, text: str) -> str:
        return f"\x1b[{sequence}m{text}\x1b[0m" if self.colour and text else text


@dataclass(frozen=True, slots=True)
class Cell:
    """One character of a line as shown, and the column at which it begins, from 0."""

    text: str
    column: int
    width: int


def text_to_cells(text: str) -> list[Cell]:
    """One cell for every character: tabs as spaces, control characters as their pictures."""
    cells: list[Cell] = []
    column = 0
    for char in text:
        width = TAB_STOP - column % TAB_STOP if char == "\t" else char_width(char)
        cells.append(Cell(" " * width if char == "\t" else _visible(char), column, width))
        column += width
    return cells


def printable(text: str) -> str:
    """Text for one line of a screen: a script can neither move the cursor nor turn the writing round."""
    return "".join(_visible(char) for char in text)


def char_width(char: str) -> int:
    """The columns a character takes: 2 for wide ones and emoji, 0 for those that join the one before."""
    if char in _HIDDEN:
        return 1
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _visible(char: str) -> str:
    if char < " ":
        return chr(0x2400 + ord(char))
    if char == "\x7f":
        return "\N{SYMBOL FOR DELETE}"
    is_unseen = "\x80" <= char < "\xa0" or char in "\u2028\u2029" or char in _HIDDEN
    return _UNSEEN if is_unseen else char
