"""Fifty lives that end by SIGKILL lose nothing and double nothing; and with either of two classic mistakes it shows."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def tell(folder: Path, *options: str) -> dict[str, Any]:
    """Run the story in a process of its own, for it forks; returns its figures."""
    path = folder / "figures.json"
    command = [sys.executable, "-m", "tests.crash", "--json", str(path), *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert path.exists(), done.stderr
    found: dict[str, Any] = json.loads(path.read_text())
    assert done.returncode == (0 if found["holds"] else 1), done.stdout
    return found


def test_after_50_kills_nothing_is_lost_and_nothing_doubled(tmp_path: Path) -> None:
    told = tell(tmp_path, "--contacts", "1500", "--kills", "50")
    assert (told["broken"], told["unaccounted"], told["integrity"]) == ({}, [], ["ok", "ok"])
    assert sum(told["kills"].values()) == 50
    assert {"dispatch.claimed", "dispatch.sent", "any time"} <= set(told["kills"])
    # Not for want of trying: most contacts have had two messages, and some runs were ended on the way.
    assert told["accepted"] > 2_000
    assert told["verification"]["runs"]["exited"] > 0


@pytest.mark.parametrize(
    ("bug", "promise"),
    [("send_then_mark", "nothing is doubled"), ("mark_then_send", "what was accepted is known")],
)
def test_a_classic_mistake_is_noticed(tmp_path: Path, bug: str, promise: str) -> None:
    told = tell(tmp_path, "--contacts", "600", "--kills", "15", "--bug", bug)
    assert told["broken"][promise] > 0


@pytest.mark.crash
def test_after_500_kills_nothing_is_lost_and_nothing_doubled(tmp_path: Path) -> None:
    told = tell(tmp_path, "--contacts", "100000", "--kills", "500", "--batch", "2000")
    assert (told["broken"], told["unaccounted"], set(told["integrity"])) == ({}, [], {"ok"})
