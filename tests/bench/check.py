"""How long `conductor check` takes, imports included: for one script, and for a project of 200."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import click

WINBACK = Path(__file__).parents[2] / "examples" / "winback"
TESTS = "# What the conversation promises."
"""What the example's tests begin with."""
SCRIPTS = 200
ROUNDS = 5


def main() -> None:
    """Print the best of some rounds for each."""
    with TemporaryDirectory() as folder:
        project = Path(folder) / "shop"
        shutil.copytree(WINBACK, project, ignore=shutil.ignore_patterns("*.cdx"))
        text = (WINBACK / "winback.cdx").read_text(encoding="utf-8").partition(TESTS)[0]
        for count in (1, SCRIPTS):
            for number in range(count):
                script = text.replace('conversation "Winback"', f'conversation "Winback {number}"')
                (project / f"winback_{number}.cdx").write_text(script, encoding="utf-8")
            lines = count * len(text.splitlines())
            click.echo(f"{count:>3} scripts, {lines:>5,} lines: {_best(project):.2f} s")


def _best(project: Path) -> float:
    return min(_seconds(project) for _ in range(ROUNDS))


def _seconds(project: Path) -> float:
    start = perf_counter()
    subprocess.run([sys.executable, "-m", "conductor_dsl", "check", project], check=True, stdout=subprocess.DEVNULL)
    return perf_counter() - start


if __name__ == "__main__":
    main()
