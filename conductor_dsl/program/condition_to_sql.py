"""From a condition to a SQLAlchemy expression with bound values only.

Nothing is ever unknown: each comparison is wrapped so that a missing value makes it false, and `not` of it true.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa

from conductor_dsl.language.bind_types import value_type
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
from conductor_dsl.program.facts import SqlFacts
from conductor_dsl.program.json_sql import json_flag, json_number, json_word
from conductor_dsl.shared.clock import to_datetime
from conductor_dsl.shared.duration import Duration

SqlPredicate = Callable[[SqlFacts, Mapping[str, Any]], sa.ColumnElement[Any]]
OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_SQL_TYPES: Mapping[ValueType, sa.types.TypeEngine[Any]] = {
    ValueType.NUMBER: sa.Float(),
    ValueType.BOOLEAN: sa.Boolean(),
    ValueType.INSTANT: sa.BigInteger(),
}


def condition_to_sql(
    expression: Expression, facts: SqlFacts, predicates: Mapping[str, SqlPredicate]
) -> sa.ColumnElement[bool]:
    """A boolean expression that is never NULL."""
    match expression:
        case All(items):
            return sa.and_(sa.true(), *(condition_to_sql(item, facts, predicates) for item in items))
        case AnyOf(items):
            return sa.or_(sa.false(), *(condition_to_sql(item, facts, predicates) for item in items))
        case Not(item):
            return sa.not_(condition_to_sql(item, facts, predicates))
        case Compare("before" | "within"):
            return _known(_compare_age(expression, facts, predicates))
        case Compare(op, left, right):
            return _known(OPERATORS[op](value_to_sql(left, facts, predicates), value_to_sql(right, facts, predicates)))
        case _:
            return _known(value_to_sql(expression, facts, predicates))


def _known(condition: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    return sa.func.coalesce(condition, sa.false(), type_=sa.Boolean())


def _compare_age(compare: Compare, facts: SqlFacts, predicates: Mapping[str, SqlPredicate]) -> sa.ColumnElement[bool]:
    value = value_to_sql(compare.left, facts, predicates)
    since, now = age_limits(compare, facts.now)
    if compare.op == "before":
        return value <= since
    return sa.and_(value > since, value <= now)


def age_limits(compare: Compare, now: int) -> tuple[int | str, int | str]:
    """The instants, or for a date the days, between which `within` holds: (exclusive, inclusive)."""
    assert isinstance(compare.right, Constant)
    since = Duration.parse(str(compare.right.value)).before(now)
    if value_type(compare.left) is ValueType.DATE:
        return to_datetime(since).date().isoformat(), to_datetime(now).date().isoformat()
    return since, now


def value_to_sql(
    expression: Expression, facts: SqlFacts, predicates: Mapping[str, SqlPredicate]
) -> sa.ColumnElement[Any]:
    """The value of an expression; NULL where it is missing."""
    match expression:
        case Constant(type_, value):
            return sa.bindparam(None, value, _SQL_TYPES.get(type_, sa.Text()))
        case Field(name, type_):
            return field_to_sql(name, type_, facts)
        case Call(name, _, arguments):
            return predicates[name](facts, arguments)
        case _:
            return condition_to_sql(expression, facts, predicates)


def field_to_sql(name: str, type_: ValueType, facts: SqlFacts) -> sa.ColumnElement[Any]:
    """A field of the contact, or of the entry event when the name begins with `event.`."""
    if name.startswith("event."):
        return _member(facts.payload if facts.payload is not None else sa.null(), name[len("event.") :], type_)
    if name in facts.contact.c:
        column = facts.contact.c[name]
        state = facts.contact.c.get(f"{name}_state")
        return column if state is None else sa.case((state == "valid", column))
    return _member(facts.contact.c.fields, name, type_)


def _member(json_text: Any, name: str, type_: ValueType) -> sa.ColumnElement[Any]:
    bound = sa.bindparam(None, name, sa.Text)
    if type_ in TEXTUAL or type_ is ValueType.DATE:
        return json_word(json_text, bound)
    return json_flag(json_text, bound) if type_ is ValueType.BOOLEAN else json_number(json_text, bound)
