"""Kill the engine many times and check its history: `python -m tests.crash --contacts 100000 --kills 500 --seed 1`."""

from __future__ import annotations

import argparse
import sqlite3
import sys
import tempfile
from pathlib import Path

from tests.crash.bugs import MISTAKES
from tests.crash.crash import ANY_TIME, Plan, Result, crash
from tests.proven.figures import Figures, write_figures

WHAT = """One node after another works on the same file until SIGKILL ends it, at a named point of its way or at a
random moment. Meanwhile contacts buy, leave carts and opt out, and the provider loses answers, breaks off calls and
refuses messages. At the end every promise is checked for everybody."""


def main() -> int:
    """Run it, print the figures, write them to a file; 0 when every promise was kept, else 1."""
    parser = argparse.ArgumentParser(description="Kill the engine many times and check its history.")
    parser.add_argument("--contacts", type=int, default=3_000)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--batch", type=int, default=200)
    parser.add_argument(
        "--bug", choices=list(MISTAKES), default="", help="Put a mistake in place of our way of sending."
    )
    parser.add_argument("--json", type=Path, help="Where to write the figures.")
    chosen = vars(parser.parse_args())
    path: Path | None = chosen.pop("json")
    with tempfile.TemporaryDirectory(prefix="conductor-crash-") as folder:
        result = crash(Plan(Path(folder), **chosen))
    sys.stdout.write(shown(result))
    if path is not None:
        write_figures(path, told(result))
    return 0 if result.holds else 1


def told(result: Result) -> Figures:
    """The figures for a file, and for a page."""
    kills = sum(result.kills.values())
    at_points = kills - result.kills.get(ANY_TIME, 0)
    return Figures(
        title="A node killed again and again, on SQLite",
        what=WHAT,
        command="make crash",
        seed=result.plan.seed,
        seconds=result.seconds,
        holds=result.holds,
        facts={
            "contacts": result.plan.contacts,
            "lives of a node": result.lives,
            "kills": kills,
            "of these at a named point": at_points,
            "runs": sum(result.verification.runs.values()),
            "messages": sum(result.verification.messages.values()),
            "accepted by the provider": result.accepted,
            "lost: a step without a message or a reason": len(result.unaccounted),
            "promises broken": sum(result.broken().values()),
            "listed as ambiguous": result.verification.ambiguous,
            "checks of the file's integrity, all ok": len(result.integrity),
        },
        database=f"SQLite {sqlite3.sqlite_version}",
        details=result.to_json(),
    )


def shown(result: Result) -> str:
    """The figures as text."""
    plan, verification = result.plan, result.verification
    lines = [
        f"{plan.contacts:,} contacts, seed {plan.seed}, {result.lives:,} lives, {result.seconds} s",
        f"{sum(result.kills.values()):,} kills: " + _counts(result.kills),
        "runs: " + _counts(verification.runs),
        "messages: " + _counts(verification.messages),
        f"accepted by the provider: {result.accepted:,}; integrity_check: {', '.join(sorted(set(result.integrity)))}",
        *(f"{verdict.broken:>6,} broken: {verdict.promise}" for verdict in verification.verdicts),
        *(f"  {example}" for verdict in verification.verdicts for example in verdict.examples),
        f"{len(result.unaccounted):>6,} unaccounted for",
        *(f"  {example}" for example in result.unaccounted[:5]),
    ]
    return "\n".join(lines) + "\n"


def _counts(counts: dict[str, int] | object) -> str:
    assert isinstance(counts, dict)
    return ", ".join(f"{count:,} {name}" for name, count in sorted(counts.items()))


if __name__ == "__main__":
    sys.exit(main())
