"""Tests that are played in several processes go as they do in one."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import replace

import pytest

from conductor_dsl.runtime.rehearse import side_by_side
from conductor_dsl.runtime.rehearse.nouns import Outcome
from conductor_dsl.runtime.rehearse.rehearse import Part, rehearse
from conductor_dsl.runtime.rehearse.side_by_side import deal, rehearse_side_by_side
from conductor_dsl.shared.clock import VirtualClock
from conductor_dsl.shared.errors import ConductorError
from tests.runtime.rehearse.stage_hand import host, part_of

SCRIPT = """
    conversation "A" { thread "T" on order.placed { sms "Hi! Reply STOP to opt out." -> end "done" } }
"""
TEST = """
    test "NAME" {
      given contact { mobile "+17175550100" }
      at 2026-03-02 10:00
      when order.placed { total 20 } after 1h
      expect end "WORD"
    }
"""


def part(count: int) -> Part:
    """A script with tests of which every third fails."""
    tests = (TEST.replace("NAME", str(n)).replace("WORD", "done" if n % 3 else "over") for n in range(count))
    return part_of(SCRIPT + "".join(tests))


def told(outcomes: Iterator[Outcome]) -> list[tuple[str, object, object]]:
    return [(each.test.name, each.failures, each.paths) for each in outcomes]


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let two tests be worth a process."""
    monkeypatch.setattr(side_by_side, "FEW", 2)


def test_the_outcomes_are_those_of_one_process_in_the_same_order() -> None:
    parts = [part(3), part(4)]
    alone = told(rehearse(parts, host(), VirtualClock(0)))
    assert told(rehearse_side_by_side(parts, host(), VirtualClock(0), 3)) == alone
    assert [bool(failures) for _, failures, _ in alone] == [True, False, False, True, False, False, True]


@pytest.mark.parametrize("processes", [1, 2, 3, 9])
@pytest.mark.parametrize("counts", [(1,), (3, 4), (0, 5, 0, 2), (10, 1)])
def test_every_test_is_dealt_once_and_the_shares_are_of_one_size(counts: tuple[int, ...], processes: int) -> None:
    whole = part(10)
    parts = [replace(whole, tests=whole.tests[:count]) for count in counts]
    shares = deal(parts, processes)
    dealt = [test.name for share in shares for each in share for test in each.tests]
    assert dealt == [test.name for each in parts for test in each.tests]
    sizes = [sum(len(each.tests) for each in share) for share in shares]
    assert max(sizes) - min(sizes) <= 1


def test_what_goes_wrong_in_a_process_is_raised_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> Iterator[Outcome]:
        raise ConductorError("no such thing", hint="try another")

    monkeypatch.setattr(side_by_side, "rehearse", broken)
    with pytest.raises(ConductorError, match="no such thing") as raised:
        list(rehearse_side_by_side([part(4)], host(), VirtualClock(0), 2))
    assert raised.value.hint == "try another"


def test_a_process_that_is_gone_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object) -> Iterator[Outcome]:
        os.kill(os.getpid(), signal.SIGKILL)
        return iter(())

    monkeypatch.setattr(side_by_side, "rehearse", killed)
    with pytest.raises(ConductorError, match="a process that plays tests has ended"):
        list(rehearse_side_by_side([part(4)], host(), VirtualClock(0), 2))
