"""From the text of a cell, or a JSON value, to what is stored; BadRow, with the remedy, where that cannot be."""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from conductor_dsl.runtime.ingest.nouns import BadRow
from conductor_dsl.shared.clock import DAY, EPOCH, Instant
from conductor_dsl.shared.nearest import did_you_mean

LONGEST_KEY = 255
"""Longer ones do not fit into the indexes of every database."""

_MILLISECOND = timedelta(milliseconds=1)
_AMOUNT = re.compile(r"\d{1,12}(?:\.(\d{1,2})0*)?", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_YES = frozenset({"true", "yes", "y", "t", "1"})
_NO = frozenset({"false", "no", "n", "f", "0"})
_SHOWN = 40

to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
"""A value as JSON text, in the shortest form."""
quoted = json.encoder.encode_basestring
"""A text as JSON text, as `to_json` has it, for a fraction of the cost."""


def shown(text: str) -> str:
    """A value for a message: in backticks, and not too long."""
    return f"`{text if len(text) <= _SHOWN else text[:_SHOWN] + '...'}`"


def value_to_text(name: str, value: object) -> str:
    """A cell or a JSON scalar as text without white space around it; "" for None."""
    if isinstance(value, str):
        return value.strip()
    if value is None:
        return ""
    if isinstance(value, list | dict):
        raise BadRow(f"`{name}` is a JSON {'list' if isinstance(value, list) else 'object'}, not a text")
    return to_json(value)


def text_in(values: dict[str, object], name: str) -> str:
    """The text of a column that may be missing; then ""."""
    return value_to_text(name, values.get(name))


def key_in(values: dict[str, object], name: str) -> str:
    """The text of a column that identifies something; BadRow where it is empty or longer than 255 characters."""
    text = values.get(name)
    text = text.strip() if isinstance(text, str) else value_to_text(name, text)
    if 0 < len(text) <= LONGEST_KEY:
        return text
    raise BadRow(f"`{name}` is longer than {LONGEST_KEY} characters" if text else f"`{name}` is empty")


def optional_key_in(values: dict[str, object], name: str) -> str:
    """The text of a column that may identify something, or be missing or empty; then ""."""
    text = value_to_text(name, values.get(name))
    return key_in(values, name) if len(text) > LONGEST_KEY else text


def past_instant_in(values: dict[str, object], name: str, zone: str, now: Instant) -> Instant:
    """A required point in time, in milliseconds; BadRow where it is more than a day after `now`, or before 1970."""
    text = key_in(values, name)
    at = text_to_instant(name, text, zone)
    if at > now + DAY:
        raise BadRow(f"`{name}` {shown(text)} lies in the future")
    if at < 0:
        raise BadRow(f"`{name}` {shown(text)} is before 1970")
    return at


def text_to_instant(name: str, text: str, zone: str) -> Instant:
    """ISO 8601 as an instant; without an offset it is a wall-clock time in `zone`."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=_zone(zone))
        elif moment.tzinfo is not UTC:
            moment = moment.astimezone(UTC)
        return (moment - EPOCH) // _MILLISECOND
    except (ValueError, OverflowError):
        raise BadRow(f"`{name}` {shown(text)} is not a date and time; write `2026-03-02T10:00:00-05:00`") from None


_zone = lru_cache(maxsize=64)(ZoneInfo)


def text_to_cents(name: str, text: str) -> int:
    """An amount such as `119.00` in hundredths; 0 where it is blank."""
    if not text:
        return 0
    match = _AMOUNT.fullmatch(text)
    if match is None:
        raise BadRow(f"`{name}` {shown(text)} is not an amount; write `1234.50`, 0 or more, with two decimals at most")
    return int(Decimal(text).scaleb(2))


def text_to_number(name: str, text: str) -> int | float:
    """`12` or `-3.5`; BadRow for anything else, and for numbers too large to compare."""
    if _NUMBER.fullmatch(text) is None:
        raise BadRow(f"`{name}` {shown(text)} is not a number; write `1234.50`, without signs between the digits")
    number = float(text)
    if not math.isfinite(number):
        raise BadRow(f"`{name}` {shown(text)} is too large")
    return int(text) if text.lstrip("+-").isdigit() else number


def text_to_boolean(name: str, text: str) -> bool:
    """`true`, `yes`, `y`, `t`, `1`, or their opposites."""
    folded = text.casefold()
    if folded in _YES or folded in _NO:
        return folded in _YES
    raise BadRow(f"`{name}` {shown(text)} is neither `true` nor `false`")


def text_to_date(name: str, text: str) -> str:
    """A date as `YYYY-MM-DD`, checked against the calendar."""
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text).isoformat()
    except ValueError:
        raise BadRow(f"`{name}` {shown(text)} is not in the calendar") from None
    raise BadRow(f"`{name}` {shown(text)} is not a date; write `2026-03-31`")


def text_to_zone(name: str, text: str) -> str:
    """The name of a time zone; BadRow with the nearest name where there is none such."""
    problem = _zone_problem(text)
    if problem:
        raise BadRow(f"unknown {name} {shown(text)}; {problem}")
    return text


@lru_cache(maxsize=4096)
def _zone_problem(text: str) -> str | None:
    zones = available_timezones()
    return None if text in zones else did_you_mean(text, zones) or "a zone reads like `America/New_York`"
