"""From a picture to places: threads side by side, steps from top to bottom, ways beside one another."""

from __future__ import annotations

from conductor_dsl.picture.layout import (
    CARD,
    GAP,
    LINE,
    MARGIN,
    TEXT_LETTERS,
    TITLE_LETTERS,
    Box,
    Heading,
    Layout,
    Line,
    Point,
)
from conductor_dsl.picture.measure import broken, card_height, room_of, way_axes
from conductor_dsl.picture.nouns import Card, Column, Part, Picture, every_part

_TOP = 78.0
_HEAD = 34.0


def picture_to_layout(picture: Picture) -> Layout:
    """Give everything its place."""
    desk = _Desk()
    x, bottom = MARGIN, _TOP
    for column in picture.columns:
        parts = column.parts
        room = room_of((Part(column.door), *parts) if column.door else parts)
        bottom = max(bottom, desk.put_column(column, x + room.left, _TOP + LINE * bool(picture.notes)))
        x += room.width + 2 * GAP
    _draw_jumps(picture, desk)
    width = max(x - 2 * GAP + MARGIN, 420.0)
    return Layout(
        width, bottom + MARGIN, picture.title, picture.notes, tuple(desk.headings), tuple(desk.boxes), tuple(desk.lines)
    )


class _Desk:
    """Where cards and lines are put down, one after the other."""

    def __init__(self) -> None:
        self.boxes: list[Box] = []
        self.lines: list[Line] = []
        self.headings: list[Heading] = []

    def put_column(self, column: Column, axis: float, top: float) -> float:
        """Put a thread down; returns where it ends."""
        self.headings.append(Heading(axis - CARD / 2, top, column.name))
        y = top + _HEAD - 12
        if column.door:
            y = self._put_card(column.door, axis, y)
            self._join(axis, y, y + GAP, arrow=bool(column.parts))
            y += GAP
        return self._put_row(column.parts, axis, y)[0]

    def _put_row(self, parts: tuple[Part, ...], axis: float, y: float) -> tuple[float, bool]:
        """Put cards down from top to bottom; returns where they end, and whether anybody goes on from there."""
        goes_on = True
        for index, part in enumerate(parts):
            if index:
                self._join(axis, y, y + GAP, label=parts[index - 1].straight if not parts[index - 1].ways else "")
                y += GAP
            y, goes_on = self._put_part(part, axis, y)
        return y, goes_on

    def _put_part(self, part: Part, axis: float, y: float) -> tuple[float, bool]:
        below = self._put_card(part.card, axis, y)
        if not part.ways:
            return below, part.goes_on
        top = below + GAP
        axes = self._axes(part, axis)
        ends: list[Point] = []
        bottom = top
        for way, x in zip(part.ways, axes, strict=True):
            self._branch((axis, below), (x, top), way.label)
            end, open_ = self._put_row(way.parts, x, top)
            ends += [(x, end)] if open_ else []
            bottom = max(bottom, end)
        if part.goes_on:
            ends.append((axis, below))
        meeting = bottom + (GAP / 2 if ends else 0)
        for x, end in ends:
            label = part.straight if (x, end) == (axis, below) else ""
            self._merge((x, end), (axis, meeting), label)
        return meeting, bool(ends)

    def _axes(self, part: Part, axis: float) -> list[float]:
        if not part.goes_on:
            return [axis + offset for offset in way_axes(part.ways)]
        axes: list[float] = []
        x = axis + CARD / 2
        for way in part.ways:
            room = room_of(way.parts)
            axes.append(x + GAP + room.left)
            x += GAP + room.width
        return axes

    def _put_card(self, card: Card, axis: float, y: float) -> float:
        height = card_height(card)
        title, text = broken(card.title, TITLE_LETTERS), broken(card.text, TEXT_LETTERS)
        self.boxes.append(Box(axis - CARD / 2, y, height, card, title, text))
        return y + height

    def _join(self, x: float, start: float, end: float, *, label: str = "", arrow: bool = True) -> None:
        self.lines.append(Line(((x, start), (x, end)), label, (x + 8, start + 14), arrow=arrow))

    def _branch(self, start: Point, end: Point, label: str) -> None:
        """From a card down into one of its ways."""
        (x, y), (to_x, to_y) = start, end
        middle = y + (to_y - y) / 2
        points = ((x, y), (x, middle), (to_x, middle), (to_x, to_y)) if x != to_x else ((x, y), (to_x, to_y))
        self.lines.append(Line(points, label, (to_x + 8, to_y - 6)))

    def _merge(self, start: Point, end: Point, label: str) -> None:
        (x, y), (to_x, to_y) = start, end
        points = ((x, y), (x, to_y), (to_x, to_y)) if x != to_x else ((x, y), (to_x, to_y))
        self.lines.append(Line(points, label, (x + 8, y + 30), arrow=False))


def _draw_jumps(picture: Picture, desk: _Desk) -> None:
    """A dashed line from each jump to where it leads, if both are in one thread."""
    boxes = {box.card.key: box for box in desk.boxes}
    for column in picture.columns:
        own = {part.card.key for part in every_part(column.parts)}
        for part in every_part(column.parts):
            if part.target is not None and part.target in own:
                here = [boxes[key] for key in own]
                desk.lines.append(_jump(boxes[part.card.key], boxes[part.target], here))


def _jump(start: Box, target: Box, around: list[Box]) -> Line:
    """Out of the left side, up or down beside all cards that stand between, into the left side of the other."""
    top, bottom = min(start.y, target.y), max(start.y + start.height, target.y + target.height)
    gutter = min(box.x for box in around if box.y < bottom and box.y + box.height > top) - 14
    y, to_y = start.y + start.height / 2, target.y + target.height / 2
    return Line(((start.x, y), (gutter, y), (gutter, to_y), (target.x, to_y)), dashed=True)
