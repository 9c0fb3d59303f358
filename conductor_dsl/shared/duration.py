"""Lengths of time as marketers write them: `90m 48h 3d 2w 1mo 1y`.

Days, weeks, months and years are calendar lengths: they keep the wall-clock time in a zone, whatever daylight saving
does in between. Minutes and hours are elapsed lengths.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from conductor_dsl.shared.clock import DAY, HOUR, MINUTE, SECOND, Instant, from_datetime, to_datetime

Day = TypeVar("Day", bound=date)

PATTERN = re.compile(r"(\d+)(mo|[smhdwy])")
LONGEST = 100_000
EARLIEST, LATEST = 12 * MINYEAR + 12, 12 * MAXYEAR - 12
"""Months since the year 0, a year inside the ends of the calendar, which zones reach across."""
_FIELDS = {
    "s": ("millis", SECOND),
    "m": ("millis", MINUTE),
    "h": ("millis", HOUR),
    "d": ("days", 1),
    "w": ("days", 7),
    "mo": ("months", 1),
    "y": ("months", 12),
}


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time: calendar months and days, then elapsed milliseconds; `text` is what the author wrote."""

    months: int
    days: int
    millis: int
    text: str

    @classmethod
    def parse(cls, text: str) -> Duration:
        """Read `3d`; raises ValueError for anything else and for more than 100,000 units."""
        match = PATTERN.fullmatch(text)
        if match is None or int(match[1]) > LONGEST:
            raise ValueError(f"`{text}` is not a duration")
        field, factor = _FIELDS[match[2]]
        return cls(**({"months": 0, "days": 0, "millis": 0} | {field: int(match[1]) * factor}), text=text)

    @property
    def is_elapsed(self) -> bool:
        """Whether the length is the same in every zone."""
        return not self.months and not self.days

    @property
    def length(self) -> int:
        """In milliseconds, with days of 24 hours, months of 30 days and years of 365: for reckoning with lengths."""
        years, months = divmod(self.months, 12)
        return (365 * years + 30 * months + self.days) * DAY + self.millis

    def after(self, instant: Instant, zone: str = "UTC") -> Instant:
        """The instant this long after `instant`, by the wall clock of `zone`."""
        return self._moved(instant, zone, 1)

    def before(self, instant: Instant, zone: str = "UTC") -> Instant:
        """The instant this long before `instant`, by the wall clock of `zone`."""
        return self._moved(instant, zone, -1)

    def _moved(self, instant: Instant, zone: str, sign: int) -> Instant:
        if self.is_elapsed:
            return instant + sign * self.millis
        local = to_datetime(instant).astimezone(ZoneInfo(zone))
        naive = local.replace(tzinfo=None, fold=0)
        naive = plus_days(plus_months(naive, sign * self.months), sign * self.days)
        return wall_to_instant(naive, zone) + sign * self.millis


def plus_months(moment: Day, months: int) -> Day:
    """Move by whole months; the 31st becomes the last day of a shorter month, and the calendar has an end."""
    index = moment.year * 12 + moment.month - 1 + months
    year, month = divmod(min(max(index, EARLIEST), LATEST), 12)
    last = calendar.monthrange(year, month + 1)[1]
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))


def plus_days(moment: Day, days: int) -> Day:
    """Move by whole days; the calendar has an end."""
    first, last = date(MINYEAR + 1, 1, 1).toordinal(), date(MAXYEAR - 1, 12, 31).toordinal()
    start = moment.toordinal()
    return moment + timedelta(days=min(max(start + days, first), last) - start)


def wall_to_instant(naive: datetime, zone: str) -> Instant:
    """A wall-clock time in a zone as an instant: forward through a gap, the first of an overlap."""
    return from_datetime(naive.replace(tzinfo=ZoneInfo(zone), fold=0))
