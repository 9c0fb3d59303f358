"""One measurement in a process of its own: `python -m tests.bench.worker PLAYER URL OPTIONS` prints a line of JSON."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Done:
    """How much was done, and figures of its own: what a player gives."""

    units: int
    told: Mapping[str, float] = field(default_factory=dict)


Play = Callable[[], Done]
"""What is timed. A player has a function that makes everything ready and returns it: `prepare(url, options)`, or one
that is named behind a colon."""


def measure(player: str, url: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Play once over a database; the fields of a `Sample` but for `who` and `size`."""
    module, _, way = player.partition(":")
    play: Play = getattr(import_module(f"tests.bench.{module}"), way or "prepare")(url, options)
    server = int(options.get("server", 0))
    wall, cpu = time.perf_counter(), _cpu(server)
    done = play()
    cpu, wall = _cpu(server) - cpu, time.perf_counter() - wall
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"units": done.units, "wall": wall, "cpu": cpu, "rss_mb": peak, "told": dict(done.told)}


def _cpu(server: int) -> float:
    """Seconds of CPU of this process, of the processes it has waited for, and of the server's."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime + (cpu_of_server(server) if server else 0.0)


def cpu_of_server(server: int) -> float:
    """Seconds of CPU of a process, of its children, and of those that have ended."""
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name, in brackets, may hold anything.
            fields = path.read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            continue  # it has ended meanwhile
        if int(path.parent.name) == server:
            ticks += sum(int(number) for number in fields[11:15])
        elif int(fields[1]) == server:
            ticks += sum(int(number) for number in fields[11:13])
    return ticks / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(sys.argv[1], sys.argv[2], json.loads(sys.argv[3]))) + "\n")
