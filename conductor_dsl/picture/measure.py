"""How much room cards and rows of cards take, before any has its place."""

from __future__ import annotations

from dataclasses import dataclass

from conductor_dsl.picture.layout import CARD, GAP, LINE, TEXT_LETTERS, TITLE_LETTERS
from conductor_dsl.picture.nouns import Card, Part, Way

_PADDING = 20.0
_PASSAGE = 70.0
"""How wide a way without cards is."""


@dataclass(frozen=True, slots=True)
class Room:
    """What a row of cards takes to the left and to the right of its axis."""

    left: float
    right: float

    @property
    def width(self) -> float:
        """From side to side."""
        return self.left + self.right


def broken(text: str, letters: int) -> tuple[str, ...]:
    """A text in lines of at most so many letters; a longer word stays whole as far as it fits."""
    lines: list[str] = []
    for word in text.split():
        piece = word if len(word) <= letters else f"{word[: letters - 1]}…"
        if lines and len(lines[-1]) + 1 + len(piece) <= letters:
            lines[-1] += f" {piece}"
        else:
            lines.append(piece)
    return tuple(lines)


def card_height(card: Card) -> float:
    """How high a card is."""
    lines = len(broken(card.title, TITLE_LETTERS)) + len(broken(card.text, TEXT_LETTERS)) + len(card.counts)
    return _PADDING + LINE * lines


def room_of(parts: tuple[Part, ...]) -> Room:
    """The room of a row of cards."""
    if not parts:
        return Room(_PASSAGE / 2, _PASSAGE / 2)
    rooms = [_room_of_part(part) for part in parts]
    return Room(max(room.left for room in rooms), max(room.right for room in rooms))


def _room_of_part(part: Part) -> Room:
    half = CARD / 2
    if not part.ways:
        return Room(half, half)
    if part.goes_on:
        beside = sum(GAP + room_of(way.parts).width for way in part.ways)
        return Room(half, half + beside)
    axes = way_axes(part.ways)
    first, last = room_of(part.ways[0].parts), room_of(part.ways[-1].parts)
    return Room(max(half, first.left - axes[0]), max(half, axes[-1] + last.right))


def way_axes(ways: tuple[Way, ...]) -> list[float]:
    """The axes of ways that lie side by side under a card, seen from the card's own."""
    rooms = [room_of(way.parts) for way in ways]
    start = -(sum(room.width for room in rooms) + GAP * (len(rooms) - 1)) / 2
    axes: list[float] = []
    for room in rooms:
        axes.append(start + room.left)
        start += room.width + GAP
    return axes
