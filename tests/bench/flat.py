"""Does a step cost the same, however many runs are parked?

10,000 runs are due, and so many others wait for a day that is far away: an e-mail and the end, by the engine and by
hand, side by side on one database for each number. The plot goes to `build/bench-flat.svg`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from conductor_dsl.shared.clock import VirtualClock
from tests.bench.by_engine import open_node
from tests.bench.figures import Answer, Figure, Goal, Sample
from tests.bench.parked import due_at
from tests.bench.plot import Line, plot
from tests.bench.rounds import Bench, Player, play_rounds
from tests.bench.stages import Stage
from tests.bench.winback import PLAYERS
from tests.bench.worker import Done, Play

DUE = 10_000
FLAT = 1.5
"""How many times as much a step may cost among the most parked runs as among the fewest, as noise goes."""


def ask(bench: Bench) -> Iterator[Answer]:
    """An answer for each database, and a plot of both."""
    lines: list[Line] = []
    for kind, stage in bench.stages.items():
        samples = list(_measure(bench, kind, stage))
        lines += [Line(f"{stage.name}, {who}", _microseconds(samples, who)) for who in ("engine", "by hand")]
        yield Answer(f"A step among parked runs on {stage.name}", _figures(samples), samples)
    path = bench.folder.parent / "bench-flat.svg"
    path.write_text(plot("Microseconds for a step, by the number of parked runs", lines), encoding="utf-8")
    bench.say(f"plot: {path}")


def prepare(url: str, options: Mapping[str, Any]) -> Play:
    """The engine: what is due in this round."""
    node, at, due = open_node(url), due_at(options["round"]), int(options["due"])
    clock = node.clock
    assert isinstance(clock, VirtualClock)
    clock.move_to(at)

    def play() -> Done:
        node.run_due()
        return Done(2 * due)

    return play


def _measure(bench: Bench, kind: str, stage: Stage) -> Iterator[Sample]:
    many = (10_000, 100_000, 1_000_000, *((5_000_000,) if bench.full else ()))
    due = bench.scaled(DUE, DUE)
    urls = {}
    for number in dict.fromkeys(bench.scaled(each, each) for each in many):
        bench.say(f"{stage.name}: making {number:,} parked runs")
        urls[number] = stage.make("tests.bench.parked", {"contacts": number, "due": due, "rounds": bench.rounds})
    for round_ in range(bench.rounds):
        options = {"due": due, "at": due_at(round_)}
        for number, url in urls.items():
            players = [
                Player("by hand", f"{PLAYERS[kind]['by hand']}:prepare_email", url, number, options, fresh=False),
                Player("engine", "flat", url, number, options, fresh=False),
            ]
            yield from play_rounds(bench, stage, players, (round_,))


def _microseconds(samples: list[Sample], who: str) -> dict[int, list[float]]:
    """What a step cost, by the number of parked runs."""
    found: dict[int, list[float]] = {}
    for sample in samples:
        if sample.who == who:
            found.setdefault(sample.size, []).append(sample.wall * 1e6 / sample.units)
    return found


def _figures(samples: list[Sample]) -> list[Figure]:
    figures = []
    for who in ("engine", "by hand"):
        costs = _microseconds(samples, who)
        fewest, most = min(costs), max(costs)
        growth = [high / low for high, low in zip(costs[most], costs[fewest], strict=True)]
        what = f"{who}: a step among {most:,} parked runs / among {fewest:,}"
        figures.append(Figure(what, growth, "", Goal(FLAT, at_least=False) if who == "engine" else None))
    engine, by_hand = _microseconds(samples, "engine"), _microseconds(samples, "by hand")
    for number, costs_there in engine.items():
        speed = [hand / ours for hand, ours in zip(by_hand[number], costs_there, strict=True)]
        figures.append(Figure(f"engine / by hand among {number:,} parked runs", speed))
    return figures
