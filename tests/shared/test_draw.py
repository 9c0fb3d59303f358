"""Draws are even, independent of each other, and move as few as possible when shares change."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conductor_dsl.shared.draw import PRIME, WHOLE, Draw, bounds, bucket_of, draw_by, holdout_draw, split_draw

BUCKETS = [bucket_of(f"customer-{number}") for number in range(20_000)]


def chi_square(counts: Counter[object], cells: int) -> float:
    """How far counts are from being even; about `cells` is what chance gives."""
    expected = counts.total() / cells
    empty = cells - len(counts)
    return sum((count - expected) ** 2 / expected for count in counts.values()) + empty * expected


def points(draw: Draw, of: list[int] = BUCKETS) -> list[int]:
    return [draw.point(bucket) for bucket in of]


@given(st.text(max_size=20), st.text(max_size=20))
def test_a_draw_is_a_point_of_the_whole_and_always_the_same(key: str, name: str) -> None:
    bucket, draw = bucket_of(key), split_draw("C", name)
    assert 0 <= bucket < PRIME
    assert 0 <= draw.point(bucket) < WHOLE
    assert (bucket, draw.point(bucket)) == (bucket_of(key), split_draw("C", name).point(bucket_of(key)))


def test_what_is_drawn_stays_as_it_was_in_the_first_version() -> None:
    """Another number here would send everybody who is in an experiment to the other side."""
    assert bucket_of("customer-1") == 1_602_618_790
    assert split_draw("Winback", "subject line").point(bucket_of("customer-1")) == 9_044


@pytest.mark.parametrize("name", ["subject line", "tone", "a", "b", ""])
def test_a_draw_is_even(name: str) -> None:
    cells = Counter[object](point // 100 for point in points(split_draw("Winback", name)))
    assert chi_square(cells, 100) < 150  # chance gives more once in a thousand times


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (split_draw("A", "tone"), split_draw("B", "tone")),
        (split_draw("A", "tone"), split_draw("A", "tune")),
        (split_draw("A", "1"), split_draw("A", "2")),
        (split_draw("A", "tone"), holdout_draw("A", None)),
        (holdout_draw("A", None), holdout_draw("B", None)),
        (holdout_draw("A", "global"), holdout_draw("A", None)),
    ],
)
def test_two_draws_have_nothing_to_do_with_each_other(one: Draw, other: Draw) -> None:
    pairs = zip(points(one), points(other), strict=True)
    cells = Counter[object]((left // 1_000, right // 1_000) for left, right in pairs)
    assert chi_square(cells, 100) < 150


def test_draws_over_buckets_in_a_row_have_nothing_to_do_with_each_other() -> None:
    """Two straight lines would fail this: with the square left out, they run side by side."""
    row = list(range(20_000))
    lines = [Draw(0, 2, 5), Draw(0, 4, 1)]
    squares = [draw_by("one"), draw_by("other")]
    found = []
    for left, right in (lines, squares):
        pairs = zip(points(left, row), points(right, row), strict=True)
        found.append(chi_square(Counter[object]((a // 1_000, b // 1_000) for a, b in pairs), 100))
    assert found[0] > 1_000
    assert found[1] < 150


def test_a_holdout_with_a_name_is_the_same_everywhere_and_one_without_is_the_conversations_own() -> None:
    assert holdout_draw("A", "global") == holdout_draw("B", "global")
    assert holdout_draw("A", None) != holdout_draw("B", None)
    assert holdout_draw("global", None) != holdout_draw("A", "global")


def test_names_do_not_run_into_each_other() -> None:
    assert len({split_draw("a", "bc"), split_draw("ab", "c"), split_draw("", "abc")}) == 3


@pytest.mark.parametrize(("before", "after", "moved"), [
    ((5_000, 5_000), (6_000, 4_000), 0.1),
    ((9_000, 1_000), (8_000, 2_000), 0.1),
    ((1_000, 2_000, 7_000), (2_000, 2_000, 6_000), 0.2),
    ((5_000, 5_000), (5_000, 5_000), 0.0),
])  # fmt: skip
def test_other_shares_move_only_those_between_the_old_bounds_and_the_new(
    before: tuple[int, ...], after: tuple[int, ...], moved: float
) -> None:
    arms = [[sum(point >= end for end in bounds(shares)) for point in range(WHOLE)] for shares in (before, after)]
    assert sum(old != new for old, new in zip(*arms, strict=True)) / WHOLE == moved


def test_no_intermediate_result_leaves_64_bits() -> None:
    worst = Draw(PRIME - 1, PRIME - 1, PRIME - 1)
    for bucket, factor in product((PRIME - 1, 0), (PRIME - 1, 0)):
        assert bucket * worst.square + worst.slope < 2**63
        assert factor * bucket + worst.start < 2**63


def test_bounds_add_up() -> None:
    ends = bounds((2_500, 2_500, 5_000))
    assert ends[-1] == WHOLE
    assert all(low < high for low, high in pairwise(ends))
