"""From a condition to the contacts for whom it may have changed by the mere passing of time between two looks."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from conductor_dsl.language.expressions import All, AnyOf, Call, Compare, Expression, Field, Not
from conductor_dsl.program.condition_to_sql import age_limits, field_to_sql
from conductor_dsl.program.facts import SqlFacts

Ages = Mapping[str, tuple[tuple[str, str], ...] | None]
"""For each predicate its `ages` (see `plugin.contracts.Predicate`)."""


def condition_to_crossings(
    expression: Expression, before: SqlFacts, now: SqlFacts, ages: Ages
) -> list[sa.ColumnElement[bool]] | None:
    """Conditions of which at least one holds for every such contact; None when it may be anybody.

    Each is a range of one column, so that an index finds the contacts.
    """
    match expression:
        case All(items) | AnyOf(items):
            return _together([condition_to_crossings(item, before, now, ages) for item in items])
        case Not(item):
            return condition_to_crossings(item, before, now, ages)
        case Compare(op) if op in ("before", "within"):
            return _age(expression, before, now)
        case Compare(_, left, right):
            return _together([condition_to_crossings(item, before, now, ages) for item in (left, right)])
        case Call(name, _, arguments):
            pairs = ages[name]
            if pairs is None:
                return None
            return [each for column, argument in pairs for each in _crossed(before, now, column, arguments[argument])]
        case _:
            return []


def _together(parts: list[list[sa.ColumnElement[bool]] | None]) -> list[sa.ColumnElement[bool]] | None:
    if any(part is None for part in parts):
        return None
    return [condition for part in parts if part for condition in part]


def _crossed(before: SqlFacts, now: SqlFacts, column: str, duration: str) -> list[sa.ColumnElement[bool]]:
    value = now.contact.c[column]
    return [
        sa.and_(value > before.ago(duration), value <= now.ago(duration)),
        sa.and_(value > before.at_now(), value <= now.at_now()),
    ]


def _age(compare: Compare, before: SqlFacts, now: SqlFacts) -> list[sa.ColumnElement[bool]] | None:
    if not isinstance(compare.left, (Field, Call)):
        return None
    if isinstance(compare.left, Call):
        # A measure such as `last_order` is the column `last_order_at`; any other one may be anything.
        column = f"{compare.left.name}_at"
        if column not in now.contact.c:
            return None
        value: sa.ColumnElement[int] = now.contact.c[column]
    else:
        value = field_to_sql(compare.left.name, compare.left.type, now)
    ranges = zip(age_limits(compare, before.now), age_limits(compare, now.now), strict=True)
    return [sa.and_(value > earlier, value <= later) for earlier, later in ranges]
