"""The bench itself, with so few contacts that it takes no time: whoever is compared must have done the same work."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.bench import claims
from tests.bench.__main__ import QUESTIONS
from tests.bench.figures import Figure, Goal, Sample, ratios
from tests.bench.plot import Line, plot
from tests.bench.rounds import Bench
from tests.bench.stages import ROOT, PostgresStage, SqliteStage, Stage
from tests.bench.winback import play


def small(folder: Path, **stages: Stage) -> Bench:
    """One round on few contacts, which says nothing."""
    return Bench(stages, folder, 1, 1, False, 0.001, lambda _line: None)


def test_everybody_brings_the_same_contacts_to_the_end_on_sqlite(tmp_path: Path) -> None:
    contacts = {"by hand": 100, "engine": 100, "APScheduler": 100}
    answer = play(small(tmp_path, sqlite=SqliteStage(tmp_path)), "sqlite", contacts)
    assert [sample.who for sample in answer.samples] == list(contacts)
    assert len({sample.units for sample in answer.samples}) == 1
    assert 4 * 80 < answer.samples[0].units < 4 * 100


def test_the_engine_and_the_loop_by_hand_do_the_same_on_postgresql(tmp_path: Path, postgres_server: str) -> None:
    stage = PostgresStage(postgres_server, 0)
    answer = play(small(tmp_path, postgresql=stage), "postgresql", {"by hand": 100, "engine": 100})
    stage.close()
    assert len({sample.units for sample in answer.samples}) == 1
    assert answer.figures[0].what == "engine / by hand, by the clock"


def test_a_ratio_is_made_round_by_round_and_says_whether_the_goal_was_met() -> None:
    by_hand = [Sample("by hand", 10, 40, wall, 1.0, 50) for wall in (1.0, 2.0, 9.0)]
    engine = [Sample("engine", 10, 40, wall, 4.0, 90) for wall in (4.0, 5.0, 6.0)]
    clock, cpu = ratios([*by_hand, *engine], "engine", "by hand", 0.5)
    assert str(clock) == "engine / by hand, by the clock: 0.4 (0.25-1.5), goal at least 0.5: MISSED"
    assert str(cpu) == "engine / by hand, by CPU: 0.25 (0.25-0.25)"


@pytest.mark.parametrize(("value", "is_met"), [(199.0, True), (200.0, False)])
def test_a_limit_must_not_be_reached(value: float, is_met: bool) -> None:
    assert Figure("memory", [value], "MB", Goal(200, at_least=False)).is_met is is_met


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_question_is_a_module_that_asks(question: str) -> None:
    module = import_module(f"tests.bench.{question}")
    assert callable(module.ask)
    assert f"`{question}.py`" in (ROOT / "tests" / "bench" / "README.md").read_text(encoding="utf-8")


def test_claims_of_the_engine_and_by_hand_take_the_same_runs(tmp_path: Path) -> None:
    answer = next(claims.ask(small(tmp_path, sqlite=SqliteStage(tmp_path))))
    assert {sample.units for sample in answer.samples} == {100}
    assert len(answer.figures) == 4


def test_a_plot_has_a_line_for_each_of_them() -> None:
    text = plot("Cost", [Line("A & B", {10: [1.0, 2.0], 1_000: [3.0]}), Line("C", {10: [1.0], 1_000: [4.0]})])
    assert ET.fromstring(text).tag.endswith("svg")
    assert text.count("<polyline") == 2
    assert "A &amp; B" in text
