"""From elements to conditions: `or` binds weakest, then `and`, then `not`, then comparisons.

Every function takes what it understands from the cursor and leaves the rest. None means that a finding has been noted.
"""

from __future__ import annotations

from dataclasses import dataclass

from conductor_dsl.language.bind_comparisons import bind_comparison
from conductor_dsl.language.bind_scope import Cursor, Scope
from conductor_dsl.language.bound import Formula
from conductor_dsl.language.diagnostics import warning
from conductor_dsl.language.expressions import All, AnyOf, Not, nesting, walk

MOST_PARTS = 5_000
DEEPEST = 400
"""How deep a condition may nest as SQL: databases give up at 1,000."""


@dataclass(frozen=True, slots=True)
class _Item:
    """A condition, and whether it is several that `and` joins without brackets around them."""

    formula: Formula
    is_joined: bool = False


def bind_condition(cursor: Cursor, scope: Scope) -> Formula | None:
    """A condition, as far as it goes."""
    items: list[_Item | None] = [_conjunction(cursor, scope)]
    while cursor.accept("or"):
        items.append(_conjunction(cursor, scope))
    good = [item for item in items if item]
    if len(good) < len(items):
        return None
    if len(good) == 1:
        return good[0].formula
    span = good[0].formula.span.to(good[-1].formula.span)
    if any(item.is_joined for item in good):
        message = "`and` and `or` stand together without brackets"
        hint = "`and` binds first; put round brackets around what belongs together"
        scope.findings.append(warning("CDX115", span, message, hint))
    return Formula(AnyOf(tuple(item.formula.expression for item in good)), span)


def _conjunction(cursor: Cursor, scope: Scope) -> _Item | None:
    """One or more conditions with `and` between them; every one is looked at, even after a bad one."""
    items = [_negation(cursor, scope)]
    while cursor.accept("and"):
        items.append(_negation(cursor, scope))
    good = [item for item in items if item]
    if len(good) < len(items):
        return None
    if len(good) == 1:
        return _Item(good[0])
    span = good[0].span.to(good[-1].span)
    return _Item(Formula(All(tuple(item.expression for item in good)), span), is_joined=True)


def _negation(cursor: Cursor, scope: Scope) -> Formula | None:
    """A condition with any number of `not` before it."""
    starts = []
    while cursor.sees("not"):
        starts.append(cursor.take().span)
    item = bind_comparison(cursor, scope)
    for start in reversed(starts if item else ()):
        assert item
        item = Formula(Not(item.expression), start.to(item.span))
    return item


def is_small(formula: Formula, scope: Scope) -> bool:
    """Whether a condition, with its segments written out, is no larger than databases take; else that is noted."""
    parts = sum(1 for _ in zip(walk(formula.expression), range(MOST_PARTS + 1), strict=False))
    if parts <= MOST_PARTS and nesting(formula.expression) <= DEEPEST:
        return True
    hint = "take some of it out, or set a field beforehand and ask for that; segments count in full"
    scope.error("CDX002", formula.span, "the condition is too large for a database", hint)
    return False
