"""Durations: calendar lengths keep the wall clock, elapsed lengths do not care about it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conductor_dsl.shared.clock import DAY, HOUR, MINUTE, SECOND, Instant, from_datetime, to_datetime
from conductor_dsl.shared.duration import Duration, wall_to_instant

NY = "America/New_York"
ZONES = (NY, "Europe/London", "Asia/Kolkata", "Pacific/Kiritimati", "Etc/GMT+12", "Australia/Lord_Howe", "UTC")


def at(text: str, zone: str = NY) -> Instant:
    return from_datetime(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)))


def wall(instant: Instant, zone: str = NY) -> str:
    return to_datetime(instant).astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("text", "months", "days", "millis"),
    [
        ("45s", 0, 0, 45 * SECOND),
        ("90m", 0, 0, 90 * MINUTE),
        ("48h", 0, 0, 48 * HOUR),
        ("3d", 0, 3, 0),
        ("2w", 0, 14, 0),
        ("1mo", 1, 0, 0),
        ("1y", 12, 0, 0),
        ("0d", 0, 0, 0),
        ("100000d", 0, 100_000, 0),
    ],
)
def test_every_unit_has_its_length(text: str, months: int, days: int, millis: int) -> None:
    assert Duration.parse(text) == Duration(months, days, millis, text)


@pytest.mark.parametrize("text", ["", "d", "3", "3 d", "-3d", "3D", "3.5d", "3dd", "3d2h", "100001d", "٣d3", "3d\n"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        Duration.parse(text)


def test_days_keep_the_wall_clock_over_both_changes() -> None:
    assert wall(Duration.parse("1d").after(at("2026-03-07 12:00"), NY)) == "2026-03-08 12:00"
    assert Duration.parse("1d").after(at("2026-03-07 12:00"), NY) - at("2026-03-07 12:00") == 23 * HOUR
    assert Duration.parse("1d").after(at("2026-10-31 12:00"), NY) - at("2026-10-31 12:00") == 25 * HOUR


def test_hours_do_not_care_about_the_wall_clock() -> None:
    assert wall(Duration.parse("24h").after(at("2026-03-07 12:00"), NY)) == "2026-03-08 13:00"


@pytest.mark.parametrize(
    ("zone", "written", "became"),
    [
        (NY, "2026-03-08 02:30", "2026-03-08 03:30"),
        ("Europe/London", "2026-03-29 01:15", "2026-03-29 02:15"),
        ("Australia/Lord_Howe", "2026-10-04 02:10", "2026-10-04 02:40"),  # a gap of half an hour
    ],
)
def test_a_time_in_a_gap_moves_forward_by_the_gap(zone: str, written: str, became: str) -> None:
    assert wall(wall_to_instant(datetime.fromisoformat(written), zone), zone) == became


def test_of_a_time_that_comes_twice_the_first_counts() -> None:
    first = wall_to_instant(datetime.fromisoformat("2026-11-01 01:30"), NY)
    assert to_datetime(first).strftime("%H:%M") == "05:30"


def test_who_stands_in_the_second_of_two_equal_hours_still_waits_a_whole_day() -> None:
    second = at("2026-11-01 01:30") + HOUR
    assert wall(second) == "2026-11-01 01:30"
    assert wall(Duration.parse("1d").after(second, NY)) == "2026-11-02 01:30"


@pytest.mark.parametrize(
    ("start", "length", "end"),
    [
        ("2026-01-31 10:00", "1mo", "2026-02-28 10:00"),
        ("2028-01-31 10:00", "1mo", "2028-02-29 10:00"),
        ("2026-08-31 10:00", "1mo", "2026-09-30 10:00"),
        ("2028-02-29 10:00", "1y", "2029-02-28 10:00"),
        ("2026-12-15 10:00", "2mo", "2027-02-15 10:00"),
    ],
)
def test_months_end_with_the_last_day_there_is(start: str, length: str, end: str) -> None:
    assert wall(Duration.parse(length).after(at(start), NY)) == end


def test_before_goes_the_other_way() -> None:
    assert wall(Duration.parse("1mo").before(at("2026-03-31 10:00"), NY)) == "2026-02-28 10:00"
    assert wall(Duration.parse("1mo").before(at("2026-01-15 10:00"), NY)) == "2025-12-15 10:00"
    assert Duration.parse("90m").before(10 * HOUR) == 8 * HOUR + 30 * MINUTE


@given(st.integers(0, 4_000_000_000_000), st.sampled_from(ZONES), st.integers(1, 60))
def test_calendar_days_differ_from_elapsed_ones_by_a_change_of_the_clocks_at_most(
    start: Instant, zone: str, days: int
) -> None:
    end = Duration.parse(f"{days}d").after(start, zone)
    # Kiritimati once left out a whole day.
    assert abs(end - start - days * DAY) <= (DAY if zone == "Pacific/Kiritimati" else 2 * HOUR)
