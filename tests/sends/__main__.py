"""Send through a provider that loses answers, with an engine that is killed: `python -m tests.sends --sends 100000`."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from tests.sends.bugs import BUGS
from tests.sends.sends import Plan, Result, send_all


def main() -> int:
    """Run it, and print the figures, perhaps into a file; 0 when nothing was lost or doubled, else 1."""
    parser = argparse.ArgumentParser(description="Send through a provider that loses answers, killing the engine.")
    parser.add_argument("--sends", type=int, default=2_000)
    parser.add_argument("--every", type=float, default=1.0, help="Seconds that a life of the engine lasts.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--batch", type=int, default=200)
    parser.add_argument("--bug", choices=list(BUGS), default="", help="Put a mistake in place of the provider.")
    parser.add_argument("--json", type=Path, help="Where to write the figures.")
    chosen = vars(parser.parse_args())
    path: Path | None = chosen.pop("json")
    with tempfile.TemporaryDirectory(prefix="conductor-sends-") as folder:
        result = send_all(Plan(Path(folder), **chosen))
    sys.stdout.write(shown(result))
    if path is not None:
        path.write_text(json.dumps(asdict(result) | {"holds": result.holds}, indent=2) + "\n", encoding="utf-8")
    return 0 if result.holds else 1


def shown(result: Result) -> str:
    """The figures as text."""
    faults = ", ".join(f"{count:,} {name}" for name, count in sorted(result.faults.items()))
    messages = ", ".join(f"{count:,} {name}" for name, count in sorted(result.messages.items()))
    lines = [
        f"{result.kills:,} kills in {result.seconds} s",
        f"messages: {messages}",
        f"the provider: {result.accepted:,} accepted; faults: {faults}",
        *(f"{len(keys):>6,} {name}: {', '.join(keys[:3])}" for name, keys in _keys(result)),
        *(f"{count:>6,} broken: {promise}" for promise, count in result.broken.items()),
    ]
    return "\n".join(lines) + "\n"


def _keys(result: Result) -> list[tuple[str, tuple[str, ...]]]:
    return [
        ("listed as ambiguous", result.ambiguous),
        ("lost", result.lost),
        ("accepted twice, and not listed", result.doubled),
        ("of which one side knows nothing", result.unknown),
    ]


if __name__ == "__main__":
    sys.exit(main())
