"""A second meaning of windows, slow and obvious: walk through the minutes of UTC, and look at a clock on the wall."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from random import Random
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTE = 60_000


@dataclass(frozen=True)
class Wall:
    """A clock on the wall of a zone, the lines of its window, and days on which it is closed."""

    zone: str
    lines: tuple[str, ...]
    closed: frozenset[date] = frozenset()

    def is_open(self, instant: int) -> bool:
        """Whether the clock shows a time that every line for its day allows; a day without a line is closed."""
        shown = datetime.fromtimestamp(instant / 1000, UTC).astimezone(ZoneInfo(self.zone))
        told = [line for line in self.lines if DAYS[shown.weekday()] in days_of(line)]
        clock = f"{shown.hour:02}:{shown.minute:02}"
        return bool(told) and shown.date() not in self.closed and all(allows(line, clock) for line in told)


@cache
def days_of(line: str) -> list[str]:
    """The days that `mon-sat 09:00-20:00` is about."""
    first, _, last = line.split(maxsplit=1)[0].partition("-")
    week = DAYS[DAYS.index(first) :] + DAYS[: DAYS.index(first)]
    return list(week[: week.index(last or first) + 1])


def allows(line: str, clock: str) -> bool:
    """Whether a time of day is inside; `22:00-06:00` goes past midnight."""
    opens, closes = line.split()[1].split("-")
    return opens <= clock < closes if opens < closes else clock >= opens or clock < closes


def openings(walls: Sequence[Wall], start: int, minutes: int) -> list[tuple[int, int] | None]:
    """For each minute the opening that lasts then, or the next one: (from, until); None where there is none ahead.

    One that lasts to the end ends there.
    """
    are_open = [all(wall.is_open(start + minute * MINUTE) for wall in walls) for minute in range(minutes)]
    found: list[tuple[int, int] | None] = [None] * minutes
    until, following = start + minutes * MINUTE, None
    for minute in range(minutes - 1, -1, -1):
        at = start + minute * MINUTE
        if are_open[minute]:
            following = (at, until)
        else:
            until = at
        found[minute] = following
    return found


def changes(zone: str, first: int, last: int) -> Iterator[int]:
    """The instants, to the minute, at which the clocks of a zone are changed from one year to another."""
    name, day = ZoneInfo(zone), timedelta(days=1)
    at, end = datetime(first, 1, 1, tzinfo=UTC), datetime(last + 1, 1, 1, tzinfo=UTC)
    before = at.astimezone(name).utcoffset()
    while at < end:
        after = (at + day).astimezone(name).utcoffset()
        if after != before:
            yield next(
                int(minute.timestamp() * 1000)
                for minute in (at + timedelta(minutes=count) for count in range(1, 1441))
                if minute.astimezone(name).utcoffset() != before
            )
        at, before = at + day, after


def some_lines(dice: Random) -> tuple[str, ...]:
    """Lines as somebody might write them: most of the day, past midnight, a gap at night, days that are missing."""
    first, last = dice.choice(DAYS), dice.choice(DAYS)
    clocks = [f"{dice.randrange(24):02}:{dice.choice((0, 15, 30, 59)):02}" for _ in range(2)]
    if clocks[0] == clocks[1]:
        clocks = ["08:00", "21:00"]
    usual = ("mon-sun 08:00-21:00",), ("mon-sat 09:00-21:00", "sun 12:00-21:00"), ("mon-sun 22:00-06:00",)
    strange = (f"{first}-{last} {clocks[0]}-{clocks[1]}", "mon-sun 00:30-23:30"), ("mon-sun 01:30-02:30",)
    return dice.choice((*usual, *strange))
