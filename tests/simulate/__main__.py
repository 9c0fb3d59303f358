"""Tell many worlds, each from one seed: `python -m tests.simulate --seeds 0:2000 -j 2`."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from tests.proven.figures import Figures, write_figures
from tests.simulate.simulate import Outcome
from tests.simulate.stage import file_stage, seeds_told

CHUNK = 10
"""How many seeds a process is given at a time."""


def main() -> int:
    """Tell the worlds, print what was wrong and the figures, perhaps into a file; 0 when nothing was wrong, else 1."""
    parser = argparse.ArgumentParser(description="Tell worlds in which everything goes wrong, and check their history.")
    parser.add_argument("--seeds", default="0:200", help="From which seed to before which, as in 0:2000.")
    parser.add_argument("--seed", type=int, help="One seed only.")
    parser.add_argument("-j", "--jobs", type=int, default=1, help="How many processes.")
    parser.add_argument("--trace", action="store_true", help="Print what happened, too.")
    parser.add_argument("--json", type=Path, help="Where to write the figures.")
    chosen = parser.parse_args()
    first, last = (chosen.seed, chosen.seed + 1) if chosen.seed is not None else map(int, chosen.seeds.split(":"))
    began, figures, wrong = time.perf_counter(), Counter[str](), list[str]()
    for outcome in _outcomes(range(first, last), chosen.jobs):
        figures.update(outcome.figures)
        wrong += [f"{outcome.seed}: {each}" for each in outcome.wrong]
        sys.stdout.write(_shown(outcome, trace=chosen.trace))
    seconds = round(time.perf_counter() - began, 1)
    sys.stdout.write(
        f"{last - first:,} worlds in {seconds} s: "
        + ", ".join(f"{n:,} {name}" for name, n in sorted(figures.items()))
        + "\n"
    )
    if chosen.json is not None:
        write_figures(chosen.json, _figures(range(first, last), seconds, figures, wrong))
    return 1 if wrong else 0


def _outcomes(seeds: Sequence[int], jobs: int) -> Iterator[Outcome]:
    if jobs == 1:
        with file_stage() as stage:
            yield from map(stage.tell, seeds)
        return
    chunks = [seeds[start : start + CHUNK] for start in range(0, len(seeds), CHUNK)]
    # Not forked: a thread may be about anywhere.
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        for outcomes in pool.map(seeds_told, chunks):
            yield from outcomes


def _shown(outcome: Outcome, *, trace: bool) -> str:
    """What was wrong, with the line that tells the world again."""
    lines = list(outcome.trace) if trace else []
    if outcome.wrong:
        lines.append(f"python -m tests.simulate --seed {outcome.seed} --trace  # {len(outcome.wrong)} wrong")
        lines += [f"  {each}" for each in outcome.wrong[:5]]
    return "".join(f"{line}\n" for line in lines)


def _figures(seeds: range, seconds: float, found: Counter[str], wrong: list[str]) -> Figures:
    return Figures(
        title="Simulated worlds",
        what="Each world is told from one seed: up to three nodes over one database, in turns that dice decide, "
        "with clocks that differ, nodes that die or sleep at any point, a provider that loses, refuses, delays and "
        "doubles, and customers who buy, opt out and are imported meanwhile, while scripts are published anew.",
        command="make simulate",
        seed=f"{seeds.start} to {seeds.stop - 1}",
        seconds=seconds,
        holds=not wrong,
        facts={
            "worlds": len(seeds),
            "deaths of nodes": found["killed"],
            "things that happened": sum(count for name, count in found.items() if " " not in name) - found["killed"],
            "messages": sum(count for name, count in found.items() if name.startswith("messages ")),
            "runs": sum(count for name, count in found.items() if name.startswith("runs ")),
            "promises broken": len(wrong),
        },
        details={"wrong": wrong, "figures": dict(found)},
    )


if __name__ == "__main__":
    sys.exit(main())
