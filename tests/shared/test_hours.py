"""Hours by the wall clock, and the instants inside, against a walk minute by minute."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from zoneinfo import ZoneInfo, available_timezones

import pytest

from conductor_dsl.project.toml_to_hours import lines_to_hours
from conductor_dsl.shared.clock import DAY, HOUR, Instant, from_datetime, to_datetime
from conductor_dsl.shared.hours import Rule, daily, next_opening, open_spans
from tests.shared.minutes import MINUTE, Wall, changes, openings, some_lines

NY, LA, TOKYO = "America/New_York", "America/Los_Angeles", "Asia/Tokyo"
ZONES = sorted(available_timezones() - {"localtime"})
CHANGING = (NY, "Europe/London", "Australia/Lord_Howe", "Africa/Casablanca", "America/St_Johns", "Asia/Gaza")
FIRST, LAST = 2020, 2037
PROBED = 2 * 24 * 60
"""Minutes of each story of which the next opening is asked; it is told for twice as long."""
STORIES = 700
HOURS = ("mon-sun 09:00-20:00", "mon-sun 01:15-03:45", "mon-sun 22:00-02:30")


def at(text: str, zone: str = NY) -> Instant:
    return from_datetime(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)))


def wall(instant: Instant, zone: str = NY) -> str:
    return to_datetime(instant).astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


def opening(now: str, *rules: tuple[str, str], least: int = MINUTE) -> tuple[str, str] | None:
    """From when and until when, by the clock of the first zone."""
    found = next_opening([Rule(lines_to_hours("XX", [line]), zone, "") for zone, line in rules], at(now), least)
    return None if found is None else (wall(found[0]), wall(found[1]))


@pytest.mark.parametrize(
    ("now", "line", "opens", "closes"),
    [
        ("2026-03-02 08:59", "mon-sun 09:00-20:00", "2026-03-02 09:00", "2026-03-02 20:00"),
        ("2026-03-02 19:58", "mon-sun 09:00-20:00", "2026-03-02 19:58", "2026-03-02 20:00"),
        ("2026-03-02 20:00", "mon-sun 09:00-20:00", "2026-03-03 09:00", "2026-03-03 20:00"),
        ("2026-03-02 21:59", "mon-sun 22:00-06:00", "2026-03-02 22:00", "2026-03-03 06:00"),  # past midnight
        ("2026-03-02 23:30", "mon-sun 19:00-00:00", "2026-03-02 23:30", "2026-03-03 00:00"),
        ("2026-03-06 20:00", "mon-fri 09:00-20:00", "2026-03-09 09:00", "2026-03-09 20:00"),  # over a weekend
        ("2026-03-07 23:00", "mon-sun 02:15-02:45", "2026-03-09 02:15", "2026-03-09 02:45"),  # the hour is skipped
        ("2026-03-08 01:30", "mon-sun 01:00-04:00", "2026-03-08 01:30", "2026-03-08 04:00"),  # two hours, over the gap
    ],
)
def test_a_message_goes_out_now_or_when_the_window_opens_next(now: str, line: str, opens: str, closes: str) -> None:
    assert opening(now, (NY, line)) == (opens, closes)


def test_an_hour_that_comes_twice_is_open_twice() -> None:
    rule = Rule(lines_to_hours("XX", ["mon-sun 01:00-02:00"]), NY, "")
    first = at("2026-11-01 01:00")
    assert next_opening([rule], first - HOUR) == (first, first + 2 * HOUR)
    half = Rule(lines_to_hours("XX", ["mon-sun 01:00-01:30"]), NY, "")
    assert next_opening([half], first + 31 * MINUTE) == (first + HOUR, first + HOUR + 30 * MINUTE)


def test_all_zones_have_to_be_open() -> None:
    coasts = ((NY, "mon-sun 09:00-20:00"), (LA, "mon-sun 09:00-20:00"))
    assert opening("2026-03-02 10:00", *coasts) == ("2026-03-02 12:00", "2026-03-02 20:00")
    assert opening("2026-03-02 10:00", *coasts, (TOKYO, "mon-sun 12:00-13:00")) is None


def test_what_is_open_for_less_than_is_asked_for_is_passed_over() -> None:
    day = (NY, "mon-sun 09:00-20:00")
    assert opening("2026-03-02 19:58", day, least=3 * MINUTE) == ("2026-03-03 09:00", "2026-03-03 20:00")


def test_hours_around_the_clock_never_close() -> None:
    now = at("2026-03-02 12:00")
    found = next_opening([Rule(daily(0, 24 * 60), NY, "")], now)
    assert found is not None
    assert (found[0], found[1] - now > DAY) == (now, True)
    assert next_opening([], now, DAY) is not None


def test_nothing_goes_out_on_a_holiday() -> None:
    hours = lines_to_hours("US", ["mon-fri 10:00-18:00", "holidays closed"])
    thursday = next_opening([Rule(hours, NY, "")], at("2026-11-25 18:00"))  # before Thanksgiving
    assert thursday is not None
    assert wall(thursday[0]) == "2026-11-27 10:00"
    christmas = next_opening([Rule(hours, NY, "")], at("2021-12-23 18:00"))  # Saturday, observed on Friday
    assert christmas is not None
    assert wall(christmas[0]) == "2021-12-27 10:00"


def test_a_window_that_is_closed_for_weeks_is_found() -> None:
    closed = [f"closed 12-{day:02}" for day in range(10, 31)]
    rule = Rule(lines_to_hours("XX", ["mon-sun 09:00-20:00", *closed]), NY, "")
    found = next_opening([rule], at("2026-12-09 20:00"))
    assert found is not None
    assert wall(found[0]) == "2026-12-31 09:00"


def a_story(dice: Random) -> tuple[int, list[Wall], list[Rule]]:
    """A moment close to a change of clocks, and what holds there: walls for the walk, and rules for the engine."""
    zone = dice.choice(CHANGING)
    change = dice.choice(
        [*changes(zone, *([dice.randint(FIRST, LAST)] * 2)), dice.randint(1_600_000_000, 2_100_000_000) * 1000]
    )
    start = (change - dice.randint(0, DAY)) // MINUTE * MINUTE
    zones = (
        {zone, *dice.sample(ZONES, dice.choice((0, 0, 1, 1, 2, 5)))} if dice.random() < 0.95 else dice.sample(ZONES, 42)
    )
    walls, rules = [], []
    for name in zones:
        for lines in {some_lines(dice), ("mon-sun 08:00-21:00",)}:
            off = to_datetime(start + dice.randint(0, DAY)).date()
            closed = [off] if dice.random() < 0.2 else []
            more = [f"closed {day:%m-%d}" for day in closed]
            walls.append(Wall(name, lines, frozenset(closed)))
            rules.append(Rule(lines_to_hours("XX", [*lines, *more]), name, ""))
    return start, walls, rules


def differences(dice: Random, probed: int) -> list[str]:
    """Where the engine and the walk differ in one story, asked at every minute."""
    start, walls, rules = a_story(dice)
    end = start + 2 * probed * MINUTE
    found = []
    for minute, expected in enumerate(openings(walls, start, 2 * probed)[:probed]):
        now = start + minute * MINUTE
        told = next_opening(rules, now)
        clipped = None if told is None or told[0] >= end else (told[0], min(told[1], end))
        if clipped != expected:
            found.append(f"{walls} at {datetime.fromtimestamp(now / 1000, UTC)}: {told}, not {expected}")
    return found


def test_the_engine_and_a_walk_minute_by_minute_agree() -> None:
    dice = Random(1)
    assert [each for _ in range(6) for each in differences(dice, 720)] == []  # 4,320 checks


@pytest.mark.windows
def test_the_engine_and_a_walk_minute_by_minute_agree_two_million_times() -> None:
    dice = Random(2)
    assert [each for _ in range(STORIES) for each in differences(dice, PROBED)] == []


def around(zone: str, change: int) -> list[str]:
    """Where spans and the wall clock differ, a minute and a moment around every boundary near a change of clocks."""
    found, day = [], change // DAY
    for line in HOURS:
        hours, own = lines_to_hours("XX", [line]), Wall(zone, (line,))
        spans = [span for near in (day - 1, day, day + 1) for span in open_spans(hours, zone, near)]
        edges = {change, *(edge for span in spans for edge in span)}
        for probe in sorted({edge + off for edge in edges for off in (-MINUTE, -1, 0, 1, MINUTE)}):
            is_known = (day - 1) * DAY <= probe < (day + 2) * DAY
            if is_known and own.is_open(probe) != any(start <= probe < end for start, end in spans):
                found.append(f"{zone} {line} at {datetime.fromtimestamp(probe / 1000, UTC)}")
    return found


def sweep(zones: tuple[str, ...], first: int, last: int) -> tuple[int, list[str]]:
    """How many changes of clocks there are, and where anything is wrong at them."""
    count, found = 0, []
    for zone in zones:
        for change in changes(zone, first, last):
            count += 1
            found += around(zone, change)
    return count, found


def test_windows_keep_to_the_wall_clock_when_clocks_change() -> None:
    count, found = sweep(CHANGING, 2026, 2026)
    assert (count > 10, found) == (True, [])


@pytest.mark.windows
def test_windows_keep_to_the_wall_clock_at_every_change_of_every_zone() -> None:
    count, found = sweep(tuple(ZONES), FIRST, LAST)
    assert (count > 6_000, found) == (True, [])


def test_the_days_around_a_missing_day_are_there() -> None:
    """Samoa had no 30th of December 2011."""
    hours = lines_to_hours("XX", ["mon-sun 09:00-20:00"])
    start = at("2011-12-29 20:00", "Pacific/Apia")
    found = next_opening([Rule(hours, "Pacific/Apia", "")], start)
    assert found is not None
    assert wall(found[0], "Pacific/Apia") == "2011-12-31 09:00"
