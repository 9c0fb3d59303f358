"""From the values of a test to the values that a file would have."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time

from conductor_dsl.language.bound import Formula
from conductor_dsl.language.expressions import Constant, Expression, Now, Shift, ValueType
from conductor_dsl.runtime.rehearse.local_time import to_local
from conductor_dsl.shared.clock import Instant, to_iso
from conductor_dsl.shared.duration import Duration, wall_to_instant

NOON = time(12)


def fields_to_row(fields: Iterable[tuple[str, Formula]], now: Instant, zone: str) -> dict[str, object]:
    """Names with values as of an instant."""
    return {name: formula_to_value(formula, now, zone) for name, formula in fields}


def formula_to_value(formula: Formula, now: Instant, zone: str) -> object:
    """A fixed value: as it stands, a date as `YYYY-MM-DD`, a point in time as ISO 8601."""
    match formula.expression:
        case Constant(_, value):
            return value
        case Now(ValueType.DATE) | Shift(type=ValueType.DATE):
            return to_local(_instant(formula.expression, now, zone), zone).date().isoformat()
    return to_iso(_instant(formula.expression, now, zone))


def _instant(expression: Expression, now: Instant, zone: str) -> Instant:
    """The point in time that an expression means; a date is its noon."""
    match expression:
        case Now():
            return now
        case Constant(ValueType.DATE, day):
            return wall_to_instant(datetime.combine(date.fromisoformat(str(day)), NOON), zone)
        case Shift(value, duration):
            length = Duration.parse(duration.removeprefix("-"))
            move = length.before if duration.startswith("-") else length.after
            return move(_instant(value, now, zone), zone)
    raise TypeError(f"{expression!r} is not a fixed value")
