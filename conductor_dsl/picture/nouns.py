"""What a picture of a conversation shows: threads side by side, in each a row of cards that may fork."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Look(StrEnum):
    """What a card stands for, by which it is coloured."""

    DOOR = "door"
    CHOICE = "choice"
    WAIT = "wait"
    MESSAGE = "message"
    ACTION = "action"
    JUMP = "jump"
    END = "end"


@dataclass(frozen=True, slots=True)
class Card:
    """One step for the eye: `key` names it within the picture, `counts` says what has happened there, if known."""

    key: str
    look: Look
    title: str
    text: str = ""
    counts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Way:
    """Where a card leads beside straight on: its name, and the cards on it; without cards it leads on at once."""

    label: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A card with its ways. `goes_on` says whether anybody goes straight on from it, `straight` how that is called.

    `target` is the card that a jump leads to.
    """

    card: Card
    ways: tuple[Way, ...] = ()
    goes_on: bool = True
    straight: str = ""
    target: str | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A thread: its name, who enters it (None: it is reached by a jump only), and its cards."""

    name: str
    door: Card | None
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A conversation; `notes` are its settings, a line each."""

    title: str
    notes: tuple[str, ...]
    columns: tuple[Column, ...]

    def cards(self) -> Iterator[Card]:
        """Every card, doors first, in the order of the text."""
        for column in self.columns:
            if column.door:
                yield column.door
            yield from (part.card for part in every_part(column.parts))


def every_part(parts: tuple[Part, ...]) -> Iterator[Part]:
    """Parts and those on their ways, in the order of the text."""
    for part in parts:
        yield part
        for way in part.ways:
            yield from every_part(way.parts)
