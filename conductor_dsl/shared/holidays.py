"""Holidays as rules that hold every year.

`07-04`, `07-04 observed`, `third monday 01`, `easter-2`; a number of days may follow: `fourth thursday 11+1`.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache

from conductor_dsl.shared.moments import ORDINALS, WEEKDAYS, day_of_month

_RULE = re.compile(
    rf"(?:(?P<month>\d\d)-(?P<day>\d\d)(?P<observed> observed)?|(?P<easter>easter)"
    rf"|(?P<ordinal>{'|'.join(ORDINALS)}) (?P<weekday>{'|'.join(WEEKDAYS)}) (?P<of>\d\d))(?P<shift>[+-]\d{{1,3}})?"
)
SATURDAY, SUNDAY = 5, 6


@lru_cache(maxsize=4096)
def holidays_of(rules: tuple[str, ...], year: int) -> frozenset[date]:
    """The days of a year that are holidays by any of the rules; ValueError for a rule that is none.

    An `observed` day that falls on a weekend is a holiday, and so is the Friday before it or the Monday after it, which
    may lie in another year.
    """
    found = {day for rule in rules for near in (year - 1, year, year + 1) for day in _days(rule, near)}
    return frozenset(day for day in found if day.year == year)


def check_holiday(rule: str) -> None:
    """Raise ValueError for a rule that is none."""
    _days(rule, 2028)  # a leap year: the 29th of February is a day


def _days(rule: str, year: int) -> list[date]:
    match = _RULE.fullmatch(rule)
    if match is None:
        raise ValueError(f"`{rule}` is no holiday")
    first = _first(match, year)
    if first is None:
        return []
    day = first + timedelta(days=int(match["shift"] or 0))
    return [day, day + _observance(day)] if match["observed"] else [day]


def _first(match: re.Match[str], year: int) -> date | None:
    """The day before it is shifted; None for the 29th of February in a year without one."""
    if match["easter"]:
        return easter(year)
    if match["ordinal"]:
        return day_of_month(date(year, int(match["of"]), 1), match["ordinal"], match["weekday"])
    month, day = int(match["month"]), int(match["day"])
    leap = date(2028, month, day)
    return None if (leap.month, leap.day) == (2, 29) and year % 4 else leap.replace(year=year)


def _observance(day: date) -> timedelta:
    """How far the weekday lies on which a holiday on a weekend is observed."""
    return timedelta(days={SATURDAY: -1, SUNDAY: 1}.get(day.weekday(), 0))


def easter(year: int) -> date:
    """Easter Sunday in the Gregorian calendar, as Meeus, Jones and Butcher reckon it."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)
