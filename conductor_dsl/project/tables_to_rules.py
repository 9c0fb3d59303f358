"""From the tables of `conductor.toml` to the rules that hold for all conversations; and whether they can be read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from conductor_dsl.language.checks.declared_frequency import FREQUENCY
from conductor_dsl.project.toml_to_hours import hours_of_law, lines_to_hours, with_windows
from conductor_dsl.project.toml_to_tables import Toml
from conductor_dsl.shared.clock import HOUR
from conductor_dsl.shared.duration import Duration
from conductor_dsl.shared.hour_book import UNKNOWN
from conductor_dsl.shared.nearest import did_you_mean
from conductor_dsl.shared.rules import Keep, Rules

DEFAULT_SPREAD = "30m"
LONGEST_SPREAD = 6 * HOUR
_REGION = re.compile(rf"[A-Z]{{2}}(-[A-Z0-9]{{1,3}})?|\\*|{UNKNOWN}")

Tables = Mapping[str, Mapping[str, Any]]


def tables_to_rules(tables: Tables) -> Rules:
    """The rules of tables that have been checked."""
    book, windows = hours_of_law(), tables.get("windows", {})
    return Rules(
        with_windows(book, windows) if windows else book,
        tables.get("brand", {}).get("country", "US"),
        tuple(cap for channel, text in tables.get("caps", {}).items() for cap in _caps(channel, text)),
        Duration.parse(tables.get("engine", {}).get("spread", DEFAULT_SPREAD)).millis,
        Keep(**tables.get("retention", {})),
    )


def check_rules(toml: Toml, tables: Tables) -> None:
    """Raise ConfigError, with its line, for the first rule that cannot be read."""
    for region, lines in tables.get("windows", {}).items():
        _check_window(toml, region, lines)
    for channel, text in tables.get("caps", {}).items():
        if not all(FREQUENCY.fullmatch(each) and int(each.split()[0]) for each in text.split(", ")):
            hint = f'write `{channel} = "3 per 7d"`, or `"1 per 1d, 3 per 7d"`'
            raise toml.error(("caps", channel), f"the cap `{text}` cannot be read", hint)
    _check_spread(toml, tables.get("engine", {}).get("spread", DEFAULT_SPREAD))
    for key, length in tables.get("retention", {}).items():
        _check_keep(toml, key, length)


def _caps(channel: str, text: str) -> Iterator[tuple[str, int, str]]:
    for each in text.split(", "):
        count, _, period = each.split()
        yield channel, int(count), period


def _check_window(toml: Toml, region: str, lines: list[str]) -> None:
    path = ("windows", region)
    states = sorted({state for found in hours_of_law().area_codes.values() for state in found})
    is_state = region[:3] in ("US-", "CA-")
    if not _REGION.fullmatch(region) or (is_state and region not in states):
        hint = did_you_mean(region, states) or "write a country such as `FR`, a state such as `US-FL`, or `*`"
        raise toml.error(path, f"there is no region `{region}`", hint)
    for line in lines:
        try:
            lines_to_hours(region, [line])
        except ValueError:
            hint = "write `mon-sat 09:00-21:00`, `holidays closed` or `closed 12-24`"
            raise toml.error(path, f"`{line}` of the region `{region}` cannot be read", hint) from None
    if not any(lines_to_hours(region, lines).week):
        hint = 'write `"mon-sun 00:00-24:00"` for any hour'
        raise toml.error(path, f"the region `{region}` has no hours, so nobody there would get a text", hint)


def _check_spread(toml: Toml, text: str) -> None:
    try:
        spread = Duration.parse(text)
    except ValueError:
        spread = None
    if spread is None or not spread.is_elapsed or spread.millis > LONGEST_SPREAD:
        hint = 'write `spread = "30m"`, at most `6h`; `0m` spreads nothing'
        raise toml.error(("engine", "spread"), f"`spread` is `{text}`, which is no such time", hint)


def _check_keep(toml: Toml, key: str, text: str) -> None:
    try:
        length = Duration.parse(text)
    except ValueError:
        length = None
    if length is None or length.is_elapsed:
        hint = f'write `{key} = "400d"`, or `"13mo"`; leave it out to keep everything'
        raise toml.error(("retention", key), f"`{key}` is `{text}`, which is no number of days, months or years", hint)
