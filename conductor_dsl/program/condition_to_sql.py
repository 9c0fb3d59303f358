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
    is_choice,
)
from conductor_dsl.program.facts import SqlFacts
from conductor_dsl.program.json_sql import json_flag, json_number, json_word
from conductor_dsl.program.own_functions import (
    cdx_calc,
    cdx_day,
    cdx_fold,
    cdx_gap,
    cdx_moved_day,
    cdx_moved_instant,
    text_position,
)
from conductor_dsl.shared.duration import Duration
from conductor_dsl.shared.errors import ConversationError

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


def condition_to_sql(expression: Expression, facts: SqlFacts) -> sa.ColumnElement[bool]:
    """A boolean expression that is never NULL."""
    match expression:
        case All(items):
            return sa.and_(sa.true(), *(condition_to_sql(item, facts) for item in items))
        case AnyOf(items):
            return _any_of(expression, items, facts)
        case Not(item):
            return sa.not_(condition_to_sql(item, facts))
        case Known(value):
            return value_to_sql(value, facts).is_not(None)
        case Compare():
            return _known(_compare(expression, facts))
        case _:
            return _known(value_to_sql(expression, facts))


def _known(condition: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    return sa.func.coalesce(condition, sa.false(), type_=sa.Boolean())


def _any_of(expression: AnyOf, items: tuple[Expression, ...], facts: SqlFacts) -> sa.ColumnElement[bool]:
    """`in` where one value is looked for among constants, else `or`."""
    if not is_choice(expression):
        return sa.or_(sa.false(), *(condition_to_sql(item, facts) for item in items))
    choices = [item for item in items if isinstance(item, Compare)]
    found = value_to_sql(choices[0].left, facts)
    return _known(found.in_([value_to_sql(choice.right, facts) for choice in choices]))


def _compare(compare: Compare, facts: SqlFacts) -> sa.ColumnElement[bool]:
    left = value_to_sql(compare.left, facts)
    if compare.op in ("before", "within"):
        since, now = _limits(compare, facts)
        return left <= since if compare.op == "before" else sa.and_(left > since, left <= now)
    right = value_to_sql(compare.right, facts)
    if compare.op in OPERATORS:
        compared: sa.ColumnElement[bool] = OPERATORS[compare.op](left, right)
        return compared
    return _searched(compare.op, cdx_fold(left), cdx_fold(right))


def _limits(compare: Compare, facts: SqlFacts) -> tuple[sa.ColumnElement[Any], sa.ColumnElement[Any]]:
    """The instants, or for a date the days, between which `within` holds: (exclusive, inclusive)."""
    length = length_of(compare)
    if value_type(compare.left) is ValueType.INSTANT:
        return facts.ago(length.text), facts.at_now()
    today = cdx_day(facts.at_now(), facts.zone)
    if length.is_elapsed:
        return cdx_day(facts.ago(length.text), facts.zone), today
    return cdx_moved_day(today, -length.months, -length.days), today


def length_of(compare: Compare) -> Duration:
    """The length of time behind `before` or `within`."""
    assert isinstance(compare.right, Constant)
    return Duration.parse(str(compare.right.value))


def _searched(op: str, text: sa.ColumnElement[str], part: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Whether a text holds another one; not by LIKE, to which some characters mean something."""
    if op == "contains":
        return text_position(text, part) > 0
    size = sa.func.length(part)
    if op == "starts":
        return sa.func.substr(text, 1, size) == part
    behind = sa.func.length(text) - size
    return sa.and_(behind >= 0, sa.func.substr(text, behind + 1) == part)


def value_to_sql(  # noqa: PLR0911 - one for each node
    expression: Expression, facts: SqlFacts
) -> sa.ColumnElement[Any]:
    """The value of an expression; NULL where it is missing."""
    match expression:
        case Constant(type_, value):
            return sa.bindparam(None, value, _SQL_TYPES.get(type_, sa.Text()))
        case Field(name, type_):
            return field_to_sql(name, type_, facts)
        case Call(name, type_, arguments):
            try:
                answer = facts.predicates[name].sql(facts, arguments)
            except ConversationError:
                raise
            except Exception as failure:
                raise ConversationError(facts.asking.name, failure) from failure
            return _known(answer) if type_ is ValueType.BOOLEAN else answer
        case Now(type_):
            return facts.at_now() if type_ is ValueType.INSTANT else cdx_day(facts.at_now(), facts.zone)
        case Day(value):
            return cdx_day(value_to_sql(value, facts), facts.zone)
        case Gap(unit, start, end):
            named = sa.bindparam(None, unit, sa.Text)
            return cdx_gap(named, value_to_sql(start, facts), value_to_sql(end, facts))
        case Calc(op, left, right):
            return cdx_calc(sa.bindparam(None, op, sa.Text), value_to_sql(left, facts), value_to_sql(right, facts))
        case Shift():
            return _shifted(expression, facts)
        case _:
            return condition_to_sql(expression, facts)


def _shifted(shift: Shift, facts: SqlFacts) -> sa.ColumnElement[Any]:
    value = value_to_sql(shift.value, facts)
    sign, length = steps_of(shift)
    if shift.type is ValueType.DATE:
        return cdx_moved_day(value, sign * length.months, sign * length.days)
    if length.is_elapsed:
        return value + sa.bindparam(None, sign * length.millis, sa.BigInteger)
    return cdx_moved_instant(value, sign * length.months, sign * length.days, facts.zone)


def steps_of(shift: Shift) -> tuple[int, Duration]:
    """How far a value is moved: 1 for later or -1 for earlier, and the length of time."""
    return -1 if shift.duration.startswith("-") else 1, Duration.parse(shift.duration.removeprefix("-"))


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
