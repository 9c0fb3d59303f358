"""The slow, obvious interpreter of conditions, for one contact in plain Python; tests compare SQL with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from conductor_dsl.language.expressions import (
    TEXTUAL,
    All,
    AnyOf,
    Call,
    Compare,
    Constant,
    Expression,
    Field,
    Not,
    ValueType,
)
from conductor_dsl.program.condition_to_sql import OPERATORS, age_limits
from conductor_dsl.program.facts import PlainFacts

PlainPredicate = Callable[[PlainFacts, Mapping[str, Any]], Any]


def holds(expression: Expression, facts: PlainFacts, predicates: Mapping[str, PlainPredicate]) -> bool:
    """Whether a condition is true of a contact; a comparison with a missing value is false."""
    match expression:
        case All(items):
            return all(holds(item, facts, predicates) for item in items)
        case AnyOf(items):
            return any(holds(item, facts, predicates) for item in items)
        case Not(item):
            return not holds(item, facts, predicates)
        case Compare(op):
            return _compare(expression, facts, predicates) if op in OPERATORS else _age(expression, facts, predicates)
        case _:
            return bool(value_of(expression, facts, predicates))


def _compare(compare: Compare, facts: PlainFacts, predicates: Mapping[str, PlainPredicate]) -> bool:
    left = value_of(compare.left, facts, predicates)
    right = value_of(compare.right, facts, predicates)
    return left is not None and right is not None and bool(OPERATORS[compare.op](left, right))


def _age(compare: Compare, facts: PlainFacts, predicates: Mapping[str, PlainPredicate]) -> bool:
    value = value_of(compare.left, facts, predicates)
    since, now = age_limits(compare, facts.now)
    if value is None:
        return False
    return bool(value <= since if compare.op == "before" else since < value <= now)


def value_of(expression: Expression, facts: PlainFacts, predicates: Mapping[str, PlainPredicate]) -> Any:
    """The value of an expression for a contact, None when it is missing."""
    match expression:
        case Constant(_, value):
            return value
        case Field(name, type_):
            return _field(name, type_, facts)
        case Call(name, _, arguments):
            return predicates[name](facts, arguments)
        case _:
            return holds(expression, facts, predicates)


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
