"""Instants as the clocks of people show them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from conductor_dsl.shared.clock import DAY, HOUR, MINUTE, Instant, to_datetime


def to_local(instant: Instant, zone: str) -> datetime:
    """The date and time that clocks in a zone show."""
    return to_datetime(instant).astimezone(ZoneInfo(zone))


def to_shown(instant: Instant, zone: str) -> str:
    """`2026-03-02 10:00`, with the seconds where there are any."""
    local = to_local(instant, zone)
    return local.strftime("%Y-%m-%d %H:%M:%S" if local.second else "%Y-%m-%d %H:%M")


def since(earlier: Instant, later: Instant) -> str:
    """How long after, in the two largest units: `3d`, `1d 4h`, `0m`."""
    rest, parts = later - earlier, []
    for unit, length in (("d", DAY), ("h", HOUR), ("m", MINUTE)):
        count, rest = divmod(rest, length)
        if count:
            parts.append(f"{count}{unit}")
    return " ".join(parts[:2]) or "0m"
