"""Send through a provider that loses answers, with an engine that is killed: `python -m tests.sends --sends 100000`."""

from __future__ import annotations

import argparse
import sqlite3
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from tests.proven.figures import Figures, write_figures
from tests.sends.bugs import BUGS
from tests.sends.sends import Plan, Result, send_all

WHAT = """Everybody gets a text, over HTTP, from a simulated provider in a process of its own that loses answers, drops
connections and answers with garbage. The node lives for a second, then SIGKILL ends it."""


def main() -> int:
    """Run it, and print the figures, perhaps into a file; 0 when nothing was lost or doubled, else 1."""
    parser = argparse.ArgumentParser(description="Send through a provider that loses answers, killing the engine.")
    parser.add_argument("--sends", type=int, default=2_000)
    parser.add_argument("--every", type=float, default=1.0, help="Seconds that a life of the engine lasts.")
    parser.add_argument("--after", type=int, default=0, help="Texts after which it ends, about, if that is sooner.")
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
        write_figures(path, told(result, chosen["seed"]))
    return 0 if result.holds else 1


def told(result: Result, seed: int) -> Figures:
    """The figures for a file, and for a page."""
    return Figures(
        title="Texts through a provider that loses answers, by an engine that is killed",
        what=WHAT,
        command="make sends",
        seed=seed,
        seconds=result.seconds,
        holds=result.holds,
        facts={
            "texts": sum(result.messages.values()),
            "kills": result.kills,
            "faults of the provider": sum(result.faults.values()),
            "answers lost after the text was accepted": result.faults.get("lost", 0),
            "accepted by the provider": result.accepted,
            "lost": len(result.lost),
            "accepted twice, and not listed": len(result.doubled),
            "of which one side knows nothing": len(result.unknown),
            "listed as ambiguous": len(result.ambiguous),
        },
        database=f"SQLite {sqlite3.sqlite_version}",
        details=asdict(result) | {"holds": result.holds},
    )


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
