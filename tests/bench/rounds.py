"""Rounds: A B C, A B C, .. so that a machine that slows down slows everybody down; each run is a process of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.bench.report import Measured

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Plan:
    """Who plays with how many contacts, how often, on data of which seed, and where the databases stand."""

    folder: Path
    seed: int
    contacts: Mapping[str, int]
    rounds: int


def play_rounds(plan: Plan) -> Iterator[Measured]:
    """Every measurement as it comes; making the data is not measured, and the databases are gone afterwards."""
    try:
        data = {contacts: _make(plan, contacts) for contacts in set(plan.contacts.values())}
        for _ in range(plan.rounds):
            for who, contacts in plan.contacts.items():
                yield _play(plan, who, contacts, data[contacts])
    finally:
        for path in plan.folder.glob("*.db*"):
            path.unlink()


def _make(plan: Plan, contacts: int) -> Path:
    """A database with the data, made by another process, whose memory is not ours."""
    path = plan.folder / f"data-{contacts}.db"
    for old in plan.folder.glob(f"{path.name}*"):
        old.unlink()
    _run("tests.bench.data", str(path), str(contacts), str(plan.seed))
    return path


def _play(plan: Plan, who: str, contacts: int, data: Path) -> Measured:
    database = plan.folder / "run.db"
    for old in plan.folder.glob("run.db*"):
        old.unlink()
    shutil.copyfile(data, database)
    return Measured(who=who, contacts=contacts, **json.loads(_run("tests.bench.worker", who, str(database))))


def _run(*arguments: str) -> str:
    command = [sys.executable, "-m", *arguments]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout
