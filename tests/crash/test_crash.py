"""Fifty lives that end by SIGKILL lose nothing and double nothing; and with either of two classic mistakes it shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.story import tell


def test_after_50_kills_nothing_is_lost_and_nothing_doubled(tmp_path: Path) -> None:
    told = tell("tests.crash", tmp_path, "--contacts", "1500", "--kills", "50")
    assert (told["broken"], told["unaccounted"], told["integrity"]) == ({}, [], ["ok", "ok"])
    assert sum(told["kills"].values()) == 50
    assert len(told["kills"]) >= 5  # points; which ones, the speed of the machine decides
    # Not for want of trying: most contacts have had two messages, and some runs were ended on the way.
    assert told["accepted"] > 2_000
    assert told["verification"]["runs"]["exited"] > 0


@pytest.mark.parametrize(
    ("bug", "promise"),
    [("send_then_mark", "nothing is doubled"), ("mark_then_send", "what was accepted is known")],
)
def test_a_classic_mistake_is_noticed(tmp_path: Path, bug: str, promise: str) -> None:
    # By this seed the first two are killed where it matters, which is no matter of how fast they are.
    told = tell("tests.crash", tmp_path, "--contacts", "600", "--kills", "15", "--seed", "16", "--bug", bug)
    assert told["broken"][promise] > 0


@pytest.mark.crash
def test_after_500_kills_nothing_is_lost_and_nothing_doubled(tmp_path: Path) -> None:
    size = ("--contacts", "100000", "--kills", "500", "--batch", "2000")
    told = tell("tests.crash", tmp_path, *size, figures="crash")
    assert (told["broken"], told["unaccounted"], set(told["integrity"])) == ({}, [], {"ok"})
