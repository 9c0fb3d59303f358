"""Times of day and windows, in every zone and across changes of the clocks."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conductor_dsl.shared.clock import DAY, HOUR, Instant, from_datetime, to_datetime
from conductor_dsl.shared.wall_clock import next_wall_clock, window_at

NY = "America/New_York"
ZONES = (NY, "Europe/London", "Asia/Kolkata", "Pacific/Kiritimati", "Etc/GMT+12", "UTC")
times = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))
instants = st.integers(1_700_000_000_000, 2_000_000_000_000)


def at(text: str, zone: str = NY) -> Instant:
    return from_datetime(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)))


def wall(instant: Instant, zone: str = NY) -> str:
    return to_datetime(instant).astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("now", "clock", "then"),
    [
        ("2026-03-02 08:59", "09:00", "2026-03-02 09:00"),
        ("2026-03-02 09:00", "09:00", "2026-03-03 09:00"),
        ("2026-03-02 23:59", "00:00", "2026-03-03 00:00"),
        ("2026-03-07 12:00", "02:30", "2026-03-08 03:30"),  # into the gap
        ("2026-10-31 12:00", "01:30", "2026-11-01 01:30"),
    ],
)
def test_the_next_time_of_day_lies_ahead(now: str, clock: str, then: str) -> None:
    assert wall(next_wall_clock(at(now), clock, NY)) == then


def test_a_time_that_comes_twice_in_a_day_counts_once() -> None:
    first = at("2026-11-01 01:30")
    assert wall(next_wall_clock(first, "01:30", NY)) == "2026-11-02 01:30"


@given(instants, times, st.sampled_from(ZONES))
def test_the_next_time_of_day_is_at_most_a_long_day_away(now: Instant, clock: str, zone: str) -> None:
    then = next_wall_clock(now, clock, zone)
    assert 0 < then - now <= 25 * HOUR + HOUR


@pytest.mark.parametrize(
    ("now", "opening", "closing"),
    [
        ("2026-03-02 08:59", "2026-03-02 09:00", "2026-03-02 20:00"),
        ("2026-03-02 09:00", "2026-03-02 09:00", "2026-03-02 20:00"),
        ("2026-03-02 19:59", "2026-03-02 19:59", "2026-03-02 20:00"),
        ("2026-03-02 20:00", "2026-03-03 09:00", "2026-03-03 20:00"),
    ],
)
def test_an_open_window_begins_now_and_a_closed_one_when_it_opens(now: str, opening: str, closing: str) -> None:
    opens, closes = window_at(at(now), "09:00", "20:00", NY)
    assert (wall(opens), wall(closes)) == (opening, closing)


@pytest.mark.parametrize(
    ("now", "opening", "closing"),
    [
        ("2026-03-02 21:59", "2026-03-02 22:00", "2026-03-03 06:00"),
        ("2026-03-03 03:00", "2026-03-03 03:00", "2026-03-03 06:00"),
        ("2026-03-03 06:00", "2026-03-03 22:00", "2026-03-04 06:00"),
    ],
)
def test_a_window_may_go_on_past_midnight(now: str, opening: str, closing: str) -> None:
    opens, closes = window_at(at(now), "22:00", "06:00", NY)
    assert (wall(opens), wall(closes)) == (opening, closing)


@given(instants, times, times, st.sampled_from(ZONES))
def test_a_window_opens_before_it_closes_and_closes_after_now(now: Instant, one: str, two: str, zone: str) -> None:
    opens, closes = window_at(now, one, two, zone)
    assert now <= opens < closes <= now + 2 * DAY + 2 * HOUR


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12", "Asia/Tokyo"])
def test_far_zones_have_their_own_day(zone: str) -> None:
    opens, _ = window_at(at("2026-03-02 23:30", zone), "09:00", "20:00", zone)
    assert wall(opens, zone) == "2026-03-03 09:00"
