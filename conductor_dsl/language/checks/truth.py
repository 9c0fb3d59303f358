"""What can be known of a condition without asking anybody: by the ranges of its comparisons.

A comparison with a missing value is false, so only what cannot be missing can make a condition always true.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from math import inf

from conductor_dsl.language.expressions import All, AnyOf, Call, Compare, Constant, Expression, Not, ValueType
from conductor_dsl.language.most_messages import nominal
from conductor_dsl.language.vocabulary import Vocabulary
from conductor_dsl.shared.duration import PATTERN, Duration


class Truth(Enum):
    """What is known."""

    ALWAYS = "always"
    NEVER = "never"
    OPEN = "open"


def truth(expression: Expression, vocabulary: Vocabulary) -> Truth:
    """Whether a condition is always true, never, or now and then."""
    match expression:
        case Constant(ValueType.BOOLEAN, value):
            return Truth.ALWAYS if value else Truth.NEVER
        case Not(item):
            inner = truth(item, vocabulary)
            return {Truth.ALWAYS: Truth.NEVER, Truth.NEVER: Truth.ALWAYS}.get(inner, Truth.OPEN)
        case Compare():
            return _compared(expression, vocabulary)
        case All(items):
            return _all(items, vocabulary)
        case AnyOf(items):
            return _any(items, vocabulary)
    return Truth.OPEN


def _compared(compare: Compare, vocabulary: Vocabulary) -> Truth:
    """A measure that cannot be below a number, such as a count, against that number."""
    match compare:
        case Compare(op, Call(name, ValueType.NUMBER), Constant(ValueType.NUMBER, int() | float() as value)):
            signature = vocabulary.predicates.get(name)
            least = signature.least if signature else None
            if least is None:
                return Truth.OPEN
            if (op == ">=" and value <= least) or (op == ">" and value < least):
                return Truth.ALWAYS
            if (op == "<" and value <= least) or (op in ("<=", "=") and value < least):
                return Truth.NEVER
    return Truth.OPEN


def _all(items: tuple[Expression, ...], vocabulary: Vocabulary) -> Truth:
    known = [truth(item, vocabulary) for item in items]
    if Truth.NEVER in known or _exclude(items):
        return Truth.NEVER
    return Truth.ALWAYS if all(each is Truth.ALWAYS for each in known) else Truth.OPEN


def _any(items: tuple[Expression, ...], vocabulary: Vocabulary) -> Truth:
    known = [truth(item, vocabulary) for item in items]
    if Truth.ALWAYS in known or any(Not(item) in items for item in items):
        return Truth.ALWAYS
    return Truth.NEVER if all(each is Truth.NEVER for each in known) else Truth.OPEN


def _exclude(items: tuple[Expression, ...]) -> bool:
    """Whether some parts leave nothing for the others."""
    if any(Not(item) in items for item in items):
        return True
    compared = [item for item in items if isinstance(item, Compare)]
    for left in (item.left for item in compared):
        same = [item for item in compared if item.left == left]
        if len(same) > 1 and (_empty(same) or _two_texts(same)):
            return True
    return False


def _two_texts(compares: Iterable[Compare]) -> bool:
    """Whether one thing should be two different texts at once."""
    texts = {
        c.right.value
        for c in compares
        if c.op == "=" and isinstance(c.right, Constant) and c.right.type is ValueType.TEXT
    }
    return len(texts) > 1


def _empty(compares: Iterable[Compare]) -> bool:
    """Whether the ranges of one measure have nothing in common; an open end excludes its own value."""
    low, high, low_open, high_open = -inf, inf, False, False
    for compare in compares:
        bounds = _range(compare)
        if bounds is None:
            continue
        (from_, from_open), (to, to_open) = bounds
        low, low_open = max((low, low_open), (from_, from_open))
        if (to, not to_open) < (high, not high_open):
            high, high_open = to, to_open
    return low > high or (low == high and (low_open or high_open))


Bound = tuple[float, bool]


def _range(compare: Compare) -> tuple[Bound, Bound] | None:
    """The numbers, or the ages in milliseconds, for which a comparison is true."""
    if not isinstance(compare.right, Constant):
        return None
    value = compare.right.value
    if isinstance(value, str) and PATTERN.fullmatch(value) and compare.op in ("before", "within"):
        age = nominal(Duration.parse(value))
        return ((age, False), (inf, False)) if compare.op == "before" else ((0, False), (age, True))
    if isinstance(value, str | bool):
        return None
    return {
        "=": ((value, False), (value, False)),
        "<": ((-inf, False), (value, True)),
        "<=": ((-inf, False), (value, False)),
        ">": ((value, True), (inf, False)),
        ">=": ((value, False), (inf, False)),
    }.get(compare.op)
