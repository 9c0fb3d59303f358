"""So many parts in a second, and no more."""

from __future__ import annotations

LONGEST = 1.5
"""Seconds that the parts of one text may take to leave: there must be an end to it within one call. A text of so many
parts that its pace would be slower leaves faster, and what comes behind it waits the longer."""


class Pace:
    """Gives out the moments at which parts may leave; `rate` is how many in a second, 0 is without an end."""

    def __init__(self, rate: int) -> None:
        self._gap = 1 / rate if rate else 0.0
        self._next = 0.0

    def reserve(self, parts: int, now: float, until: float) -> list[float] | None:
        """The moments for the parts of one text; None, and nothing is reserved, if the last would be after `until`."""
        first = max(now, self._next)
        gap = min(self._gap, LONGEST / parts)
        if first + (parts - 1) * gap > until:
            return None
        self._next = first + parts * self._gap
        return [first + at * gap for at in range(parts)]
