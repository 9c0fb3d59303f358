"""From a condition to the contacts for whom it may have changed by the mere passing of time between two looks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from conductor_dsl.language.bind_types import value_type
from conductor_dsl.language.expressions import (
    Call,
    Compare,
    Day,
    Expression,
    Now,
    Shift,
    ValueType,
    from_json,
    parts_of,
)
from conductor_dsl.language.signatures import Kind, Param, PredicateSignature
from conductor_dsl.program.calendar import day_of, moved_day, moved_instant
from conductor_dsl.program.condition_to_sql import OPERATORS, length_of, steps_of, value_to_sql
from conductor_dsl.program.facts import SqlFacts
from conductor_dsl.shared.clock import DAY, Instant

Ranges = list[sa.ColumnElement[bool]]


def condition_to_crossings(expression: Expression, before: SqlFacts, now: SqlFacts) -> Ranges | None:
    """Conditions of which at least one holds for every such contact; None when it may be anybody.

    Each is a range of one value, so that an index on it finds the contacts.
    """
    match expression:
        case Now():
            return None
        case Call(name, _, arguments):
            return _called(name, arguments, before, now)
        case Compare("before" | "within", left):
            return _together([condition_to_crossings(left, before, now), _come_of_age(expression, before, now)])
        case Compare(op, left, right) if op in OPERATORS and _is_moment(left) != _is_moment(right):
            value, moment = (right, left) if _is_moment(left) else (left, right)
            passed = _passed(value_to_sql(value, now), moment, before, now)
            return _together([condition_to_crossings(value, before, now), passed])
    return _together([condition_to_crossings(part, before, now) for part in parts_of(expression)])


def _together(parts: list[Ranges | None]) -> Ranges | None:
    if any(part is None for part in parts):
        return None
    return [condition for part in parts if part for condition in part]


def _called(name: str, arguments: Mapping[str, Any], before: SqlFacts, now: SqlFacts) -> Ranges | None:
    """Where a predicate changes by its ages; anywhere, if something among its arguments changes by itself."""
    meaning = now.predicates[name]
    nested = [condition_to_crossings(each, before, now) for each in _nested(meaning.signature, arguments)]
    # The events that a condition of its own reads are not at hand here, so no range could be told.
    if meaning.ages is None or any(each is None or each for each in nested):
        return None
    aged = [(column, arguments[argument]) for column, argument in meaning.ages if argument in arguments]
    return [each for column, duration in aged for each in _crossed(column, duration, before, now)]


def _nested(signature: PredicateSignature, arguments: Mapping[str, Any]) -> Iterator[Expression]:
    """The conditions and values among the arguments of a predicate."""
    phrases = [*signature.forms, *(option.phrase for option in signature.options)]
    for place in (part for phrase in phrases for part in phrase if isinstance(part, Param)):
        if place.name in arguments and {Kind.PREDICATE, Kind.VALUE}.intersection(place.kinds):
            found = arguments[place.name]
            yield from map(from_json, found if place.many else [found])


def _crossed(column: str, duration: str, before: SqlFacts, now: SqlFacts) -> Ranges:
    """Where an instant came to an age; one in a table beside the contacts is written `orders.at`."""
    table, _, name = column.rpartition(".")
    at = now.tables[table or "contact"].c[name]
    ages = [
        sa.and_(at > before.ago(duration), at <= now.ago(duration)),
        sa.and_(at > before.at_now(), at <= now.at_now()),
    ]
    if not table:
        return ages
    owner = now.tables[table].c.contact_id
    return [now.contact.c.id.in_(sa.select(owner).where(age)) for age in ages]


def _come_of_age(compare: Compare, before: SqlFacts, now: SqlFacts) -> Ranges:
    value = value_to_sql(compare.left, now)
    length = length_of(compare)
    if value_type(compare.left) is ValueType.INSTANT:
        pairs: list[tuple[Any, Any]] = [
            (before.ago(length.text), now.ago(length.text)),
            (before.at_now(), now.at_now()),
        ]
        return [sa.and_(value > earlier, value <= later) for earlier, later in pairs]
    moment: Expression = Shift(Now(ValueType.DATE), f"-{length.text}", ValueType.DATE)
    if length.is_elapsed:
        moment = Day(Shift(Now(ValueType.INSTANT), f"-{length.text}", ValueType.INSTANT))
    return [*_passed(value, moment, before, now), *_passed(value, Now(ValueType.DATE), before, now)]


def _is_moment(expression: Expression) -> bool:
    """Whether an expression is `now` or `today`, perhaps moved: it only ever grows."""
    while isinstance(expression, Shift | Day):
        expression = expression.value
    return isinstance(expression, Now)


def _passed(value: sa.ColumnElement[Any], moment: Expression, before: SqlFacts, now: SqlFacts) -> Ranges:
    """Where a moment that grows came past a value, by any clock in the world."""
    earliest = _reckoned(moment, before.now - DAY)
    latest = _reckoned(moment, now.now + DAY)
    bounds = [sa.literal(bound, value.type) for bound in (earliest, latest)]
    return [sa.and_(value >= bounds[0], value <= bounds[1])]


def _reckoned(moment: Expression, at: Instant) -> Any:
    """What a moment is in UTC, as of an instant."""
    if isinstance(moment, Now):
        return at if moment.type is ValueType.INSTANT else day_of(at, "UTC")
    if isinstance(moment, Day):
        return day_of(_reckoned(moment.value, at), "UTC")
    assert isinstance(moment, Shift)
    start = _reckoned(moment.value, at)
    sign, length = steps_of(moment)
    if moment.type is ValueType.DATE:
        return moved_day(start, sign * length.months, sign * length.days)
    if length.is_elapsed:
        return start + sign * length.millis
    return moved_instant(start, sign * length.months, sign * length.days, "UTC")
