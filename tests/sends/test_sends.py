"""Texts through a provider that loses answers, by an engine that is killed: nothing is lost, and nothing doubled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.story import tell


def wrong(told: dict[str, Any]) -> tuple[object, ...]:
    """What must not be."""
    return told["lost"], told["doubled"], told["unknown"], told["broken"]


def test_of_1500_texts_none_is_lost_and_none_doubled(tmp_path: Path) -> None:
    told = tell("tests.sends", tmp_path, "--sends", "1500", "--every", "60", "--after", "250", "--batch", "100")
    assert wrong(told) == ([], [], [], {})
    # Not for want of trying.
    assert told["kills"] > 1 and told["faults"]["lost"] > 5
    # Of those that are asked about later it is known that they were delivered, too.
    taken = sum(told["messages"].get(state, 0) for state in ("accepted", "delivered"))
    assert taken == told["accepted"] == 1500 - told["messages"].get("ambiguous", 0)


@pytest.mark.parametrize(("bug", "what"), [("forgetful", "doubled"), ("hopeful", "unknown")])
def test_a_classic_mistake_is_noticed(tmp_path: Path, bug: str, what: str) -> None:
    told = tell("tests.sends", tmp_path, "--sends", "300", "--every", "60", "--batch", "100", "--bug", bug)
    assert told[what] and not told["lost"]


@pytest.mark.sends
def test_of_100_000_texts_none_is_lost_and_none_doubled(tmp_path: Path) -> None:
    told = tell("tests.sends", tmp_path, "--sends", "100000", "--every", "1", figures="sends")
    assert wrong(told) == ([], [], [], {})
    assert told["kills"] > 50 and told["faults"]["lost"] > 1_500
