"""Dates that come again: every so often, and each year on a day. All by the wall clock of a zone."""

from __future__ import annotations

from calendar import isleap
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from conductor_dsl.shared.clock import Instant, to_datetime
from conductor_dsl.shared.duration import Duration, plus_months, wall_to_instant

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LEAP_DAY = "02-29"


@dataclass(frozen=True, slots=True)
class Recurrence:
    """Every so often from a first day on, at a time of day.

    The occurrences are counted from the first one, so that what begins on the 31st comes on the last day of a shorter
    month, and on the 31st again after it. Days, weeks, months and years keep the time of day; minutes and hours are
    elapsed.
    """

    every: Duration
    first: date
    clock: str
    zone: str

    def occurrence(self, number: int) -> Instant:
        """The occurrence of this number; 0 is the first."""
        naive = datetime.combine(self.first, time.fromisoformat(self.clock))
        if self.every.is_elapsed:
            return wall_to_instant(naive, self.zone) + number * self.every.millis
        moved = plus_months(naive, number * self.every.months) + timedelta(days=number * self.every.days)
        return wall_to_instant(moved, self.zone)

    def next_after(self, instant: Instant) -> Instant:
        """The first occurrence after an instant."""
        return self.occurrence(self._number_after(instant))

    def latest_at(self, instant: Instant) -> Instant | None:
        """The last occurrence at or before an instant; None before the first one."""
        number = self._number_after(instant)
        return self.occurrence(number - 1) if number else None

    def _number_after(self, instant: Instant) -> int:
        # Months and years are longer or shorter than their length says, and never by so much as one in fifty.
        passed = max(instant - self.occurrence(0), 0) // self.every.length
        number = max(passed - passed // 50 - 2, 0)
        while self.occurrence(number) <= instant:
            number += 1
        return number


def first_day(day: date, weekday: str | None) -> date:
    """The day itself, or the first such weekday from it on."""
    return day if weekday is None else day + timedelta(days=(WEEKDAYS.index(weekday) - day.weekday()) % 7)


@dataclass(frozen=True, slots=True)
class Anniversary:
    """Each year on a day, or some time before it, at a time of day.

    `leap` says when somebody born on 29 February celebrates in other years: `feb28` or `mar1`.
    """

    before: Duration
    clock: str
    leap: str

    def occurs_at(self, day: str, year: int, zone: str) -> Instant:
        """When the anniversary of `03-31` in a year is met, in a zone."""
        early = plus_months(self._date(day, year), -self.before.months) - timedelta(days=self.before.days)
        return wall_to_instant(datetime.combine(early, time.fromisoformat(self.clock)), zone)

    def next_from(self, day: str, year: int, zone: str, now: Instant) -> tuple[int, Instant]:
        """The first year from `year` on whose anniversary is met today in the zone or later, and when it is met."""
        known = ZoneInfo(zone)
        today = to_datetime(now).astimezone(known).date()
        at = self.occurs_at(day, year, zone)
        while to_datetime(at).astimezone(known).date() < today:
            year += 1
            at = self.occurs_at(day, year, zone)
        return year, at

    def _date(self, day: str, year: int) -> date:
        if day == LEAP_DAY and not isleap(year):
            return date(year, 2, 28) if self.leap == "feb28" else date(year, 3, 1)
        return date.fromisoformat(f"{year:04}-{day}")
