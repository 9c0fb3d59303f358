"""Where everything of a picture stands, in pixels from the upper left corner."""

from __future__ import annotations

from dataclasses import dataclass

from conductor_dsl.picture.nouns import Card

Point = tuple[float, float]

CARD = 250.0
"""How wide a card is."""
GAP = 34.0
"""What lies between two cards, above one another or side by side."""
MARGIN = 28.0
LINE = 16.0
"""How high a line of text is."""
TITLE_LETTERS, TEXT_LETTERS = 30, 38
"""How many letters fit on a line of a card."""


@dataclass(frozen=True, slots=True)
class Box:
    """A card in its place, its words broken into lines."""

    x: float
    y: float
    height: float
    card: Card
    title: tuple[str, ...]
    text: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A line through points; `label` stands at `label_at`. A dashed one is a jump; without `arrow` it joins others."""

    points: tuple[Point, ...]
    label: str = ""
    label_at: Point = (0.0, 0.0)
    dashed: bool = False
    arrow: bool = True


@dataclass(frozen=True, slots=True)
class Heading:
    """The name of a thread above its cards."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything of a picture in its place."""

    width: float
    height: float
    title: str
    notes: tuple[str, ...]
    headings: tuple[Heading, ...]
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
