"""From the hours that come with Conductor, and those of `conductor.toml`, to a book of hours.

A line of `conductor.toml` reads `mon-sat 09:00-21:00`, `holidays closed` or `closed 12-24`; the lines of a region take
the place of what comes with Conductor.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

from conductor_dsl.shared.holidays import check_holiday
from conductor_dsl.shared.hour_book import HourBook
from conductor_dsl.shared.hours import WHOLE_DAY, Hours, Span, daily, meet

PACK = "hours.toml"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CLOSED = "closed"
_DAY = "|".join(DAYS)
_LINE = re.compile(rf"({_DAY})(?:-({_DAY}))? (\S+)-(\S+)")
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")


@cache
def hours_of_law() -> HourBook:
    """The book that comes with Conductor."""
    pack = _pack()
    lines: dict[str, list[str]] = defaultdict(list)
    for each in pack["hours"]:
        lines[each["region"]] += [f"{each['days']} {each['from']}-{each['to']}", f"holidays {each['holidays']}"]
    areas = ((area, code) for code, state in pack["states"].items() for area in state["area_codes"].split())
    names = ((name.lower(), code) for code, state in pack["states"].items() for name in (state["name"], code[3:]))
    regions = {region: lines_to_hours(region, found) for region, found in lines.items()}
    return HourBook(regions, _gathered(names), _gathered(areas))


def with_windows(book: HourBook, windows: Mapping[str, Sequence[str]]) -> HourBook:
    """The book with the regions for which there are lines; ValueError for a line that cannot be read."""
    told = {region: lines_to_hours(region, lines) for region, lines in windows.items()}
    return replace(book, regions={**book.regions, **told})


def lines_to_hours(region: str, lines: Iterable[str]) -> Hours:
    """The hours of a region; a day that no line names has none, and one that several name has what is in all of them.

    Raises ValueError, which says what the line should be, for one that cannot be read.
    """
    week: list[tuple[Span, ...] | None] = [None] * len(DAYS)
    closed: tuple[str, ...] = ()
    for line in lines:
        word, _, rest = line.partition(" ")
        if word == "holidays" and rest in ("open", CLOSED):
            closed += _holidays(region) if rest == CLOSED else ()
        elif word == CLOSED:
            check_holiday(rest)
            closed += (rest,)
        else:
            days, spans = _line(line)
            for day in days:
                known = week[day]
                week[day] = spans if known is None else meet(known, spans)
    return Hours(tuple(spans or () for spans in week), closed)


def _line(line: str) -> tuple[list[int], tuple[Span, ...]]:
    """The days that a line names, and their hours."""
    match = _LINE.fullmatch(line)
    clocks = [_CLOCK.fullmatch(match[number]) for number in (3, 4)] if match else []
    if match is None or None in clocks:
        raise ValueError("write `mon-sat 09:00-21:00`, `holidays closed` or `closed 12-24`")
    first = DAYS.index(match[1])
    count = (DAYS.index(match[2] or match[1]) - first) % len(DAYS) + 1
    opens, closes = (_minutes(clock) for clock in clocks if clock)
    return [(first + ahead) % len(DAYS) for ahead in range(count)], daily(opens, closes).week[0]


def _minutes(clock: re.Match[str]) -> int:
    return WHOLE_DAY[1] if clock[1] is None else int(clock[1]) * 60 + int(clock[2])


def _holidays(region: str) -> tuple[str, ...]:
    """The holidays of a country, or of a state and its country; for what is no single country, those of all."""
    known: Mapping[str, list[str]] = _pack()["holidays"]
    country = region[:2]
    names = [name for name in known if name in (country, region) or not country.isupper()]
    return tuple(rule for name in names for rule in known[name])


@cache
def _pack() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath(PACK).read_text(encoding="utf-8"))


def _gathered(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for key, code in pairs:
        found[key] = (*found.get(key, ()), code)
    return found
