"""Lose the database while a node sends, and put backups back: `python -m tests.restore --contacts 2000 --losses 10`."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from tests.databases import version_of
from tests.faults.database import new_database
from tests.proven.figures import Figures, write_figures
from tests.restore.story import Told, tell

WHAT = """A node sends a text to everybody, over HTTP, by a simulated provider that loses answers. A backup is made
while it sends; a few batches later the node is killed and its database deleted. The backup is put back, `conductor
recover` finds out what had left since, and the node goes on; so many times."""


def main() -> int:
    """Run it, and print the figures, perhaps into a file; 0 when nobody got a text twice or none, else 1."""
    parser = argparse.ArgumentParser(description="Lose the database while a node sends, and put backups back.")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--contacts", type=int, default=300)
    parser.add_argument("--losses", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--forget", action="store_true", help="Do not recover, to show what would become of people.")
    parser.add_argument("--json", type=Path, help="Where to write the figures.")
    chosen = parser.parse_args()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="conductor-restore-") as folder, new_database(chosen.database) as url:
        told = tell(Path(folder), url, chosen.contacts, chosen.losses, chosen.seed, recovers=not chosen.forget)
        version = version_of(url)
    figures = _figures(told, version, chosen.seed, round(time.perf_counter() - began, 1))
    sys.stdout.write("\n".join(f"{value:>8,} {name}" for name, value in figures.facts.items()) + "\n")
    if chosen.json is not None:
        write_figures(chosen.json, figures)
    return 0 if told.holds else 1


def _figures(told: Told, version: str, seed: int, seconds: float) -> Figures:
    return Figures(
        title=f"A database that is lost, and a backup put back, on {version.split(maxsplit=1)[0]}",
        what=WHAT,
        command="make restore",
        seed=seed,
        seconds=seconds,
        holds=told.holds,
        facts={
            "contacts": told.contacts,
            "times that the database was lost": told.losses,
            "texts that had left after the backup": told.forgotten,
            "accepted by the provider": told.taken,
            "sent twice": len(told.doubled),
            "never sent": told.missing,
            "listed as ambiguous": told.ambiguous,
            "promises broken": len(told.broken),
        },
        database=version,
        details=asdict(told) | {"holds": told.holds},
    )


if __name__ == "__main__":
    sys.exit(main())
