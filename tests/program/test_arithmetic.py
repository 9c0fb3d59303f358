"""Numbers put together, where some are missing."""

from __future__ import annotations

import pytest

from conductor_dsl.program.arithmetic import LARGEST, calculate


@pytest.mark.parametrize(
    ("op", "left", "right", "result"),
    [
        ("+", 2, 3, 5),
        ("-", 2, 3, -1),
        ("*", 2, 3, 6),
        ("/", 3, 2, 1.5),
        ("+", None, 1, 1),
        ("-", 1, None, 1),
        ("-", None, 1, -1),
        ("+", None, None, None),
        ("*", None, 1, None),
        ("/", 1, None, None),
        ("/", 1, 0, None),
        ("*", LARGEST, 2, None),
        ("*", 1e300, 1e300, None),
        ("/", 1e300, 1e-300, None),
        ("+", float("inf"), 1, None),
    ],
)
def test_it_has_an_answer_or_none(op: str, left: float | None, right: float | None, result: float | None) -> None:
    assert calculate(op, left, right) == result
