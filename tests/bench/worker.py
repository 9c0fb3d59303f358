"""One measurement in a process of its own: `python -m tests.bench.worker WHO DATABASE` prints one line of JSON."""

from __future__ import annotations

import json
import resource
import sys
import time
from importlib import import_module
from pathlib import Path

from tests.bench.shop import STEPS

WHO = {"engine": "by_engine", "by hand": "by_hand", "APScheduler": "by_apscheduler"}


def measure(who: str, database: Path) -> dict[str, float]:
    """Play the winback once over a database; seconds, seconds of CPU, steps done, and the highest memory in MB."""
    play = import_module(f"tests.bench.{WHO[who]}").prepare(database)
    wall, cpu = time.perf_counter(), time.process_time()
    ended = play()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"wall": wall, "cpu": cpu, "ended": ended, "steps": STEPS * ended, "rss_mb": peak}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(sys.argv[1], Path(sys.argv[2]))) + "\n")
