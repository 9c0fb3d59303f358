"""The hours of all countries and states, with what a place is known by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from conductor_dsl.shared.hours import Hours

ELSEWHERE, UNKNOWN = "*", "unknown"
"""The regions that stand for every country without hours of its own, and for a place of which nothing is known."""


@dataclass(frozen=True, slots=True, eq=False)
class HourBook:
    """Hours by region (`US`, `US-FL`, `*`); an empty book holds no message back.

    `states` gives the regions that a name (`florida`) or its letters (`fl`) may mean, `area_codes` the states in which
    a number with the country code 1 may be at home. A book is equal to itself only, so that what follows from it can be
    remembered.
    """

    regions: Mapping[str, Hours] = field(default_factory=dict)
    states: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    area_codes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def of(self, regions: Iterable[str]) -> Iterator[tuple[str, Hours]]:
        """The (region, hours) that hold in countries and states, countries first; a state may have none of its own."""
        for region in sorted(regions, key=lambda each: (len(each), each)):
            found = self.regions.get(region) or ("-" not in region and self.regions.get(ELSEWHERE))
            if found:
                yield region, found


NO_HOURS = HourBook()
"""A book that holds no message back."""
