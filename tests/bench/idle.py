"""What does a node cost that has nothing to do? The CPU of `conductor serve` over 30 s, with 10,000 runs parked."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.figures import Answer, Figure, Goal
from tests.bench.first_message import SCRIPT, SETTINGS
from tests.bench.rounds import Bench
from tests.cli.serving import make_project, serve

SECONDS = 30
SETTLING = 3
"""So long after its first line it may still be beginning."""
LIMIT = 1.0
"""Percent of one core."""


def ask(bench: Bench) -> Iterator[Answer]:
    """An answer for each database."""
    for stage in bench.stages.values():
        url = stage.make("tests.bench.parked", {"contacts": bench.scaled(10_000, 10_000), "due": 0})
        shares, sizes = [], []
        for _ in range(bench.rounds):
            share, megabytes = _watch(stage.copy(url))
            shares.append(share)
            sizes.append(megabytes)
            bench.say(f"{stage.name}: {share:.2f}% of a core, {megabytes:.0f} MB")
        figures = [
            Figure(f"CPU of `serve` over {SECONDS} s", shares, "% of a core", Goal(LIMIT, at_least=False)),
            Figure("memory", sizes, "MB"),
        ]
        yield Answer(f"A node that has nothing to do, on {stage.name}", figures, [])


def _watch(url: str) -> tuple[float, float]:
    """The share of a core in percent, and the memory in MB."""
    with TemporaryDirectory(prefix="cdx-bench-idle-") as folder:
        shop = make_project(Path(folder) / "shop", {"welcome.cdx": SCRIPT}, SETTINGS)
        with serve(shop, {"CONDUCTOR_DATABASE_URL": url}) as serving:
            serving.wait_for("serving")
            time.sleep(SETTLING)
            process = serving._process.pid
            before, started = _cpu(process), time.monotonic()
            time.sleep(SECONDS)
            share = (_cpu(process) - before) / (time.monotonic() - started) * 100
            pages = int(Path(f"/proc/{process}/statm").read_text(encoding="utf-8").split()[1])
            return share, pages * os.sysconf("SC_PAGE_SIZE") / 1_048_576


def _cpu(process: int) -> float:
    """Seconds of CPU of all threads of a process, to the nanosecond where Linux tells it so."""
    tasks = Path(f"/proc/{process}/task").glob("*/schedstat")
    return sum(int(task.read_text(encoding="utf-8").split()[0]) for task in tasks) / 1e9
