"""The hours that come with Conductor, and those that `conductor.toml` has instead."""

from __future__ import annotations

import tomllib
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from phonenumbers.geodata import GEOCODE_DATA

from conductor_dsl.project.settings import load_settings
from conductor_dsl.project.toml_to_hours import PACK, hours_of_law
from conductor_dsl.shared.errors import ConfigError
from conductor_dsl.shared.hour_book import UNKNOWN
from conductor_dsl.shared.hours import Span, meet
from conductor_dsl.shared.rules import Keep

BOOK = hours_of_law()
DATA: dict[str, Any] = tomllib.loads(files("conductor_dsl.project").joinpath(PACK).read_text(encoding="utf-8"))
MONDAY, SATURDAY, SUNDAY = date(2026, 3, 2), date(2026, 3, 7), date(2026, 3, 8)
THANKSGIVING = date(2026, 11, 26)


def settings(tmp_path: Path, text: str) -> Any:
    (tmp_path / "conductor.toml").write_text(text, encoding="utf-8")
    return load_settings(tmp_path, {})


def hours(*clocks: int) -> tuple[Span, ...]:
    return tuple((start * 60, end * 60) for start, end in zip(clocks[::2], clocks[1::2], strict=True))


@pytest.mark.parametrize(
    ("region", "monday", "saturday", "sunday"),
    [
        ("US", hours(8, 21), hours(8, 21), hours(8, 21)),
        ("US-FL", hours(8, 20), hours(8, 20), hours(8, 20)),
        ("US-TX", hours(9, 21), hours(9, 21), hours(12, 21)),
        ("US-RI", hours(9, 18), hours(10, 17), hours(10, 17)),
        ("US-LA", hours(8, 20), hours(8, 20), ()),
        ("US-MS", hours(8, 20), hours(8, 20), ()),
        ("US-PA", hours(8, 21), hours(8, 12), hours(8, 21)),
        ("US-IL", hours(9, 21), hours(9, 21), hours(9, 21)),
        ("FR", hours(8, 22), hours(10, 19), ()),
        ("unknown", hours(10, 18), (), ()),
    ],
)
def test_the_hours_of_a_region_by_day(
    region: str, monday: tuple[Span, ...], saturday: tuple[Span, ...], sunday: tuple[Span, ...]
) -> None:
    found = BOOK.regions[region]
    assert (found.on(MONDAY), found.on(SATURDAY), found.on(SUNDAY)) == (monday, saturday, sunday)


def test_some_states_are_closed_on_holidays() -> None:
    closed = {region for region, found in BOOK.regions.items() if not found.on(THANKSGIVING)}
    assert closed == {"US-AL", "US-LA", "US-PA", "unknown"}


def test_safe_hours_are_inside_the_hours_of_every_region_but_saturday_mornings() -> None:
    safe = BOOK.regions[UNKNOWN]
    for found in BOOK.regions.values():
        assert meet(safe.week[0], found.week[0]) == safe.week[0]
    assert not any(safe.week[5:])


def test_every_entry_says_where_it_comes_from_and_when_that_was_read() -> None:
    for entry in DATA["hours"]:
        assert set(entry) == {"region", "days", "from", "to", "holidays", "source", "verified_on", "confidence"}
        assert len(entry["source"]) > 10
        assert date(2026, 1, 1) <= entry["verified_on"] <= date(2100, 1, 1)
        assert entry["holidays"] in ("open", "closed")


def test_the_area_codes_are_those_that_the_library_knows() -> None:
    """A name such as `Philadelphia, PA` or `Nova Scotia/Prince Edward Island` is about one of the states."""
    odd = {"Washington State": "washington", "Washington D.C.": "dc", "British Colombia": "bc"}
    for prefix, names in GEOCODE_DATA.items():
        if len(prefix) == 4 and prefix[0] == "1":
            parts = [odd.get(part, part.rpartition(", ")[2].lower()) for part in names["en"].split("/")]
            assert {state for part in parts for state in BOOK.states[part]} == set(BOOK.area_codes[prefix[1:]]), prefix
    assert BOOK.area_codes["212"] == ("US-NY",)


def test_a_project_has_its_own_hours_in_place_of_those_that_come_with_conductor(tmp_path: Path) -> None:
    text = 'windows."US-TX" = ["mon-fri 10:00-17:00", "sat 10:00-12:00", "holidays closed", "closed 12-24"]'
    rules = settings(tmp_path, text).rules
    texas = rules.hours.regions["US-TX"]
    assert (texas.on(MONDAY), texas.on(SATURDAY), texas.on(SUNDAY)) == (hours(10, 17), hours(10, 12), ())
    assert texas.on(THANKSGIVING) == texas.on(date(2026, 12, 24)) == ()
    assert rules.hours.regions["US-FL"] == BOOK.regions["US-FL"]


def test_without_settings_the_law_holds_and_nothing_is_capped(tmp_path: Path) -> None:
    rules = load_settings(tmp_path, {}).rules
    assert (rules.hours, rules.caps, rules.spread) == (BOOK, (), 30 * 60_000)
    assert rules.keep == Keep()


def test_how_long_things_are_kept_comes_from_the_settings(tmp_path: Path) -> None:
    assert settings(tmp_path, 'retention = { history = "13mo" }').rules.keep == Keep("13mo", "")


def test_caps_and_spread_come_from_the_settings(tmp_path: Path) -> None:
    rules = settings(tmp_path, 'caps = { sms = "1 per 1d, 3 per 7d", email = "5 per 1w" }\nengine.spread = "0m"').rules
    assert rules.caps == (("sms", 1, "1d"), ("sms", 3, "7d"), ("email", 5, "1w"))
    assert rules.spread == 0


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ('windows."US-XX" = []', ":1: there is no region `US-XX`", "did you mean `US-TX`?"),
        ('windows.florida = ["mon-sun 09:00-20:00"]', "there is no region `florida`", "write a country"),
        ('windows.US = ["9-20"]', "`9-20` of the region `US` cannot be read", "write `mon-sat 09:00-21:00`"),
        ('windows.US = ["mon-sun 09:00-25:00"]', "cannot be read", "`holidays closed`"),
        ('windows.US = ["closed christmas"]', "`closed christmas` of the region", "`closed 12-24`"),
        ('windows.US = ["holidays closed"]', "the region `US` has no hours", '"mon-sun 00:00-24:00"'),
        ("windows.US = 9", "`US` is a list of texts", "write"),
        ('caps.sms = "3 a week"', "the cap `3 a week` cannot be read", 'write `sms = "3 per 7d"`'),
        ('caps.sms = "0 per 7d"', "the cap `0 per 7d` cannot be read", "write"),
        ('caps.push = "3 per 7d"', "unknown key `push` in `[caps]`", "`sms`"),
        ('engine.spread = "1d"', "`spread` is `1d`, which is no such time", "at most `6h`"),
        ('retention.history = "a year"', ":1: `history` is `a year`, which is no number of days", '`history = "400d"`'),
        ('retention.events = "48h"', "`events` is `48h`", '`events = "400d"`'),
        ('retention.messages = "1y"', "unknown key `messages` in `[retention]`", "`history`"),
        ('engine.spread = "soon"', "`spread` is `soon`", '`spread = "30m"`'),
    ],
)
def test_a_rule_that_cannot_be_read_is_shown_with_its_line(tmp_path: Path, text: str, message: str, hint: str) -> None:
    with pytest.raises(ConfigError) as found:
        settings(tmp_path, text)
    assert message in str(found.value)
    assert hint in str(found.value.hint)
