"""Moments that a calendar names: the next Tuesday, the first Monday of a month, a date, the same day of another year.

Everything is by the wall clock of a zone; a time in a gap is moved forward by the gap, and of one that comes twice the
first counts. Where no time of day is given, it is the one at `now`.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from conductor_dsl.shared.clock import Instant, from_datetime, to_datetime
from conductor_dsl.shared.duration import Duration, plus_days, plus_months, wall_to_instant

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ORDINALS = ("first", "second", "third", "fourth", "last")
DAY = "day"
"""In place of a weekday: any day, as in `first day`."""
FIRST_YEAR, LAST_YEAR = 1000, 8999
"""What is no date of anybody lies outside of these."""
_EARLIEST, _LATEST = (from_datetime(datetime(year, 1, 1, tzinfo=UTC)) for year in (300, 9700))
"""The longest elapsed time, 100,000 hours, leads from between these to no end of the calendar."""


def next_weekday(now: Instant, weekday: str, clock: str | None, zone: str) -> Instant:
    """The next moment after `now` that lies on such a day, at `clock` (`HH:MM`)."""
    start = _local(now, zone).date()
    ahead = (WEEKDAYS.index(weekday) - start.weekday()) % 7
    days = (plus_days(start, ahead + weeks) for weeks in (0, 7))
    return _first_after(now, days, clock, zone)


def next_of_month(now: Instant, ordinal: str, weekday: str, clock: str | None, zone: str) -> Instant:
    """The next moment after `now` on the `first`, ..., `last` such day of a month; `day` is any day."""
    start = _local(now, zone).date().replace(day=1)
    days = (day_of_month(plus_months(start, months), ordinal, weekday) for months in (0, 1))
    return _first_after(now, days, clock, zone)


def on_day(now: Instant, day: date, clock: str | None, zone: str) -> Instant:
    """A day at `clock`, whether it is over or not."""
    at = time.fromisoformat(clock) if clock else _local(now, zone).time().replace(fold=0)
    return wall_to_instant(datetime.combine(day, at), zone)


@dataclass(frozen=True, slots=True)
class Anchor:
    """A day or an instant that somebody has, moved by lengths of time (`-7d`), perhaps to a time of that day.

    An instant keeps its own time of day unless `clock` gives another.
    """

    base: date | Instant
    shifts: Sequence[str] = ()
    clock: str | None = None

    def moment(self, now: Instant, zone: str, years: int = 0) -> Instant:
        """When that is, so many years later; the 29th of February becomes the 28th in a year without one."""
        if not isinstance(self.base, date):
            return self._moved_instant(self.base, now, zone, years)
        day = plus_months(self.base, 12 * years)
        for shift in self.shifts:
            length, sign = _length(shift)
            day = plus_days(plus_months(day, sign * length.months), sign * length.days)
        return on_day(now, day, self.clock, zone)

    def _moved_instant(self, base: Instant, now: Instant, zone: str, years: int) -> Instant:
        at = Duration(12 * years, 0, 0, "").after(base, zone)
        for shift in self.shifts:
            length, sign = _length(shift)
            start = min(max(at, _EARLIEST), _LATEST)
            at = length.after(start, zone) if sign > 0 else length.before(start, zone)
        return on_day(now, _local(at, zone).date(), self.clock, zone) if self.clock else at

    def in_a_coming_year(self, now: Instant, zone: str) -> Instant:
        """The first time that it is not over: this year's, or that of a year to come."""
        first = self.moment(now, zone)
        if first >= now:
            return first
        lag = _local(now, zone).year - _local(first, zone).year
        tries = (self.moment(now, zone, years) for years in range(max(lag - 1, 0), lag + 3))
        return next((at for at in tries if at >= now), now)


def text_to_base(text: str) -> date | Instant | None:
    """A date as `YYYY-MM-DD` or an instant as its number; None for anything else, and for what is nobody's date."""
    try:
        base = date.fromisoformat(text) if "-" in text[1:] else int(float(text))
        year = base.year if isinstance(base, date) else to_datetime(base).year
    except (ValueError, OverflowError):
        return None
    return base if FIRST_YEAR <= year <= LAST_YEAR else None


def _local(instant: Instant, zone: str) -> datetime:
    return to_datetime(instant).astimezone(ZoneInfo(zone))


def _first_after(now: Instant, days: Iterator[date], clock: str | None, zone: str) -> Instant:
    later = (at for at in (on_day(now, day, clock, zone) for day in days) if at > now)
    return next(later, now)  # nothing is later than the end of the calendar


def day_of_month(first: date, ordinal: str, weekday: str) -> date:
    """The n-th such day of the month that begins with `first`."""
    length = calendar.monthrange(first.year, first.month)[1]
    ahead = 0 if weekday == DAY else (WEEKDAYS.index(weekday) - first.weekday()) % 7
    fitting = range(ahead, length, 1 if weekday == DAY else 7)
    return first + timedelta(days=fitting[-1 if ordinal == "last" else ORDINALS.index(ordinal)])


def _length(shift: str) -> tuple[Duration, int]:
    return Duration.parse(shift.removeprefix("-")), -1 if shift.startswith("-") else 1
