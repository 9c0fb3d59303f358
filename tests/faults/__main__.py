"""Let a node serve while its database fails: `python -m tests.faults --database sqlite --rounds 20`."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from tests.databases import version_of
from tests.faults.database import new_database
from tests.faults.faults import FAULTS
from tests.faults.story import BATCH, Told, tell
from tests.proven.figures import Figures, write_figures

WHAT = """A node, a process of its own, writes to everybody while its database fails: one fault after the other, in an
order that the seed decides, each until the node has told of it."""
ROOM = 6
"""So many batches for each fault."""


def main() -> int:
    """Run it, and print the figures, perhaps into a file; 0 when the node went on after every fault, else 1."""
    parser = argparse.ArgumentParser(description="Let a node serve while its database fails.")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--rounds", type=int, default=1, help="How often each fault happens.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="Where to write the figures.")
    chosen = parser.parse_args()
    names = _in_order([name for name, (kind, _, _) in FAULTS.items() if kind == chosen.database], chosen)
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="conductor-faults-") as folder, new_database(chosen.database) as url:
        told = tell(Path(folder), url, names, BATCH * ROOM * (len(names) + 1))
        version = version_of(url)
    figures = _figures(told, version, chosen.seed, round(time.perf_counter() - began, 1))
    sys.stdout.write("\n".join(f"{value:>8,} {name}" for name, value in figures.facts.items()) + "\n")
    if chosen.json is not None:
        write_figures(chosen.json, figures)
    return 0 if told.holds else 1


def _in_order(names: list[str], chosen: argparse.Namespace) -> list[str]:
    """Every fault once in each round; never one twice in a row, for what is told twice within a minute is told once."""
    dice, order = random.Random(chosen.seed), list[str]()
    for _ in range(chosen.rounds):
        following = dice.sample(names, len(names))
        order += following[::-1] if order and order[-1] == following[0] else following
    return order


def _figures(told: Told, version: str, seed: int, seconds: float) -> Figures:
    facts: dict[str, int | float | str] = {"contacts": told.contacts}
    facts |= {f"times: {name}": count for name, count in told.met.items()}
    facts |= {
        "errors told": told.errors,
        "tracebacks": told.tracebacks,
        "written to twice": len(told.twice),
        "not written to": told.missing,
        "promises broken": len(told.broken),
    }
    return Figures(
        title=f"A database that fails while a node serves, on {version.split(maxsplit=1)[0]}",
        what=WHAT,
        command="make faults",
        seed=seed,
        seconds=seconds,
        holds=told.holds,
        facts=facts,
        database=version,
        details=asdict(told) | {"holds": told.holds},
    )


if __name__ == "__main__":
    sys.exit(main())
