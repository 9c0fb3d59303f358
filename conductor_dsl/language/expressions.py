"""Conditions and values with a meaning: what predicates are made of, JSON both ways.

A comparison with a missing value is false, and so `not` of it is true: nothing is ever unknown. Both interpreters of
predicates (SQL and plain Python) keep that rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any


class ValueType(StrEnum):
    """The types of fields and values. An instant is milliseconds since 1970, a date is "YYYY-MM-DD"."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    INSTANT = "instant"
    PHONE = "phone"
    EMAIL = "email"
    ZONE = "zone"


TEXTUAL = frozenset({ValueType.TEXT, ValueType.PHONE, ValueType.EMAIL, ValueType.ZONE})


@dataclass(frozen=True, slots=True)
class Constant:
    """A value that stands in the script; numbers are int or float."""

    type: ValueType
    value: str | int | float | bool


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the contact, or of the entry event (`event.total`)."""

    name: str
    type: ValueType


@dataclass(frozen=True, slots=True)
class Call:
    """A predicate or measure of the vocabulary with its arguments, as JSON values (durations as written: `60d`)."""

    name: str
    type: ValueType
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Compare:
    """`left op right`.

    `op` is one of `= != < <= > >=`, or, for an instant or a date on the left and a duration (as text) on the right, one
    of `before` (longer ago than), `within` (no longer ago than, and not in the future).
    """

    op: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Not:
    """True where the item is false."""

    item: Expression


@dataclass(frozen=True, slots=True)
class All:
    """`and`."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """`or`."""

    items: tuple[Expression, ...]


Expression = Constant | Field | Call | Compare | Not | All | AnyOf


def to_json(expression: Expression) -> list[Any]:
    """An expression as nested lists, the first item naming the node."""
    match expression:
        case Constant(type_, value):
            return ["constant", type_.value, value]
        case Field(name, type_):
            return ["field", name, type_.value]
        case Call(name, type_, arguments):
            return ["call", name, type_.value, dict(arguments)]
        case Compare(op, left, right):
            return ["compare", op, to_json(left), to_json(right)]
        case Not(item):
            return ["not", to_json(item)]
        case All(items):
            return ["all", *map(to_json, items)]
        case AnyOf(items):
            return ["any", *map(to_json, items)]


def from_json(data: list[Any]) -> Expression:
    """The inverse of `to_json`."""
    match data:
        case ["constant", type_, value]:
            return Constant(ValueType(type_), value)
        case ["field", name, type_]:
            return Field(name, ValueType(type_))
        case ["call", name, type_, arguments]:
            return Call(name, ValueType(type_), arguments)
        case ["compare", op, left, right]:
            return Compare(op, from_json(left), from_json(right))
        case ["not", item]:
            return Not(from_json(item))
        case ["all", *items]:
            return All(tuple(map(from_json, items)))
        case ["any", *items]:
            return AnyOf(tuple(map(from_json, items)))
    raise ValueError(f"not an expression: {data!r}")


def number(value: int | Decimal) -> Constant:
    """A number constant; a Decimal becomes an int where it is whole."""
    whole = int(value)
    return Constant(ValueType.NUMBER, whole if whole == value else float(value))
