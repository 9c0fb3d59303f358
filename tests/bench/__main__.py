"""`make bench`: the winback by hand, through the engine and through APScheduler, in turns on the same data."""

from __future__ import annotations

import argparse
import sys

from tests.bench.machine import about_machine
from tests.bench.report import Measured, report_lines, to_json
from tests.bench.rounds import ROOT, Plan, play_rounds

RESULT = ROOT / "build" / "bench.json"
MEMORY_CONTACTS = 1_000_000
MEMORY_LIMIT_MB = 200


def main() -> int:
    """Run the bench, print a table, and write the numbers down; returns 0 whatever the numbers are."""
    options = _parser().parse_args()
    folder = ROOT / "build" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    if options.memory:
        plan = Plan(folder, options.seed, {"engine": options.contacts or MEMORY_CONTACTS}, 1)
    else:
        many = options.contacts or 100_000
        contacts = {"by hand": many, "engine": many, "APScheduler": options.apscheduler}
        plan = Plan(folder, options.seed, contacts, options.rounds)
    measured: list[Measured] = []
    for one in play_rounds(plan):
        measured.append(one)
        _say(f"{one.who}: {one.contacts:,} contacts, {one.wall_rate:,.0f} steps/s, peak {one.rss_mb:.0f} MB")
    _say("", *report_lines(measured, MEMORY_LIMIT_MB if options.memory else None))
    RESULT.write_text(to_json(measured, options.seed, about_machine(ROOT)), encoding="utf-8")
    _say("", f"written to {RESULT.relative_to(ROOT)}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--contacts", type=int, help="contacts in the database (100,000; with --memory 1,000,000)")
    parser.add_argument("--apscheduler", type=int, default=1_000, help="contacts for APScheduler (1,000)")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is measured (3)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same contacts (1)")
    parser.add_argument("--memory", action="store_true", help="the engine once with 1,000,000 contacts, for its memory")
    return parser


def _say(*lines: str) -> None:
    for line in lines:
        sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
