"""The page of what has been proven follows from the figures that are kept, and only fit ones are kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.proven.__main__ import KEPT, PAGE, page, unfit
from tests.proven.figures import Figures, read_figures, write_figures
from tests.proven.figures_to_page import figures_to_page

FIGURES = Figures(
    title="A node is killed, twice",
    what="It is killed.",
    command="make kill",
    seed=7,
    seconds=61.25,
    holds=True,
    facts={"contacts": 100_000, "slowest take-over, s": 12.5, "database": "a file"},
    database="SQLite 3.40.1",
    details={"kills": 2},
)


@pytest.fixture
def told(tmp_path: Path) -> dict[str, Any]:
    """The figures, written and read again."""
    write_figures(tmp_path / "new" / "kill.json", FIGURES)
    return read_figures(tmp_path / "new" / "kill.json") | {"commit": "0123456789abcdef", "at": "2026-03-02T16:00:00Z"}


def test_a_page_tells_all_figures_and_where_they_come_from(told: dict[str, Any]) -> None:
    shown = figures_to_page([told])
    assert "| [A node is killed, twice](#a-node-is-killed-twice) | 61.25 | every promise was kept |" in shown
    assert "| contacts | 100,000 |\n| slowest take-over, s | 12.5 |\n| database | a file |" in shown
    assert "`make kill`, seed 7, 61.25 s, 2026-03-02, commit `0123456789ab`; " in shown
    assert f"Python {told['versions']['python']}, SQLite 3.40.1." in shown


def test_a_broken_promise_is_told(told: dict[str, Any]) -> None:
    assert "**a promise was broken**" not in figures_to_page([told])
    assert figures_to_page([told, told | {"holds": False}]).count("**a promise was broken**") == 2


def test_the_details_are_kept_but_not_shown(told: dict[str, Any]) -> None:
    assert told["details"] == {"kills": 2}
    assert "details" not in figures_to_page([told])


@pytest.mark.parametrize(
    ("change", "why"),
    [({}, ""), ({"holds": False}, "broken"), ({"commit": "0123+"}, "commit"), ({"commit": None}, "commit")],
)
def test_only_figures_of_a_commit_that_hold_are_fit(
    told: dict[str, Any], tmp_path: Path, change: dict[str, Any], why: str
) -> None:
    path = tmp_path / "kill.json"
    path.write_text(json.dumps(told | change))
    assert why in unfit(path)
    assert bool(unfit(path)) == bool(why)


def test_the_page_is_what_the_kept_figures_give() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `python -m tests.proven`"
    assert [path.name for path in KEPT.glob("*.json") if unfit(path)] == []
