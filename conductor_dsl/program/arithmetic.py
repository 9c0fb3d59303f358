"""Sums, products and quotients of numbers, of which some may be missing."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

LARGEST = 1e15
"""Beyond it whole numbers are not told apart any more; there is no value then."""

_OPERATIONS: Mapping[str, Callable[[float, float], float]] = MappingProxyType(
    {
        "+": lambda left, right: left + right,
        "-": lambda left, right: left - right,
        "*": lambda left, right: left * right,
        "/": lambda left, right: left / right,
    }
)


def calculate(op: str, left: float | None, right: float | None) -> float | None:
    """`left op right`; None where there is no answer, such as a quotient by 0.

    In a sum or a difference what is missing counts as 0, so that `visits + 1` begins to count; where both are missing,
    so is the sum. A product or quotient with something missing is missing.
    """
    if left is None and right is None:
        return None
    if op in "+-":
        left, right = left or 0, right or 0
    if left is None or right is None or (op == "/" and not right):
        return None
    try:
        result = _OPERATIONS[op](float(left), float(right))
    except OverflowError:
        return None
    return result if math.isfinite(result) and abs(result) <= LARGEST else None
