"""The map for contributors shows what is there: its paths exist, no package, arrow, layer or state is missing."""

from __future__ import annotations

import re
from configparser import ConfigParser
from pathlib import Path

from conductor_dsl.program.states import IntentState, RunState
from tests.architecture.tree import ROOT, files

HOME = ROOT / "conductor_dsl"
MAP = (HOME / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
PATH = re.compile(r"`([\w.-]+/(?:[\w.-]+/?)*|[\w-]+\.(?:py|md|cfg|lark))`")

PLACEHOLDER = re.compile(r"x_to_y|nnn")
NAMES = 27
"""How wide the column with the names is in the drawing of the layers."""


def section(title: str) -> str:
    return MAP.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def missing(text: str, homes: tuple[Path, ...]) -> list[str]:
    paths = [path for path in PATH.findall(text) if not PLACEHOLDER.search(path)]
    return [path for path in paths if not any((home / path).exists() for home in homes)]


def test_every_path_of_the_map_exists() -> None:
    assert len(PATH.findall(MAP)) > 40
    assert missing(MAP, (HOME, ROOT)) == []


def test_every_path_of_the_guide_for_contributors_exists() -> None:
    assert len(PATH.findall(CONTRIBUTING)) > 8
    assert missing(CONTRIBUTING, (ROOT, HOME, HOME / "runtime")) == []


def test_every_arrow_stands_on_the_map() -> None:
    arrows = {path.stem for path in files("conductor_dsl", suffix=".py") if "_to_" in path.stem}
    assert {arrow for arrow in arrows if arrow not in section("The arrows")} == set()


def test_the_layers_of_the_map_are_those_that_are_enforced() -> None:
    config = ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    enforced = re.findall(r"\w+", config["importlinter:contract:layers"]["layers"])
    drawing = section("The layers").partition("```text\n")[2].partition("```")[0]
    drawn = [word for line in drawing.splitlines() for word in re.findall(r"\w+", line[:NAMES])]
    there = {path.parent.name for path in HOME.glob("*/__init__.py")} | {"api"}
    assert set(drawn) == there
    assert [word for word in enforced if word in there] == drawn


def test_every_state_is_drawn() -> None:
    drawing = section("The states")
    assert [state.value for state in (*RunState, *IntentState) if not re.search(rf"\b{state}\b", drawing)] == []


def test_every_promise_has_its_row() -> None:
    rows = re.findall(r"^\| (G\d+) \|", section("The promises, and how this version keeps them"), re.MULTILINE)
    assert rows == [f"G{number}" for number in range(1, 11)]
