"""The slow, obvious interpreter of conditions, for one contact in plain Python; tests compare SQL with it."""

from __future__ import annotations

from typing import Any

from conductor_dsl.language.bind_types import value_type
from conductor_dsl.language.expressions import (
    TEXTUAL,
    All,
    AnyOf,
    Calc,
    Call,
    Compare,
    Constant,
    Day,
    Expression,
    Field,
    Gap,
    Known,
    Not,
    Now,
    Shift,
    ValueType,
)
from conductor_dsl.program.arithmetic import calculate
from conductor_dsl.program.calendar import day_of, gap, moved_day, moved_instant
from conductor_dsl.program.condition_to_sql import OPERATORS, length_of, steps_of
from conductor_dsl.program.facts import PlainFacts
from conductor_dsl.program.fold import fold


def holds(expression: Expression, facts: PlainFacts) -> bool:
    """Whether a condition is true of a contact; a comparison with a missing value is false."""
    match expression:
        case All(items):
            return all(holds(item, facts) for item in items)
        case AnyOf(items):
            return any(holds(item, facts) for item in items)
        case Not(item):
            return not holds(item, facts)
        case Known(value):
            return value_of(value, facts) is not None
        case Compare("before" | "within"):
            return _aged(expression, facts)
        case Compare():
            return _compared(expression, facts)
        case _:
            return bool(value_of(expression, facts))


def _compared(compare: Compare, facts: PlainFacts) -> bool:
    left, right = value_of(compare.left, facts), value_of(compare.right, facts)
    if left is None or right is None:
        return False
    if compare.op in OPERATORS:
        return bool(OPERATORS[compare.op](left, right))
    text, part = str(fold(left)), str(fold(right))
    match compare.op:
        case "contains":
            return part in text
        case "starts":
            return text.startswith(part)
        case _:
            return text.endswith(part)


def _aged(compare: Compare, facts: PlainFacts) -> bool:
    value = value_of(compare.left, facts)
    since, now = _limits(compare, facts)
    if value is None or since is None or now is None:
        return False
    return bool(value <= since) if compare.op == "before" else _is_within(value, since, now)


def _is_within(value: Any, since: Any, now: Any) -> bool:
    return bool(since < value <= now)


def _limits(compare: Compare, facts: PlainFacts) -> tuple[Any, Any]:
    """The instants, or for a date the days, between which `within` holds: (exclusive, inclusive)."""
    length = length_of(compare)
    if value_type(compare.left) is ValueType.INSTANT:
        return facts.ago(length.text), facts.now
    if length.is_elapsed:
        return day_of(facts.ago(length.text), facts.zone), facts.today
    return moved_day(facts.today, -length.months, -length.days), facts.today


def value_of(expression: Expression, facts: PlainFacts) -> Any:  # noqa: PLR0911 - one for each node
    """The value of an expression for a contact, None when it is missing."""
    match expression:
        case Constant(_, value):
            return value
        case Field(name, type_):
            return _field(name, type_, facts)
        case Call(name, type_, arguments):
            answer = facts.predicates[name].plain(facts, arguments)
            return bool(answer) if type_ is ValueType.BOOLEAN else answer
        case Now(type_):
            return facts.now if type_ is ValueType.INSTANT else facts.today
        case Day(value):
            return day_of(value_of(value, facts), facts.zone)
        case Gap(unit, start, end):
            return gap(unit, value_of(start, facts), value_of(end, facts))
        case Calc(op, left, right):
            return calculate(op, value_of(left, facts), value_of(right, facts))
        case Shift():
            return _shifted(expression, facts)
        case _:
            return holds(expression, facts)


def _shifted(shift: Shift, facts: PlainFacts) -> Any:
    value = value_of(shift.value, facts)
    sign, length = steps_of(shift)
    if value is None:
        return None
    if shift.type is ValueType.DATE:
        return moved_day(value, sign * length.months, sign * length.days)
    if length.is_elapsed:
        return value + sign * length.millis
    return moved_instant(value, sign * length.months, sign * length.days, facts.zone)


def _field(name: str, type_: ValueType, facts: PlainFacts) -> Any:
    if name.startswith("event."):
        return _typed(facts.payload.get(name[len("event.") :]), type_)
    if name in facts.contact:
        known = facts.contact.get(f"{name}_state", "valid") == "valid"
        return facts.contact[name] if known else None
    return _typed(facts.fields.get(name), type_)


def _typed(value: Any, type_: ValueType) -> Any:
    if type_ in TEXTUAL or type_ is ValueType.DATE:
        return value if isinstance(value, str) else None
    if type_ is ValueType.BOOLEAN:
        return value if isinstance(value, bool) else None
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None
