"""`python -m tests.fuzz [COUNT [FIRST]]`: judge many scripts on every core; exits with 1 where one is treated badly."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor

import click

from tests.fuzz.fuzz import Failure, fuzz
from tests.language.contexts import project

COUNT = 1_000_000
SHARE = 5_000
"""How many scripts a process takes at once."""


def run_share(first: int, count: int) -> list[Failure]:
    """What one process does in one go."""
    return list(fuzz(range(first, first + count), project()))


def run(count: int, first: int) -> int:
    """Show each failure; returns how many there were."""
    starts = range(first, first + count, SHARE)
    sizes = [min(SHARE, first + count - start) for start in starts]
    failures = 0
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for share, found in enumerate(pool.map(run_share, starts, sizes), 1):
            failures += len(found)
            for failure in found:
                click.echo(f"script {failure.number}: {failure.problem}\n{failure.text!r}")
            click.echo(f"{min(share * SHARE, count):,} scripts, {failures} treated badly", err=True)
    return failures


def main(arguments: Sequence[str]) -> int:
    """Judge the scripts; the last line is JSON with the figures."""
    count, first = (*(int(each) for each in arguments), *(COUNT, 0)[len(arguments) :])
    started = time.monotonic()
    failures = run(count, first)
    seconds = round(time.monotonic() - started)
    click.echo(json.dumps({"scripts": count, "first": first, "failures": failures, "seconds": seconds}))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
