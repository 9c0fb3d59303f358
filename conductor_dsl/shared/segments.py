"""How many parts an SMS is sent in: the GSM 7-bit alphabet, or UCS-2 as soon as one character is outside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENSION = frozenset("\f^{}\\[~]|€")
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
    if forced_by is None:
        sizes = [2 if char in GSM_EXTENSION else 1 for char in text]
        return SegmentCount("GSM-7", sum(sizes), _parts(sizes, GSM_ONE, GSM_PART), None)
    sizes = [2 if ord(char) > 0xFFFF else 1 for char in text]
    return SegmentCount("UCS-2", sum(sizes), _parts(sizes, UCS2_ONE, UCS2_PART), forced_by)


def _parts(sizes: Iterable[int], one: int, part: int) -> int:
    """Parts of at most `part` places, when all do not fit into `one`; what takes two places is not split."""
    total = count = filled = 0
    for size in sizes:
        total += size
        if count == 0 or filled + size > part:
            count, filled = count + 1, size
        else:
            filled += size
    return min(count, 1) if total <= one else count
