"""Nodes over PostgreSQL that are killed, paused and stopped, on a database that crashes; at length: `make crash`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.story import tell


def wrong(told: dict[str, Any]) -> dict[str, Any]:
    """What must not be."""
    names = ("doubled", "twice_held", "strays", "wrong_ends", "wrong_lines", "unaccounted", "broken")
    return {name: told[name] for name in names if told.get(name)}


def test_nodes_outlive_a_crash_of_their_database(tmp_path: Path) -> None:
    # A run is due while the database is down, so that somebody notices.
    size = ("--contacts", "20", "--kills", "0", "--crashes", "1", "--every", "0", "--wait", "4s", "--met")
    told = tell("tests.nodes", tmp_path, "--seed", "3", "kills", *size)
    assert wrong(told) == {}
    assert (told["outlived"], told["lives"], told["crashes"]) == (3, 3, {"SIGKILL": 1})
    assert told["told"]["relief"] > 0


@pytest.mark.crash
def test_after_300_kills_and_40_crashes_of_the_database_nothing_is_lost_and_nothing_doubled(tmp_path: Path) -> None:
    size = ("--contacts", "100000", "--kills", "300", "--crashes", "40", "--every", "6", "--batch", "1000")
    told = tell("tests.nodes", tmp_path, "kills", *size, figures="crash-nodes")
    assert wrong(told) == {}
    assert sum(told["kills"].values()) >= 300 and sum(told["crashes"].values()) == 40
    assert max(net for net, _ in told["take_overs"]) <= 15_000


@pytest.mark.crash
def test_nodes_that_sleep_longer_than_their_lease_send_nothing_twice(tmp_path: Path) -> None:
    told = tell("tests.nodes", tmp_path, "pauses", "--pauses", "100", "--pairs", "8", figures="crash-pauses")
    assert wrong(told) == {}
    assert told["taken_over"] >= 90  # not for want of trying


@pytest.mark.crash
def test_without_the_fence_the_pauses_double_messages(tmp_path: Path) -> None:
    told = tell("tests.nodes", tmp_path, "pauses", "--pauses", "4", "--bug", "no_fence")
    assert told["doubled"] and told["broken"]["nothing is doubled"]


@pytest.mark.crash
def test_nodes_that_are_told_to_stop_leave_nothing_behind(tmp_path: Path) -> None:
    told = tell("tests.nodes", tmp_path, "stops", "--stops", "200", figures="crash-stops")
    assert wrong(told) == {}
    assert (told["left"], told["ambiguous"]) == (0, 0) and max(told["took"]) <= 10
