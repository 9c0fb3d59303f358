"""Moments that a calendar names, in every zone: across changes of the clocks, leap days, and the ends of years."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from conductor_dsl.shared.clock import DAY, HOUR, MINUTE, Instant, from_datetime, to_datetime
from conductor_dsl.shared.duration import Duration
from conductor_dsl.shared.moments import (
    FIRST_YEAR,
    LAST_YEAR,
    ORDINALS,
    WEEKDAYS,
    Anchor,
    next_of_month,
    next_weekday,
    on_day,
    text_to_base,
)
from conductor_dsl.shared.wall_clock import next_wall_clock

NY, LORD_HOWE = "America/New_York", "Australia/Lord_Howe"
ZONES = (NY, "Europe/London", "Asia/Kolkata", "Asia/Kathmandu", LORD_HOWE, "Pacific/Kiritimati", "Etc/GMT+12", "UTC")
zones = st.sampled_from(ZONES)
clocks = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))
maybe_clocks = st.none() | clocks
instants = st.integers(1_577_836_800_000, 2_145_916_800_000)
"""From 2020 to 2037."""


def at(text: str, zone: str = NY) -> Instant:
    return from_datetime(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)))


def wall(instant: Instant, zone: str = NY) -> str:
    return local(instant, zone).strftime("%Y-%m-%d %H:%M")


def local(instant: Instant, zone: str) -> datetime:
    return to_datetime(instant).astimezone(ZoneInfo(zone))


def shows(instant: Instant, day: date, clock: time, zone: str) -> bool:
    """Whether clocks show a time at an instant for the first time, or would, had they not skipped it."""
    wanted, found = datetime.combine(day, clock.replace(fold=0)), local(instant, zone)
    if found.replace(tzinfo=None) == wanted:
        return found.fold == 0
    earlier = local(instant - int((found.replace(tzinfo=None) - wanted).total_seconds() * 1000), zone)
    skipped = found.utcoffset() != earlier.utcoffset()
    return skipped and wanted < found.replace(tzinfo=None) <= wanted + timedelta(hours=24)


# Weekdays


@pytest.mark.parametrize(
    ("now", "weekday", "clock", "then"),
    [
        ("2026-03-02 11:00", "tuesday", "10:00", "2026-03-03 10:00"),
        ("2026-03-02 11:00", "monday", "12:00", "2026-03-02 12:00"),
        ("2026-03-02 11:00", "monday", "11:00", "2026-03-09 11:00"),
        ("2026-03-02 11:00", "monday", None, "2026-03-09 11:00"),
        ("2026-03-02 11:00", "sunday", "02:30", "2026-03-08 03:30"),  # into the gap
        ("2026-10-26 11:00", "sunday", "01:30", "2026-11-01 01:30"),
        ("2026-12-31 23:59", "friday", "00:00", "2027-01-01 00:00"),
    ],
)
def test_the_next_weekday_lies_ahead(now: str, weekday: str, clock: str | None, then: str) -> None:
    assert wall(next_weekday(at(now), weekday, clock, NY)) == then


@given(instants, st.sampled_from(WEEKDAYS), maybe_clocks, zones)
def test_a_weekday_is_the_first_one_after_now_on_which_clocks_show_the_time(
    now: Instant, weekday: str, clock: str | None, zone: str
) -> None:
    then = next_weekday(now, weekday, clock, zone)
    wanted = time.fromisoformat(clock) if clock else local(now, zone).time()
    days = (local(now, zone).date() + timedelta(days=ahead) for ahead in range(9))
    fitting = [on_day(now, day, clock, zone) for day in days if WEEKDAYS[day.weekday()] == weekday]
    assert then == min(each for each in fitting if each > now)
    assert then - now <= 7 * DAY + HOUR
    assert any(shows(then, local(then, zone).date() - timedelta(days=back), wanted, zone) for back in (0, 1))


@pytest.mark.parametrize(
    ("now", "ordinal", "weekday", "clock", "then"),
    [
        ("2026-03-02 11:00", "first", "monday", "10:00", "2026-04-06 10:00"),
        ("2026-03-02 09:00", "first", "monday", "10:00", "2026-03-02 10:00"),
        ("2026-03-02 11:00", "first", "monday", None, "2026-04-06 11:00"),
        ("2026-03-02 11:00", "second", "tuesday", "10:00", "2026-03-10 10:00"),
        ("2026-03-02 11:00", "fourth", "sunday", "10:00", "2026-03-22 10:00"),
        ("2026-03-02 11:00", "last", "sunday", "10:00", "2026-03-29 10:00"),
        ("2026-03-02 11:00", "last", "tuesday", "10:00", "2026-03-31 10:00"),
        ("2026-12-02 11:00", "first", "day", "08:00", "2027-01-01 08:00"),
        ("2028-02-02 11:00", "last", "day", "08:00", "2028-02-29 08:00"),
        ("2027-02-02 11:00", "last", "day", "08:00", "2027-02-28 08:00"),
        ("2026-12-31 08:00", "last", "day", "08:00", "2027-01-31 08:00"),
        ("2026-03-01 08:00", "second", "sunday", "02:30", "2026-03-08 03:30"),
    ],
)
def test_the_nth_weekday_of_a_month_lies_ahead(
    now: str, ordinal: str, weekday: str, clock: str | None, then: str
) -> None:
    assert wall(next_of_month(at(now), ordinal, weekday, clock, NY)) == then


@given(instants, st.sampled_from(ORDINALS), st.sampled_from((*WEEKDAYS, "day")), maybe_clocks, zones)
def test_the_nth_weekday_is_found_by_counting_days(
    now: Instant, ordinal: str, weekday: str, clock: str | None, zone: str
) -> None:
    start = local(now, zone).date().replace(day=1)
    days = [start + timedelta(days=ahead) for ahead in range(95)]
    months: dict[tuple[int, int], list[date]] = {}
    for day in days:
        if weekday in ("day", WEEKDAYS[day.weekday()]):
            months.setdefault((day.year, day.month), []).append(day)
    place = -1 if ordinal == "last" else ORDINALS.index(ordinal)
    moments = [on_day(now, of_month[place], clock, zone) for of_month in list(months.values())[:3]]
    assert next_of_month(now, ordinal, weekday, clock, zone) == min(each for each in moments if each > now)


# Dates that somebody has


@pytest.mark.parametrize(
    ("base", "shifts", "clock", "moment", "coming"),
    [
        ("1990-05-17", [], "09:00", "1990-05-17 09:00", "2026-05-17 09:00"),
        ("1990-05-17", ["-7d"], "09:00", "1990-05-10 09:00", "2026-05-10 09:00"),
        ("1990-03-05", ["-7d"], "09:00", "1990-02-26 09:00", "2027-02-26 09:00"),
        ("1990-01-03", ["-7d"], "09:00", "1989-12-27 09:00", "2026-12-27 09:00"),
        ("1990-12-30", ["7d"], "09:00", "1991-01-06 09:00", "2027-01-06 09:00"),
        ("1992-02-29", [], "09:00", "1992-02-29 09:00", "2027-02-28 09:00"),
        ("1992-02-29", ["1d"], "12:00", "1992-03-01 12:00", "2027-03-01 12:00"),
        ("1992-02-29", ["2d"], "12:00", "1992-03-02 12:00", "2026-03-02 12:00"),
        ("1990-03-02", [], "11:00", "1990-03-02 11:00", "2026-03-02 11:00"),  # this very moment is not over
        ("1990-03-02", [], None, "1990-03-02 11:00", "2026-03-02 11:00"),
        ("2030-05-17", [], "09:00", "2030-05-17 09:00", "2030-05-17 09:00"),
        ("1990-05-31", ["1mo"], "09:00", "1990-06-30 09:00", "2026-06-30 09:00"),
        ("1990-05-31", ["-1y", "2w"], "09:00", "1989-06-14 09:00", "2026-06-14 09:00"),
        ("2020-03-08", [], "02:30", "2020-03-08 03:30", "2026-03-08 03:30"),  # into the gap
    ],
)
def test_a_date_is_moved_and_comes_again_each_year(
    base: str, shifts: list[str], clock: str | None, moment: str, coming: str
) -> None:
    now, anchor = at("2026-03-02 11:00"), Anchor(date.fromisoformat(base), shifts, clock)
    assert wall(anchor.moment(now, NY)) == moment
    assert wall(anchor.in_a_coming_year(now, NY)) == coming


def test_an_instant_keeps_its_own_time_of_day_unless_another_is_given() -> None:
    now, visit = at("2026-03-02 11:00"), at("2026-03-09 15:30")
    assert wall(Anchor(visit, ["-2h"]).moment(now, NY)) == "2026-03-09 13:30"
    assert wall(Anchor(visit, ["-1d"], "09:00").moment(now, NY)) == "2026-03-08 09:00"
    assert wall(Anchor(at("2020-02-29 15:30")).in_a_coming_year(now, NY)) == "2027-02-28 15:30"
    over_the_gap = Anchor(at("2026-03-08 15:30"), ["-1d"]).moment(now, NY)
    assert wall(over_the_gap) == "2026-03-07 15:30"


dates = st.dates(date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)) | st.dates(date(1920, 1, 1), date(2040, 12, 31))
lengths = st.builds("{}{}{}".format, st.sampled_from(["", "-"]), st.integers(1, 400), st.sampled_from(["d", "w", "mo"]))


@given(dates, st.lists(lengths, max_size=2), maybe_clocks, instants, zones)
@example(date(2000, 2, 29), [], "00:00", at("2027-02-28 00:00", "UTC"), "UTC")
@example(date(2000, 12, 31), ["1d"], "00:00", at("2026-12-31 23:59", "UTC"), "UTC")
@example(date(1957, 1, 1), ["344mo", "400mo"], None, 1_577_836_800_000, "America/New_York")
def test_the_coming_year_is_the_first_in_which_a_date_is_not_over(
    base: date, shifts: list[str], clock: str | None, now: Instant, zone: str
) -> None:
    anchor = Anchor(base, shifts, clock)
    found = anchor.in_a_coming_year(now, zone)
    assert found >= now
    if anchor.moment(now, zone) < now:
        lag = local(now, zone).year - base.year
        # Two shifts move a date by up to 67 years.
        around = (anchor.moment(now, zone, years) for years in range(max(lag - 70, 0), lag + 70))
        assert found == min(each for each in around if each >= now)
        assert found - now <= 367 * DAY
    else:
        assert found == anchor.moment(now, zone)


@given(instants, st.lists(lengths, max_size=2), instants, zones)
def test_an_instant_comes_again_in_the_first_year_in_which_it_is_not_over(
    base: Instant, shifts: list[str], now: Instant, zone: str
) -> None:
    anchor = Anchor(base, shifts)
    found = anchor.in_a_coming_year(now, zone)
    assert found >= now
    assert found == anchor.moment(now, zone) or found - now <= 367 * DAY


@given(st.sampled_from(["-", ""]), st.sampled_from(["d", "w", "mo", "y", "h"]), zones, st.none() | st.just("09:00"))
def test_no_length_of_time_leads_out_of_the_calendar(sign: str, unit: str, zone: str, clock: str | None) -> None:
    now, far = at("2026-03-02 11:00"), [f"{sign}100000{unit}"] * 3
    for base in (date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)):
        instant = from_datetime(datetime.combine(base, time(), tzinfo=UTC))
        for anchor in (Anchor(base, far, clock), Anchor(instant, far, clock)):
            to_datetime(anchor.moment(now, zone))
            assert anchor.in_a_coming_year(now, zone) >= now


def test_at_the_end_of_the_calendar_a_wait_is_over() -> None:
    now = at("9998-12-31 23:59", "UTC")
    assert next_weekday(now, "monday", "10:00", "UTC") >= now
    assert next_of_month(now, "last", "day", "10:00", "UTC") >= now


@pytest.mark.parametrize(("text", "base"), [
    ("2026-05-17", date(2026, 5, 17)),
    ("1772467200000", 1_772_467_200_000),
    ("1772467200000.0", 1_772_467_200_000),
    ("-1000", -1000),
    ("", None),
    ("soon", None),
    ("2026-02-30", None),
    ("17/05/2026", None),
    ("0999-12-31", None),
    ("9000-01-01", None),
    ("nan", None),
    ("inf", None),
    ("1e300", None),
    ("99999999999999999", None),
])  # fmt: skip
def test_only_a_date_or_an_instant_is_one(text: str, base: date | Instant | None) -> None:
    assert text_to_base(text) == base


@given(st.text(max_size=12))
def test_any_text_can_be_asked_whether_it_is_a_date(text: str) -> None:
    assert text_to_base(text) is None or isinstance(text_to_base(text), date | int)


# Every change of the clocks


@cache
def changes() -> tuple[tuple[str, Instant, timedelta], ...]:
    """(zone, when, by how much) of every change of the clocks from 2020 to 2037, each once for zones that agree."""
    found: dict[tuple[tuple[Instant, timedelta], ...], str] = {}
    week, end = timedelta(days=7), datetime(2038, 1, 1, tzinfo=UTC)
    moments = [datetime(2020, 1, 1, tzinfo=UTC)]
    while moments[-1] < end:
        moments.append(moments[-1] + week)
    for name in sorted(available_timezones()):
        zone = ZoneInfo(name)
        offsets = [moment.astimezone(zone).utcoffset() for moment in moments]
        changed = ((moments[i], moments[i + 1]) for i, (a, b) in enumerate(pairwise(offsets)) if a != b)
        found.setdefault(tuple(_change(*each, zone) for each in changed), name)
    return tuple((name, when, by) for each, name in found.items() for when, by in each)


def _change(low: datetime, high: datetime, zone: ZoneInfo) -> tuple[Instant, timedelta]:
    before, after = low.astimezone(zone).utcoffset(), high.astimezone(zone).utcoffset()
    assert before is not None and after is not None
    while high - low > timedelta(minutes=1):
        middle = low + ((high - low) / 2 // timedelta(minutes=1)) * timedelta(minutes=1)
        low, high = (middle, high) if middle.astimezone(zone).utcoffset() == before else (low, middle)
    return from_datetime(high), after - before


def test_a_wait_of_a_day_keeps_the_time_of_day_over_every_change_of_the_clocks() -> None:
    assert len(changes()) > 1_000
    for zone, when, _ in changes():
        for start in (when - DAY - HOUR, when - DAY, when - DAY + 30 * MINUTE, when - 1, when - 30 * MINUTE):
            began, end = local(start, zone), Duration.parse("1d").after(start, zone)
            day = began.date() + timedelta(days=1)
            assert shows(end, day, began.time(), zone), (zone, to_datetime(start))
            assert end > start


def test_until_a_time_of_day_is_the_first_time_that_clocks_show_it_over_every_change_of_the_clocks() -> None:
    for zone, when, by in changes():
        for now in (when - HOUR, when - 1, when, when + HOUR):
            for wanted in (local(when, zone), local(when, zone) - by / 2, local(when, zone) + timedelta(minutes=15)):
                clock = wanted.strftime("%H:%M")
                then = next_wall_clock(now, clock, zone)
                today = local(now, zone).date()
                candidates = [on_day(now, today + timedelta(days=ahead), clock, zone) for ahead in (-1, 0, 1, 2)]
                assert then == min(each for each in candidates if each > now)
                days = (local(then, zone).date() - timedelta(days=back) for back in (0, 1))
                assert any(shows(then, day, time.fromisoformat(clock), zone) for day in days), (zone, clock)
