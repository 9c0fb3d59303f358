"""How many parts an SMS is sent in: the GSM 7-bit alphabet, or UCS-2 as soon as one character is outside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conductor_dsl.shared.gsm import ALPHABET, ESCAPE, EXTENSION

GSM_BASIC = frozenset(ALPHABET) - {ESCAPE}
GSM_EXTENSION = frozenset(EXTENSION)
"""These take two places each, which are never parted."""

GSM_ONE, GSM_PART = 160, 153
UCS2_ONE, UCS2_PART = 70, 67


@dataclass(frozen=True, slots=True)
class SegmentCount:
    """What an SMS costs.

    `encoding` is `GSM-7` or `UCS-2`; `characters` counts the places taken, as carriers bill them; `forced_by` is the
    first character that needs UCS-2.
    """

    encoding: str
    characters: int
    segments: int
    forced_by: str | None


def segments(text: str) -> SegmentCount:
    """The encoding, length and number of parts of an SMS; an empty one has no part."""
    forced_by = next((char for char in text if char not in GSM_BASIC and char not in GSM_EXTENSION), None)
    sizes, one, part = _room(text, is_gsm=forced_by is None)
    encoding = "GSM-7" if forced_by is None else "UCS-2"
    return SegmentCount(encoding, sum(sizes), len(_ends(sizes, one, part)), forced_by)


def segment_texts(text: str) -> tuple[str, ...]:
    """The text in the parts that are counted."""
    ends = _ends(*_room(text, is_gsm=all(char in GSM_BASIC or char in GSM_EXTENSION for char in text)))
    return tuple(text[start:end] for start, end in zip((0, *ends), ends, strict=False))


def _room(text: str, *, is_gsm: bool) -> tuple[list[int], int, int]:
    """The places that each character takes, and how many there are in a single part, and in one of several."""
    if is_gsm:
        return [2 if char in GSM_EXTENSION else 1 for char in text], GSM_ONE, GSM_PART
    return [2 if ord(char) > 0xFFFF else 1 for char in text], UCS2_ONE, UCS2_PART


def _ends(sizes: Sequence[int], one: int, part: int) -> list[int]:
    """Behind which characters parts end, when all do not fit into `one`; what takes two places is not split."""
    if sum(sizes) <= one:
        return [len(sizes)] if sizes else []
    ends, filled = [], 0
    for at, size in enumerate(sizes):
        if filled + size > part:
            ends.append(at)
            filled = 0
        filled += size
    return [*ends, len(sizes)]
