"""Hours: when texts may go out by the wall clock, and the instants at which that is so.

An instant is inside if the clock of the zone shows a time that is. So of an hour that comes twice both are inside, or
neither; one that clocks skip never comes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from conductor_dsl.shared.clock import DAY, EPOCH, MINUTE, SECOND, Instant, to_datetime
from conductor_dsl.shared.holidays import holidays_of

Span = tuple[int, int]
"""From a moment to before another: minutes of a day, or instants."""
WHOLE_DAY: Span = (0, DAY // MINUTE)
FARTHEST = 30
"""Days ahead in which there must be a moment, or there is none at all: no row of holidays and Sundays lasts so long."""
LONG_ENOUGH = 2 * DAY
"""An opening that lasts so long is not looked at any further."""


@dataclass(frozen=True, slots=True)
class Hours:
    """Hours of the week, in minutes of the day, Monday first; none on the holidays of the rules in `closed`."""

    week: tuple[tuple[Span, ...], ...]
    closed: tuple[str, ...] = ()

    def on(self, day: date) -> tuple[Span, ...]:
        """The hours of a day."""
        return () if self.is_holiday(day) else self.week[day.weekday()]

    def is_holiday(self, day: date) -> bool:
        """Whether it is a holiday, on which these hours are closed."""
        return bool(self.closed) and day in holidays_of(self.closed, day.year)


def daily(opens: int, closes: int) -> Hours:
    """The same hours every day, from one minute of the day to another; past midnight where that is not after it."""
    spans = [(opens, closes)] if opens < closes else [(0, closes), (opens, WHOLE_DAY[1])]
    return Hours((tuple((start, end) for start, end in spans if start < end),) * 7)


def meet(one: Sequence[Span], other: Sequence[Span]) -> tuple[Span, ...]:
    """What is in both; each in order, without overlaps."""
    pairs = ((max(a, c), min(b, d)) for a, b in one for c, d in other)
    return tuple((start, end) for start, end in pairs if start < end)


@lru_cache(maxsize=65_536)
def open_spans(hours: Hours, zone: str, day: int) -> tuple[Span, ...]:
    """The instants inside the hours, by the clock of a zone, in a day of UTC (days since 1970)."""
    found: list[Span] = []
    for start, end, offset in _stretches(zone, day * DAY, (day + 1) * DAY):
        for local in range((start + offset) // DAY, (end - 1 + offset) // DAY + 1):
            midnight = local * DAY - offset
            spans = hours.on(EPOCH.date() + timedelta(days=local))
            found += meet([(midnight + a * MINUTE, midnight + b * MINUTE) for a, b in spans], [(start, end)])
    return tuple(_joined(found))


def _stretches(zone: str, start: Instant, end: Instant) -> Iterator[tuple[Instant, Instant, int]]:
    """A day of UTC in stretches of one offset: (from, to, offset); clocks change once in a day at most."""
    before, after = _offset(start, zone), _offset(end - 1, zone)
    if before == after:
        yield start, end, before
        return
    low, high = start, end - 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(middle, zone) == before else (low, middle)
    yield start, high, before
    yield high, end, after


def _offset(instant: Instant, zone: str) -> int:
    offset = to_datetime(instant).astimezone(ZoneInfo(zone)).utcoffset() or timedelta()
    return round(offset.total_seconds()) * SECOND


def _joined(spans: Iterable[Span]) -> Iterator[Span]:
    """Spans in order, those that touch as one; one that is long enough is not waited for."""
    start = end = None
    for one in spans:
        if start is None or end is None:
            start, end = one
        elif one[0] > end:
            yield start, end
            start, end = one
        else:
            end = one[1]
        if end - start >= LONG_ENOUGH:
            yield start, end
            start = end = None
    if start is not None and end is not None:
        yield start, end


@dataclass(frozen=True, slots=True)
class Rule:
    """Hours by the clock of a zone, and why a message is held outside of them."""

    hours: Hours
    zone: str
    reason: str

    def is_open(self, now: Instant) -> bool:
        """Whether an instant is inside."""
        return any(start <= now < end for start, end in open_spans(self.hours, self.zone, now // DAY))

    def is_holiday(self, now: Instant) -> bool:
        """Whether it is a holiday in the zone, on which these hours are closed."""
        return self.hours.is_holiday(to_datetime(now).astimezone(ZoneInfo(self.zone)).date())


def next_opening(rules: Sequence[Rule], now: Instant, least: int = MINUTE) -> Span | None:
    """The time that is open by every rule, for `least` milliseconds at least: the one that lasts now, else the next.

    Returns from when (now at the earliest) and until when; None where the rules never agree.
    """
    for start, end in _joined(_common(rules, now // DAY)):
        opens = max(start, now)
        if end - opens >= least:
            return opens, end
    return None


def _common(rules: Sequence[Rule], first_day: int) -> Iterator[Span]:
    for day in range(first_day, first_day + FARTHEST):
        spans: tuple[Span, ...] = ((day * DAY, (day + 1) * DAY),)
        for rule in rules:
            spans = meet(spans, open_spans(rule.hours, rule.zone, day))
            if not spans:
                break
        yield from spans
