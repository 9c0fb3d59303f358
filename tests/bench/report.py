"""From measurements to a table for people and a file for machines."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median

GOALS = {"by hand": 0.3, "APScheduler": 30.0}
"""How many times as fast as each of them the engine is to be."""

_HEAD = f"{'who':<12} {'contacts':>9} {'seconds':>8} {'steps/s (min-max)':>26} {'by CPU (min-max)':>26} {'peak MB':>8}"


@dataclass(frozen=True, slots=True)
class Measured:
    """One run of the winback: seconds by the clock and of CPU, contacts that went through, steps, highest memory."""

    who: str
    contacts: int
    wall: float
    cpu: float
    ended: int
    steps: int
    rss_mb: float

    @property
    def wall_rate(self) -> float:
        """Steps a second by the clock."""
        return self.steps / self.wall

    @property
    def cpu_rate(self) -> float:
        """Steps a second of CPU."""
        return self.steps / self.cpu


def report_lines(measured: Sequence[Measured], memory_limit_mb: int | None = None) -> list[str]:
    """The table and, below it, how the engine compares; each ratio by the clock and by CPU."""
    head = (
        f"{'who':<12} {'contacts':>9} {'seconds':>8} {'steps/s (min-max)':>26} {'by CPU (min-max)':>26} {'peak MB':>8}"
    )
    lines = [head, *(_row(runs) for runs in _by_who(measured).values()), ""]
    lines += [_comparison(who, goal, *found) for who, goal, found in _ratios(measured)]
    if memory_limit_mb is not None:
        peak = max(one.rss_mb for one in measured)
        lines.append(f"peak memory {peak:.0f} MB, goal: under {memory_limit_mb} MB: {_met(peak < memory_limit_mb)}")
    return lines


def to_json(measured: Sequence[Measured], seed: int, about: Mapping[str, object]) -> str:
    """Every run, the ratios, and where they were measured."""
    ratios = {who: {"wall": wall, "cpu": cpu, "goal": goal} for who, goal, (wall, cpu) in _ratios(measured)}
    runs = [asdict(one) for one in measured]
    return json.dumps({**about, "seed": seed, "engine_to": ratios, "runs": runs}, indent=2) + "\n"


def _by_who(measured: Sequence[Measured]) -> dict[str, list[Measured]]:
    return {who: [one for one in measured if one.who == who] for who in dict.fromkeys(one.who for one in measured)}


def _ratios(measured: Sequence[Measured]) -> list[tuple[str, float, tuple[float, float]]]:
    """(who, goal, (engine / who by the clock, by CPU)), of the medians."""
    by_who = _by_who(measured)
    engine = by_who.get("engine", [])
    rivals = [(who, goal, by_who[who]) for who, goal in GOALS.items() if engine and who in by_who]
    return [(who, goal, (_wall(engine) / _wall(runs), _cpu(engine) / _cpu(runs))) for who, goal, runs in rivals]


def _wall(runs: Sequence[Measured]) -> float:
    return median(run.wall_rate for run in runs)


def _cpu(runs: Sequence[Measured]) -> float:
    return median(run.cpu_rate for run in runs)


def _row(runs: Sequence[Measured]) -> str:
    seconds, peak = median(run.wall for run in runs), max(run.rss_mb for run in runs)
    by_clock, by_cpu = _spread([run.wall_rate for run in runs]), _spread([run.cpu_rate for run in runs])
    return f"{runs[0].who:<12} {runs[0].contacts:>9,} {seconds:>8.2f} {by_clock:>26} {by_cpu:>26} {peak:>8.0f}"


def _spread(rates: Sequence[float]) -> str:
    return f"{median(rates):,.0f} ({min(rates):,.0f}-{max(rates):,.0f})"


def _comparison(who: str, goal: float, wall: float, cpu: float) -> str:
    text = f"engine / {who}: {wall:.2f} by the clock, {cpu:.2f} by CPU, goal at least {goal:g}"
    return f"{text}: {_met(wall >= goal)}, {_met(cpu >= goal)}"


def _met(good: bool) -> str:
    return "met" if good else "missed"
