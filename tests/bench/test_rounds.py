"""The bench itself, with so few contacts that it takes no time: whoever is compared must have done the same work."""

from __future__ import annotations

from pathlib import Path

from tests.bench.report import Measured, report_lines
from tests.bench.rounds import Plan, play_rounds


def test_everybody_brings_the_same_contacts_to_the_end(tmp_path: Path) -> None:
    contacts = {"by hand": 100, "engine": 100, "APScheduler": 100}
    measured = list(play_rounds(Plan(tmp_path, 1, contacts, 1)))
    assert [one.who for one in measured] == list(contacts)
    assert len({one.ended for one in measured}) == 1
    assert 80 < measured[0].ended < 100
    assert not list(tmp_path.iterdir())


def test_a_ratio_is_one_of_medians_and_says_whether_the_goal_was_met() -> None:
    by_hand = [Measured("by hand", 10, wall, 1.0, 10, 40, 50) for wall in (1.0, 2.0, 9.0)]
    engine = [Measured("engine", 10, wall, 4.0, 10, 40, 90) for wall in (4.0, 5.0, 6.0)]
    lines = report_lines([*by_hand, *engine])
    assert lines[-1] == "engine / by hand: 0.40 by the clock, 0.25 by CPU, goal at least 0.3: met, missed"
