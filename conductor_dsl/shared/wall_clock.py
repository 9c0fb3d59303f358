"""Wall-clock times of a day, such as `09:00`, as instants in a zone."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from conductor_dsl.shared.clock import Instant, to_datetime
from conductor_dsl.shared.duration import wall_to_instant


def next_wall_clock(now: Instant, clock: str, zone: str) -> Instant:
    """The next instant after `now` at which clocks in the zone show `clock` (`HH:MM`).

    In a gap the time is moved forward by the gap; in an overlap the first occurrence counts.
    """
    return min(at for at in _occurrences(now, clock, zone) if at > now)


def window_at(now: Instant, opens: str, closes: str, zone: str) -> tuple[Instant, Instant]:
    """The window that is open now, or else the next one: when it opens (now, if it is open) and when it closes.

    A window whose end is not after its start goes on past midnight.
    """
    for opening in _occurrences(now, opens, zone):
        closing = next_wall_clock(opening, closes, zone)
        if now < closing:
            return max(opening, now), closing
    raise AssertionError("one of three days has a window that has not closed yet")


def _occurrences(now: Instant, clock: str, zone: str) -> list[Instant]:
    """When clocks show `clock` yesterday, today, tomorrow and the day after, in order."""
    local = to_datetime(now).astimezone(ZoneInfo(zone)).date()
    days = (local + timedelta(days=offset) for offset in (-1, 0, 1, 2))
    return [wall_to_instant(datetime.combine(day, time.fromisoformat(clock)), zone) for day in days]
