"""Nodes over PostgreSQL that are killed, paused and stopped: `python -m tests.nodes kills --contacts 100000`."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.nodes import kills, pauses, stops
from tests.nodes.bugs import BUGS
from tests.nodes.server import Server, private_server
from tests.nodes.shown import kills_to_figures, pauses_to_figures, shown, stops_to_figures
from tests.proven.figures import Figures, write_figures


def main() -> int:
    """Tell one of the stories, print its figures, write them to a file; 0 when every promise was kept, else 1."""
    chosen = vars(_parser().parse_args())
    path: Path | None = chosen.pop("json")
    story = STORIES[chosen.pop("story")]
    # Whoever is told to stop takes down what was started.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="conductor-nodes-") as folder, private_server() as server:
        figures = story(Path(folder), server, chosen)
    sys.stdout.write(shown(figures))
    if path is not None:
        write_figures(path, figures)
    return 0 if figures.holds else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.nodes", description=__doc__)
    parser.add_argument("--json", type=Path, help="Where to write the figures.")
    parser.add_argument("--seed", type=int, default=1)
    stories = parser.add_subparsers(dest="story", required=True)
    killed = stories.add_parser("kills", help="nodes are killed, and the database crashes")
    killed.add_argument("--contacts", type=int, default=2_000)
    killed.add_argument("--kills", type=int, default=20)
    killed.add_argument("--crashes", type=int, default=3)
    killed.add_argument("--every", type=float, default=5.0, help="Mean number of seconds between crashes.")
    killed.add_argument("--batch", type=int, default=200)
    killed.add_argument("--wait", default="20s", help="How long runs wait between their messages.")
    killed.add_argument("--met", action="store_true", help="Crash where nodes notice, and go on when they have.")
    killed.add_argument("--down", type=float, default=0.0, help="How many seconds the database is down at least.")
    paused = stories.add_parser("pauses", help="nodes are stopped for longer than their lease, and go on")
    paused.add_argument("--pauses", type=int, default=4)
    paused.add_argument("--pairs", type=int, default=2, help="How many pairs of nodes there are at once.")
    paused.add_argument("--bug", choices=list(BUGS), default="", help="Leave something out of the engine.")
    stopped = stories.add_parser("stops", help="nodes are told to stop while they send")
    stopped.add_argument("--stops", type=int, default=6)
    return parser


def _kills(folder: Path, server: Server, chosen: Mapping[str, Any]) -> Figures:
    return kills_to_figures(kills.tell_kills(kills.Plan(folder, **chosen), server))


def _pauses(folder: Path, server: Server, chosen: Mapping[str, Any]) -> Figures:
    return pauses_to_figures(pauses.tell_pauses(pauses.Plan(folder, **chosen), server))


def _stops(folder: Path, server: Server, chosen: Mapping[str, Any]) -> Figures:
    return stops_to_figures(stops.tell_stops(stops.Plan(folder, **chosen), server))


STORIES: Mapping[str, Callable[[Path, Server, Mapping[str, Any]], Figures]] = {
    "kills": _kills,
    "pauses": _pauses,
    "stops": _stops,
}
"""What can be told, by name."""


if __name__ == "__main__":
    sys.exit(main())
