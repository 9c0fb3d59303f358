"""From a picture and what has happened to the same picture with figures on its cards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from conductor_dsl.picture.nouns import Column, Part, Picture

MOST = 8
"""How many lines of figures a card shows."""


def add_counts(picture: Picture, counts: Mapping[str, tuple[str, ...]]) -> Picture:
    """The picture with lines of figures by the keys of its cards; what is too much becomes `…`."""
    columns = (replace(column, parts=_with_counts(column.parts, counts)) for column in picture.columns)
    return replace(picture, columns=tuple(_door_counted(column, counts) for column in columns))


def _door_counted(column: Column, counts: Mapping[str, tuple[str, ...]]) -> Column:
    if column.door is None:
        return column
    return replace(column, door=replace(column.door, counts=_few(counts.get(column.door.key, ()))))


def _with_counts(parts: tuple[Part, ...], counts: Mapping[str, tuple[str, ...]]) -> tuple[Part, ...]:
    return tuple(
        replace(
            part,
            card=replace(part.card, counts=_few(counts.get(part.card.key, ()))),
            ways=tuple(replace(way, parts=_with_counts(way.parts, counts)) for way in part.ways),
        )
        for part in parts
    )


def _few(lines: tuple[str, ...]) -> tuple[str, ...]:
    return lines if len(lines) <= MOST else (*lines[: MOST - 1], "…")
