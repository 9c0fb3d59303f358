"""Texts without the case of their letters: the same on every database, whatever its locale.

Letter by letter, so that a text keeps its length: `ß` is not `SS`.
"""

from __future__ import annotations

from functools import cache

_BEHIND = 0x1F000
"""No script behind this character has capitals."""


@cache
def capitals() -> tuple[str, str]:
    """Every capital, and in the same order its small letter."""
    letters = [(letter, letter.lower()) for letter in map(chr, range(_BEHIND))]
    pairs = [(large, small) for large, small in letters if large != small and len(small) == 1]
    return "".join(large for large, _ in pairs), "".join(small for _, small in pairs)


@cache
def _table() -> dict[int, int]:
    return str.maketrans(*capitals())


def fold(text: object) -> str | None:
    """A text in small letters; None for what is not a text."""
    return text.translate(_table()) if isinstance(text, str) else None
