"""Which variables a condition has tested: where it holds, they have a value."""

from __future__ import annotations

from collections.abc import Iterable

from liquid.builtin.expressions import BooleanExpression, Path
from liquid.builtin.expressions.logical import (
    ContainsExpression,
    EqExpression,
    GeExpression,
    GtExpression,
    LeExpression,
    LogicalAndExpression,
    LtExpression,
    NeExpression,
)
from liquid.builtin.expressions.primitive import Blank, Empty, FalseLiteral, Nil
from liquid.expression import Expression

_ORDERED = (ContainsExpression, GeExpression, GtExpression, LeExpression, LtExpression)
_NOTHING = (Blank, Empty, Nil)


def tested(condition: Expression) -> Iterable[Path]:
    """The paths that have a value wherever the condition holds."""
    if isinstance(condition, BooleanExpression):
        yield from tested(condition.expression)
    elif isinstance(condition, LogicalAndExpression):
        yield from tested(condition.left)
        yield from tested(condition.right)
    elif isinstance(condition, Path):
        yield condition
    elif isinstance(condition, NeExpression):
        yield from _compared(condition.left, wanted=isinstance(condition.right, _NOTHING))
    elif isinstance(condition, EqExpression):
        yield from _compared(condition.left, wanted=not isinstance(condition.right, (*_NOTHING, FalseLiteral, Path)))
    elif isinstance(condition, _ORDERED):
        yield from _compared(condition.left, wanted=True)


def _compared(left: Expression, *, wanted: bool) -> Iterable[Path]:
    if wanted and isinstance(left, Path):
        yield left
