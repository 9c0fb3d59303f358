"""The night after three days of standstill, in a small size; `make standstill` plays it with 100,000 who are due."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.story import tell


def test_after_a_standstill_only_what_is_worth_it_leaves_when_it_may(tmp_path: Path) -> None:
    told = tell("tests.standstill", tmp_path, "--due", "2000", "--crowd", "2000", "--people", "0")
    assert told["wrong"] == []
    assert {"accepted", "expired_ttl", "superseded", "opted_out"} <= set(told["reasons"])


@pytest.mark.standstill
def test_a_hundred_thousand_who_are_due_keep_nobody_waiting(tmp_path: Path) -> None:
    tell(
        "tests.standstill",
        tmp_path,
        "--due",
        "100000",
        "--crowd",
        "500000",
        "--people",
        "10000",
        "--rate",
        "10",
        figures="standstill",
    )
