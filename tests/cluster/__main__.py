"""`make demo-cluster`: PostgreSQL and three nodes, one of which is killed."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import click

from tests.cluster.story import Told, tell
from tests.databases import start_server

CONTACTS = 4_000


def main() -> int:
    """Tell the story; 0 if nothing was lost or doubled."""
    # Short, for it is part of the name of a socket, and other users must be able to enter it.
    home, folder = (Path(tempfile.mkdtemp(prefix=name)) for name in ("cdx-pg-", "cdx-cluster-"))
    try:
        control = start_server(home)
        try:
            told = tell(folder, f"postgresql+psycopg://postgres@/postgres?host={home}", CONTACTS, click.echo)
        finally:
            control("stop", "-m", "immediate")
    finally:
        for each in (home, folder):
            shutil.rmtree(each, ignore_errors=True)
    return _report(told)


def _report(told: Told) -> int:
    states = ", ".join(f"{count:,} {state}" for state, count in sorted(told.states.items()))
    click.echo(f"messages: {states}; {len(told.twice)} were accepted twice by the provider's own log")
    for verdict in told.verification.verdicts:
        if verdict.broken:
            click.echo(f"broken: {verdict.promise}: {', '.join(verdict.examples)}")
    good = told.verification.holds and not told.twice and sum(told.states.values()) == told.contacts
    click.echo("nothing was lost, nothing was sent twice" if good else "something is wrong")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
