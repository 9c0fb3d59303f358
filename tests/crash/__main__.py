"""Kill the engine many times and check its history: `python -m tests.crash --contacts 100000 --kills 500 --seed 1`."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from tests.crash.bugs import DISPATCHES
from tests.crash.crash import Plan, Result, crash


def main() -> int:
    """Run it, print the figures, write them to a file; 0 when every promise was kept, else 1."""
    parser = argparse.ArgumentParser(description="Kill the engine many times and check its history.")
    parser.add_argument("--contacts", type=int, default=3_000)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--batch", type=int, default=200)
    parser.add_argument(
        "--bug", choices=list(DISPATCHES), default="", help="Put a mistake in place of our way of sending."
    )
    parser.add_argument("--json", type=Path, help="Where to write the figures.")
    chosen = vars(parser.parse_args())
    path: Path | None = chosen.pop("json")
    with tempfile.TemporaryDirectory(prefix="conductor-crash-") as folder:
        result = crash(Plan(Path(folder), **chosen))
    sys.stdout.write(shown(result))
    if path is not None:
        path.write_text(json.dumps(result.to_json(), indent=2) + "\n", encoding="utf-8")
    return 0 if result.holds else 1


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
