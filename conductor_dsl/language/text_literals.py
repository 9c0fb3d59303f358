"""What text in quotes says: escapes, and the dedenting of text in triple quotes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from conductor_dsl.language.source import Span

QUOTES = '"""'
ESCAPES = {'"': '"', "\\": "\\", "n": "\n", "t": "\t"}
_ESCAPE = re.compile(r"\\(.?)", re.DOTALL)
_MARGIN = re.compile(r"[^\S\n]*")


@dataclass(frozen=True, slots=True)
class TextValue:
    """The value of a text literal, the source offset of each of its characters, and escapes that do not exist."""

    value: str
    origins: tuple[int, ...]
    unknown_escapes: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of a text literal as it was written, less its margin; `start` is its offset in the source."""

    text: str
    start: int

    @property
    def end(self) -> int:
        """The offset after the line."""
        return self.start + len(self.text)


def read_text(raw: str, offset: int = 0) -> TextValue:
    """The value of a literal, given with its quotes and the offset at which it stands."""
    value: list[str] = []
    origins: list[int] = []
    unknown: list[Span] = []
    previous_end = offset
    for index, line in enumerate(raw_lines(raw, offset)):
        if index:
            value.append("\n")
            origins.append(previous_end)
        unknown += _read_line(line, value, origins)
        previous_end = line.end
    return TextValue("".join(value), tuple(origins), tuple(unknown))


def _read_line(line: TextLine, value: list[str], origins: list[int]) -> list[Span]:
    """Append the characters of a line with its escapes resolved; returns the escapes that do not exist."""
    unknown = []
    position = 0
    for match in _ESCAPE.finditer(line.text):
        _append(value, origins, line.text[position : match.start()], line.start + position)
        start = line.start + match.start()
        if match[1] in ESCAPES:
            value.append(ESCAPES[match[1]])
            origins.append(start)
        else:
            _append(value, origins, match.group(), start)
            unknown.append(Span(start, start + len(match.group())))
        position = match.end()
    _append(value, origins, line.text[position:], line.start + position)
    return unknown


def _append(value: list[str], origins: list[int], text: str, start: int) -> None:
    value.append(text)
    origins.extend(range(start, start + len(text)))


def raw_lines(raw: str, offset: int = 0) -> list[TextLine]:
    """The lines of a literal with their escapes still in them, less the margin they share."""
    if not raw.startswith(QUOTES):
        return [TextLine(raw[1:-1], offset + 1)]
    lines = _split(raw[3:-3], offset + 3)
    if len(lines) == 1:
        return lines
    head, rest = lines[:1], lines[1:]
    if not head[0].text.strip():
        head = []
    if not rest[-1].text.strip():
        rest = rest[:-1]
    margin = _shared([_margin(line) for line in rest if line.text.strip()])
    return head + [_without_margin(line, margin) for line in rest]


def _split(text: str, offset: int) -> list[TextLine]:
    lines = []
    for line in text.split("\n"):
        lines.append(TextLine(line.removesuffix("\r"), offset))
        offset += len(line) + 1
    return lines


def _margin(line: TextLine) -> str:
    match = _MARGIN.match(line.text)
    return match.group() if match else ""


def _shared(margins: list[str]) -> str:
    """What all margins begin with; the first and the last in order differ earliest."""
    if not margins:
        return ""
    first, last = min(margins), max(margins)
    length = next((i for i, char in enumerate(first) if last[i] != char), len(first))
    return first[:length]


def _without_margin(line: TextLine, margin: str) -> TextLine:
    if line.text.startswith(margin):
        return TextLine(line.text[len(margin) :], line.start + len(margin))
    return TextLine("", line.end)
