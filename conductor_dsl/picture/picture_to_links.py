"""From a picture to the pairs of cards that are joined, for formats that find the places by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from conductor_dsl.picture.nouns import Part, Picture


@dataclass(frozen=True, slots=True)
class Link:
    """A line from one card to another."""

    start: str
    end: str
    label: str = ""
    is_jump: bool = False


def picture_to_links(picture: Picture) -> Iterator[Link]:
    """Every line, in the order of the text."""
    for column in picture.columns:
        entering = [(column.door.key, "")] if column.door else []
        yield from _row(column.parts, entering)[0]


_Ends = list[tuple[str, str]]
"""Cards from which a line leads on, with what is written at it."""


def _row(parts: tuple[Part, ...], coming: _Ends) -> tuple[list[Link], _Ends]:
    """The lines into and within a row of cards, and those who leave it at its end."""
    links: list[Link] = []
    for part in parts:
        links += [Link(start, part.card.key, label) for start, label in coming]
        inner, coming = _part(part)
        links += inner
    return links, coming


def _part(part: Part) -> tuple[list[Link], _Ends]:
    key = part.card.key
    links = [Link(key, part.target, is_jump=True)] if part.target is not None else []
    ends: _Ends = [(key, part.straight)] if part.goes_on else []
    for way in part.ways:
        inner, leaving = _row(way.parts, [(key, way.label)])
        links += inner
        ends += leaving
    return links, ends
