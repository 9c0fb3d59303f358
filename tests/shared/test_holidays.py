"""Holidays as rules, against a library that knows them all."""

from __future__ import annotations

from datetime import date

import holidays
import pytest

from conductor_dsl.project.toml_to_hours import lines_to_hours
from conductor_dsl.shared.holidays import check_holiday, easter, holidays_of

YEARS = range(2021, 2038)


def test_the_holidays_of_the_usa_are_those_of_the_library() -> None:
    ours = holidays_of(lines_to_hours("US", ["holidays closed"]).closed, 2026)
    assert date(2026, 11, 26) in ours
    for year in YEARS:
        known = {day for day in holidays.country_holidays("US", years=range(year - 1, year + 2)) if day.year == year}
        found = holidays_of(lines_to_hours("US", ["holidays closed"]).closed, year)
        assert known <= found, (year, known - found)
        # Beside these there are only the weekends on which they fall.
        assert found - known == set(), (year, found - known)


def test_the_holidays_of_france_are_those_of_the_library() -> None:
    for year in YEARS:
        known = set(holidays.country_holidays("FR", years=year))
        assert holidays_of(lines_to_hours("FR", ["holidays closed"]).closed, year) == known


def test_a_state_has_the_holidays_of_its_country_and_its_own() -> None:
    louisiana = holidays_of(lines_to_hours("US-LA", ["holidays closed"]).closed, 2026)
    assert {date(2026, 2, 17), date(2026, 4, 3), date(2026, 7, 3)} <= louisiana  # Mardi Gras, Good Friday, observed
    assert date(2026, 2, 17) not in holidays_of(lines_to_hours("US", ["holidays closed"]).closed, 2026)


@pytest.mark.parametrize(
    ("rule", "day"),
    [
        ("07-04", date(2026, 7, 4)),
        ("third monday 01", date(2026, 1, 19)),
        ("last monday 05", date(2026, 5, 25)),
        ("fourth thursday 11+1", date(2026, 11, 27)),
        ("easter-2", date(2026, 4, 3)),
        ("02-29+1", date(2028, 3, 1)),
    ],
)
def test_a_rule_gives_a_day_of_each_year(rule: str, day: date) -> None:
    assert holidays_of((rule,), day.year) == {day}


def test_a_holiday_on_a_weekend_may_be_observed_in_another_year() -> None:
    assert holidays_of(("01-01 observed",), 2021) == {date(2021, 1, 1), date(2021, 12, 31)}
    assert holidays_of(("02-29",), 2027) == set()


@pytest.mark.parametrize("rule", ["", "christmas", "13-01", "02-30", "fifth monday 01", "third monday", "easter2"])
def test_what_is_no_rule_is_refused(rule: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        check_holiday(rule)


def test_easter_is_where_the_church_has_it() -> None:
    known = {2000: (4, 23), 2008: (3, 23), 2011: (4, 24), 2025: (4, 20), 2026: (4, 5), 2038: (4, 25)}
    assert {year: (easter(year).month, easter(year).day) for year in known} == known
