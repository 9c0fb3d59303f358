"""Rounds: A B C, A B C, .. so that a machine that slows down slows everybody down; each run is a process of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.bench.figures import Sample
from tests.bench.stages import Stage, run_module


@dataclass(frozen=True, slots=True)
class Bench:
    """What every question is asked with: on which databases, with which seed, how often, how large, and who listens."""

    stages: Mapping[str, Stage]
    folder: Path
    seed: int
    rounds: int
    full: bool
    scale: float
    say: Callable[[str], None]

    def scaled(self, small: int, full: int) -> int:
        """A number of contacts: the small one or the full one, times the scale."""
        return max(int((full if self.full else small) * self.scale), 1)


@dataclass(frozen=True, slots=True)
class Player:
    """Who plays: a module of this folder, on which data, and with which options."""

    who: str
    module: str
    url: str
    size: int
    options: Mapping[str, Any] = field(default_factory=dict)
    fresh: bool = True
    """Whether each run wants a copy of the data, or can go on where the one before has ended."""


def play_rounds(
    bench: Bench, stage: Stage, players: Sequence[Player], rounds: Sequence[int] | None = None
) -> Iterator[Sample]:
    """Every measurement as it comes; making and copying data is not measured. `round` is among the options."""
    for number in range(bench.rounds) if rounds is None else rounds:
        for player in players:
            sample = _play(stage, player, number)
            bench.say(f"{stage.name}, {player.who}: {sample.units:,} in {sample.wall:.2f} s")
            yield sample


def _play(stage: Stage, player: Player, number: int) -> Sample:
    url = stage.copy(player.url) if player.fresh else player.url
    options = {**player.options, "round": number, "server": stage.server}
    found = json.loads(run_module("tests.bench.worker", player.module, url, json.dumps(options)))
    return Sample(who=player.who, size=player.size, **found)
