"""Conditions and values with a meaning: what predicates are made of, JSON both ways.

A comparison with a missing value is false, and so `not` of it is true: nothing is ever unknown. Both interpreters of
predicates (SQL and plain Python) keep that rule.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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

    `op` is one of `= != < <= > >=`; for an instant or a date on the left and a duration (as text) on the right, one
    of `before` (longer ago than), `within` (no longer ago than, and not in the future); for texts one of `contains`,
    `starts`, `ends`, whatever the case of the letters.
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


@dataclass(frozen=True, slots=True)
class Known:
    """True where there is a value."""

    value: Expression


@dataclass(frozen=True, slots=True)
class Now:
    """`now`, an instant, or `today`, the date of the same moment by the clock of the conversation."""

    type: ValueType


@dataclass(frozen=True, slots=True)
class Day:
    """The date of an instant by the clock of the conversation."""

    value: Expression


@dataclass(frozen=True, slots=True)
class Shift:
    """A date or an instant, a length of time later: `today + 14d`; `duration` begins with `-` for earlier."""

    value: Expression
    duration: str
    type: ValueType


@dataclass(frozen=True, slots=True)
class Gap:
    """How many whole `days`, `weeks`, `months` or `years` lie between two dates; negative backwards."""

    unit: str
    start: Expression
    end: Expression


@dataclass(frozen=True, slots=True)
class Calc:
    """`left op right` of two numbers, where `op` is `+ - *` or `/`; `program.arithmetic` says what is missing when."""

    op: str
    left: Expression
    right: Expression


Expression = Constant | Field | Call | Compare | Not | All | AnyOf | Known | Now | Day | Shift | Gap | Calc


def to_json(expression: Expression) -> list[Any]:  # noqa: C901, PLR0911, PLR0912 - one for each node
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
        case Known(value):
            return ["known", to_json(value)]
        case Now(type_):
            return ["now", type_.value]
        case Day(value):
            return ["day", to_json(value)]
        case Shift(value, duration, type_):
            return ["shift", to_json(value), duration, type_.value]
        case Gap(unit, start, end):
            return ["gap", unit, to_json(start), to_json(end)]
        case Calc(op, left, right):
            return ["calc", op, to_json(left), to_json(right)]


def from_json(data: list[Any]) -> Expression:  # noqa: C901, PLR0911, PLR0912 - one for each node
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
        case ["known", value]:
            return Known(from_json(value))
        case ["now", type_]:
            return Now(ValueType(type_))
        case ["day", value]:
            return Day(from_json(value))
        case ["shift", value, duration, type_]:
            return Shift(from_json(value), duration, ValueType(type_))
        case ["gap", unit, start, end]:
            return Gap(unit, from_json(start), from_json(end))
        case ["calc", op, left, right]:
            return Calc(op, from_json(left), from_json(right))
    raise ValueError(f"not an expression: {data!r}")


def number(value: int | Decimal) -> Constant:
    """A number constant; a Decimal becomes an int where it is whole."""
    whole = int(value)
    return Constant(ValueType.NUMBER, whole if whole == value else float(value))


def parts_of(expression: Expression) -> tuple[Expression, ...]:
    """The expressions directly inside one."""
    match expression:
        case Compare(_, left, right) | Calc(_, left, right):
            return (left, right)
        case All(items) | AnyOf(items):
            return items
        case Not(item) | Known(item) | Day(item) | Shift(item):
            return (item,)
        case Gap(_, start, end):
            return (start, end)
    return ()


def walk(expression: Expression) -> Iterator[Expression]:
    """An expression and everything inside it, the outer before the inner."""
    yield expression
    for part in parts_of(expression):
        yield from walk(part)


def nesting(expression: Expression) -> int:
    """How deep an expression becomes as SQL, where `a and b and c` is `(a and b) and c`."""
    parts = parts_of(expression)
    chained = len(parts) if isinstance(expression, All | AnyOf) and not is_choice(expression) else 1
    return chained + max(map(nesting, parts), default=0)


def is_choice(expression: Expression) -> bool:
    """Whether an expression asks for one of several constants: `country in ("US", "CA")`."""
    if not isinstance(expression, AnyOf):
        return False
    first = expression.items[0]
    return isinstance(first, Compare) and all(
        isinstance(item, Compare) and item.op == "=" and item.left == first.left and isinstance(item.right, Constant)
        for item in expression.items
    )
