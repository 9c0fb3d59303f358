"""`make bench`: how fast, how large and how idle the engine is, beside the same work written by hand."""

from __future__ import annotations

import argparse
import json
import sys
from importlib import import_module
from os import cpu_count, getloadavg

from tests.bench.figures import Answer
from tests.bench.machine import about_machine
from tests.bench.rounds import Bench
from tests.bench.stages import ROOT, stages

RESULT = ROOT / "build" / "bench.json"
QUESTIONS = ("winback", "claims", "flat", "events_in", "first_message", "crossing", "idle", "size")
"""The modules that ask; each has a function `ask(bench)` that gives its answers one by one."""


def main() -> int:
    """Ask the questions, print a table for each, and write the numbers down; returns 0 whatever the numbers are."""
    options = _parser().parse_args()
    folder = ROOT / "build" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    about = {**about_machine(ROOT), "seed": options.seed, "full": options.full, "scale": options.scale}
    answers: list[Answer] = []
    with stages(folder) as found:
        bench = Bench(found, folder, options.seed, options.rounds, options.full, options.scale, _say)
        for question in options.questions or QUESTIONS:
            for answer in import_module(f"tests.bench.{question}").ask(bench):
                answers.append(answer)
                _say(*answer.lines(), "")
                # After each, so that a run that is broken off leaves what it knows.
                told = json.dumps({**about, "answers": [each.to_json() for each in answers]}, indent=2)
                RESULT.write_text(told + "\n", encoding="utf-8")
    _say(
        f"the load of the machine at the end: {getloadavg()[0]:.1f} on {cpu_count()} cores",
        *_summary(answers),
        "",
        f"written to {RESULT.relative_to(ROOT)}",
    )
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("questions", nargs="*", metavar="QUESTION", help=f"one or more of {', '.join(QUESTIONS)}; all")
    parser.add_argument("--full", action="store_true", help="at full size: 1,000,000 contacts, 5,000,000 parked runs")
    parser.add_argument("--scale", type=float, default=1.0, help="0.1 for a tenth of every size, for a quick look (1)")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is measured (3)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same contacts (1)")
    return parser


def _summary(answers: list[Answer]) -> list[str]:
    """Every goal in one place."""
    goals = [(answer, figure) for answer in answers for figure in answer.figures if figure.goal]
    met = sum(1 for _, figure in goals if figure.is_met)
    missed = [f"  missed: {answer.question}: {figure}" for answer, figure in goals if not figure.is_met]
    return [f"{met} of {len(goals)} goals met", *missed]


def _say(*lines: str) -> None:
    for line in lines:
        sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
