"""What passes between the stages of an import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from conductor_dsl.language.expressions import ValueType


class Row(NamedTuple):
    """A row of a file; a tuple, for there are millions.

    `line` is where it begins. `original` holds the cells of CSV, or the text where it cannot be read as cells. `values`
    maps columns to text (CSV) or JSON values; it is None for a row that cannot be read, for the reason in `problem`.
    """

    line: int
    original: list[str] | str
    values: dict[str, object] | None
    problem: str = ""


class BadRow(Exception):  # noqa: N818 - not a fault of the program: the row goes to the rejects file
    """A row that cannot be stored; the message is the reason, as its author reads it."""


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What the project says about the data.

    `zone` is for instants without an offset, `country` for phone numbers without a country code. `fields` are the
    declared fields of contacts, `events` those of each declared event; `lists` are the known lists, and any name goes
    where it is empty. `pool` is the pool that coupon codes are for.
    """

    zone: str = "UTC"
    country: str = "US"
    fields: Mapping[str, ValueType] = field(default_factory=dict)
    events: Mapping[str, Mapping[str, ValueType]] = field(default_factory=dict)
    lists: frozenset[str] = frozenset()
    pool: str = ""


@dataclass(frozen=True, slots=True)
class ImportResult:
    """How an import went, in rows; `read` is the sum of the three others.

    `unchanged` counts the rows that told nothing new. `rejects_path` is None where no row was rejected. `warnings` are
    (message, hint).
    """

    read: int
    stored: int
    unchanged: int
    rejected: int
    rejects_path: Path | None
    warnings: tuple[tuple[str, str], ...] = ()
