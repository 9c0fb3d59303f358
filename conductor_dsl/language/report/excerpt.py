"""The lines of a source around a span, with the span marked below them."""

from __future__ import annotations

from dataclasses import dataclass

from conductor_dsl.language.report.look import Cell, text_to_cells
from conductor_dsl.language.source import Position, Source, Span

_CUT = "..."
_REACH = 500
"""How many characters of a very long line are looked at on either side of the mark."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of an excerpt: the number of its line or None, what stands there, and whether it is a mark."""

    number: int | None
    text: str
    is_mark: bool = False


def span_to_rows(source: Source, span: Span, width: int) -> list[Row]:
    """The lines of the span and its marks, in `width` columns; of many lines only the first and the last."""
    text = source.excerpt(span).rstrip()
    start, end = source.position(span.start), source.position(span.start + len(text))
    if start.line == end.line:
        return _one_line(source, start, end, width)
    return _many_lines(source, start, end, width)


def _one_line(source: Source, start: Position, end: Position, width: int) -> list[Row]:
    shown, left, right = _fit(source.line(start.line), start.column - 1, end.column - 1, width)
    return [Row(start.line, shown), Row(None, " " * left + "^" * (right - left), is_mark=True)]


def _many_lines(source: Source, start: Position, end: Position, width: int) -> list[Row]:
    first = source.line(start.line)
    shown, left, _ = _fit(first, start.column - 1, start.column - 1, width - 2)
    rows = [Row(start.line, "/ " + shown)]
    if first[: start.column - 1].strip():
        rows = [Row(start.line, "  " + shown), Row(None, " " + "_" * (left + 1) + "^", is_mark=True)]
    if end.line - start.line == 2:
        rows.append(Row(start.line + 1, "| " + _fit(source.line(start.line + 1), 0, 0, width - 2)[0]))
    elif end.line - start.line > 2:
        rows.append(Row(None, "| " + _CUT))
    shown, left, _ = _fit(source.line(end.line), max(end.column - 2, 0), end.column - 1, width - 2)
    return [*rows, Row(end.line, "| " + shown), Row(None, "|" + "_" * (left + 1) + "^", is_mark=True)]


def _fit(text: str, start: int, end: int, width: int) -> tuple[str, int, int]:
    """The part of a line around characters `start` to `end` that fits, and the columns of these in it."""
    base = max(0, start - _REACH)
    cells = text_to_cells(text[base : start + _REACH])
    total = _column(cells, len(cells))
    left, right = _column(cells, start - base), _column(cells, end - base)
    begin = _window(left, right, total, width)
    low = begin + len(_CUT) if base or begin else 0
    high = begin + width
    is_cut = total > high or start + _REACH < len(text)
    high -= len(_CUT) if is_cut else 0
    shown = [cell for cell in cells if cell.column >= low and cell.column + cell.width <= high]
    gap = " " * (shown[0].column - low) if shown else ""
    line = (_CUT if low else "") + gap + "".join(cell.text for cell in shown) + (_CUT if is_cut else "")
    from_column = max(left - begin, 0)
    return line.rstrip(), from_column, max(from_column + 1, min(right, high) - begin)


def _window(left: int, right: int, total: int, width: int) -> int:
    """The first column to show, so that the mark and some text before it are seen."""
    if total <= width or right <= width - len(_CUT):
        return 0
    return max(0, min(left - width // 3, total - width))


def _column(cells: list[Cell], index: int) -> int:
    if index < len(cells):
        return cells[index].column
    return cells[-1].column + cells[-1].width if cells else 0
