"""Instants and clocks: the only module that asks the system what time it is."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

Instant = int
"""Milliseconds since 1970-01-01T00:00Z. Integers compare alike in Python, SQLite and PostgreSQL."""

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock(Protocol):
    """Whoever can tell the time; handed in, never looked up."""

    def now(self) -> Instant:
        """The current instant, in milliseconds."""


def wall() -> Instant:
    """What the machine's clock shows; somebody may set it, forwards or back."""
    return time.time_ns() // 1_000_000


def steady() -> int:
    """Milliseconds since some instant that stays the same; goes on while the machine sleeps, and nobody can set it."""
    return time.clock_gettime_ns(_STEADY) // 1_000_000


_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class SystemClock:
    """The machine's clock, never running backwards within one process."""

    def __init__(self) -> None:
        self._latest = 0

    def now(self) -> Instant:
        """The current instant; if the machine's clock steps back, the latest one seen."""
        self._latest = max(self._latest, wall())
        return self._latest


class VirtualClock:
    """A clock that moves only when told to, for simulation and tests."""

    def __init__(self, now: Instant) -> None:
        self._now = now

    def now(self) -> Instant:
        """The instant that was last set."""
        return self._now

    def move_to(self, instant: Instant) -> None:
        """Move forward to `instant`; an earlier one leaves the clock where it is."""
        self._now = max(self._now, instant)


def to_datetime(instant: Instant) -> datetime:
    """An instant as an aware datetime in UTC."""
    return EPOCH + timedelta(milliseconds=instant)


def from_datetime(moment: datetime) -> Instant:
    """An aware datetime as an instant; a naive one is refused."""
    if moment.tzinfo is None:
        raise ValueError("a datetime without a zone is not an instant")
    return (moment - EPOCH) // timedelta(milliseconds=1)


def to_iso(instant: Instant) -> str:
    """An instant as `2026-03-02T10:00:00Z`."""
    return to_datetime(instant).strftime("%Y-%m-%dT%H:%M:%SZ")
