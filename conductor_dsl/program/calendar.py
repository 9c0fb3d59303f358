"""Calendar arithmetic of conditions, by the clock of a zone; None wherever there is no answer.

Days are texts such as "2026-03-31". A day before the year 1000 or after 8999, one that is not in the calendar, and a
zone that nobody knows give None. `program.calendar_sql` gives the same to both databases.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from conductor_dsl.shared.clock import Instant, to_datetime
from conductor_dsl.shared.duration import plus_months, wall_to_instant

DAY_FORM = "[1-8][0-9]{3}-[0-9]{2}-[0-9]{2}"
FIRST_YEAR, LAST_YEAR = 1000, 8999
EARLIEST, LATEST = -30_609_446_400_000, 221_844_355_200_000
"""The instants that have a day: some days inside the years above, whatever the zone."""

_DAY = re.compile(DAY_FORM)


@lru_cache(maxsize=1024)
def zone_named(name: str) -> ZoneInfo | None:
    """A zone by its name; None where there is none such."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def known_zone(zone: str | None, fallback: str) -> str:
    """A zone, or another where nobody knows it: any text may have been set."""
    return zone if zone and zone_named(zone) else fallback


def day_of(at: float | None, zone: str | None) -> str | None:
    """The date that calendars in a zone show at an instant."""
    known = zone_named(zone) if zone else None
    if at is None or known is None or not EARLIEST <= at <= LATEST:
        return None
    return to_datetime(int(at // 1)).astimezone(known).date().isoformat()


def moved_day(day: object, months: int, days: int) -> str | None:
    """A day so many months and days later; the 31st becomes the last day of a shorter month."""
    start = _date(day)
    if start is None:
        return None
    try:
        later = plus_months(start, months) + timedelta(days=days)
    except OverflowError:
        return None
    return later.isoformat() if FIRST_YEAR <= later.year <= LAST_YEAR else None


def moved_instant(at: float | None, months: int, days: int, zone: str | None) -> Instant | None:
    """The instant so many months and days later, by the wall clock of a zone."""
    known = zone_named(zone) if zone else None
    if at is None or zone is None or known is None or not EARLIEST <= at <= LATEST:
        return None
    wall = to_datetime(int(at // 1)).astimezone(known).replace(tzinfo=None, fold=0)
    try:
        later = wall_to_instant(plus_months(wall, months) + timedelta(days=days), zone)
    except OverflowError:
        return None
    return later if EARLIEST <= later <= LATEST else None


def gap(unit: str, start: object, end: object) -> int | None:
    """How many whole `days`, `weeks`, `months` or `years` lie between two days; negative backwards."""
    first, last = _date(start), _date(end)
    if first is None or last is None:
        return None
    if last < first:
        return -_gap(unit, last, first)
    return _gap(unit, first, last)


def _gap(unit: str, first: date, last: date) -> int:
    if unit in ("days", "weeks"):
        return (last - first).days // (7 if unit == "weeks" else 1)
    months = (last.year - first.year) * 12 + last.month - first.month
    return (months - (plus_months(first, months) > last)) // (12 if unit == "years" else 1)


def _date(day: object) -> date | None:
    if not isinstance(day, str) or not _DAY.fullmatch(day):
        return None
    try:
        return date.fromisoformat(day)
    except ValueError:
        return None
