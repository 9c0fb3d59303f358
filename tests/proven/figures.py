"""The figures of a suite: what was done, what came of it, on which machine; written to a file, and read from it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conductor_dsl.shared.clock import SystemClock, to_iso
from tests.bench.machine import about_machine

ROOT = Path(__file__).parents[2]
BUILT = ROOT / "build" / "figures"
"""Where the long runs leave their figures."""

Fact = int | float | str


@dataclass(frozen=True, slots=True)
class Figures:
    """What a suite has to tell.

    `title` says it in a few words and `what` in a few sentences, for a page; `command` repeats it. `facts` are the
    figures by their names in the reader's words, units included. `database` is its name and version. `details` is
    whatever else may be of use to tests and to those who search for a fault; the page does not show it.
    """

    title: str
    what: str
    command: str
    seed: int | str
    seconds: float
    holds: bool
    facts: Mapping[str, Fact]
    database: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


def write_figures(path: Path, figures: Figures) -> None:
    """Write figures down, with the date, the commit, the machine and the versions."""
    told = {name: getattr(figures, name) for name in Figures.__dataclass_fields__}
    details = told.pop("details")
    about = {"at": to_iso(SystemClock().now()), **about_machine(ROOT)}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**told, **about, "details": details}, indent=2) + "\n", encoding="utf-8")


def read_figures(path: Path) -> dict[str, Any]:
    """What was written down."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
