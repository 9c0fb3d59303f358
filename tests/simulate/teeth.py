"""Put one classic mistake after another into the engine, and see who notices: `python -m tests.simulate.teeth`."""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from tests.power.power import fail_everywhere
from tests.simulate.bugs import BUGS, Bug
from tests.simulate.stage import Stage, file_stage

MOST_WORLDS = 40
"""In so many worlds a mistake must have been noticed."""
POWER = "less_synchronous"
"""The mistake that only a power failure brings to light."""


@dataclass(frozen=True, slots=True)
class Caught:
    """Who has noticed a mistake, and what was seen; `by` is empty where nobody has."""

    by: str
    seen: str
    seconds: float


def catch(bug: Bug, stage: Stage) -> Caught:
    """Look for a mistake until it is noticed."""
    began = time.perf_counter()
    by, seen = _by_power() if bug.name == POWER else _by_worlds(bug, stage)
    return Caught(by, seen, round(time.perf_counter() - began, 1))


def catch_by_name(bug: Bug) -> Caught:
    """The same on a stage of its own."""
    with file_stage() as stage:
        return catch(bug, stage)


def _by_worlds(bug: Bug, stage: Stage) -> tuple[str, str]:
    for seed in range(MOST_WORLDS):
        with bug.put():
            outcome = stage.tell(seed, bug.storm)
        if outcome.wrong:
            return f"the simulation, world {seed}", outcome.wrong[0].strip().splitlines()[-1]
    return "", ""


def _by_power() -> tuple[str, str]:
    with tempfile.TemporaryDirectory(prefix="conductor-power-") as folder:
        with BUGS[POWER].put():
            told = fail_everywhere(Path(folder))
        by = "the power failure" if told.forgotten else ""
        return by, f"{len(told.forgotten)} accepted messages forgotten"


def main() -> int:
    """Print who notices which mistake; 0 when all were noticed."""
    numbers, missed = count(1), 0
    with file_stage() as stage:
        for bug in BUGS.values():
            caught = catch(bug, stage)
            missed += not caught.by
            head = f"{next(numbers):>2}  {bug.name:20} {bug.what}"
            tail = f"caught by {caught.by} in {caught.seconds} s: {caught.seen}" if caught.by else "NOT CAUGHT"
            sys.stdout.write(f"{head}\n    {tail}\n")
            sys.stdout.flush()
    sys.stdout.write(f"{len(BUGS) - missed} of {len(BUGS)} caught\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
