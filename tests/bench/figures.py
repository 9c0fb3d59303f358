"""What was measured: runs of a piece of work, and the figures made of them, each with its spread and its goal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Sample:
    """One run of a piece of work.

    `who` did it on a database of `size`; `units` is how much was done; seconds by the clock and of CPU, the server's
    included; the highest memory of the process in MB. `told` are figures of its own.
    """

    who: str
    size: int
    units: int
    wall: float
    cpu: float
    rss_mb: float
    told: Mapping[str, float] = field(default_factory=dict)

    @property
    def wall_rate(self) -> float:
        """Units a second by the clock."""
        return self.units / self.wall

    @property
    def cpu_rate(self) -> float:
        """Units a second of CPU."""
        return self.units / self.cpu


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure has to be: at least so much, or below so much."""

    limit: float
    at_least: bool = True

    def is_met(self, value: float) -> bool:
        """Whether a value is good enough."""
        return value >= self.limit if self.at_least else value < self.limit

    def __str__(self) -> str:
        return f"{'at least' if self.at_least else 'below'} {self.limit:g}"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number: what it tells, its value in each round, its unit, and its goal if there is one."""

    what: str
    values: Sequence[float]
    unit: str = ""
    goal: Goal | None = None

    @property
    def value(self) -> float:
        """The median of the rounds."""
        return median(self.values)

    @property
    def is_met(self) -> bool | None:
        """Whether the median meets the goal; None where there is none."""
        return None if self.goal is None else self.goal.is_met(self.value)

    def __str__(self) -> str:
        text = f"{self.what}: {spread(self.values)}{self.unit and ' ' + self.unit}"
        return text if self.goal is None else f"{text}, goal {self.goal}: {'met' if self.is_met else 'MISSED'}"

    def to_json(self) -> dict[str, Any]:
        """For the file."""
        goal = None if self.goal is None else str(self.goal)
        numbers = {"median": self.value, "low": min(self.values), "high": max(self.values), "values": [*self.values]}
        return {"what": self.what, "unit": self.unit, **numbers, "goal": goal, "met": self.is_met}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a question has come to: its figures, the runs behind them, and what else there is to say."""

    question: str
    figures: Sequence[Figure]
    samples: Sequence[Sample]
    unit: str = "steps"
    remarks: Sequence[str] = ()

    def lines(self) -> list[str]:
        """A table of the runs, then the figures."""
        table = [_head(self.unit), *(_row(runs) for runs in _groups(self.samples))] if self.samples else []
        return ["", self.question, *table, *(f"  {figure}" for figure in self.figures), *self.remarks]

    def to_json(self) -> dict[str, Any]:
        """For the file."""
        figures = [figure.to_json() for figure in self.figures]
        runs = [asdict(sample) for sample in self.samples]
        about = {"question": self.question, "unit": self.unit, "remarks": [*self.remarks]}
        return {**about, "figures": figures, "runs": runs}


def ratios(samples: Iterable[Sample], who: str, to: str, goal: float | None = None) -> list[Figure]:
    """How many times as fast somebody is as another: by the clock and by CPU, round by round; none where one is absent.

    The two have worked in the same round, so a round in which the machine was slow was slow for both. The goal is one
    of the clock; on a shared machine the other number is the steadier one.
    """
    rounds = list(samples)
    pairs = list(zip(_of(rounds, who), _of(rounds, to), strict=False))
    if not pairs:
        return []
    wanted = None if goal is None else Goal(goal)
    return [
        Figure(f"{who} / {to}, by the clock", [one.wall_rate / other.wall_rate for one, other in pairs], "", wanted),
        Figure(f"{who} / {to}, by CPU", [one.cpu_rate / other.cpu_rate for one, other in pairs]),
    ]


def told(samples: Iterable[Sample], who: str, name: str) -> list[float]:
    """A figure of its own that somebody has told in each round."""
    return [sample.told[name] for sample in _of(samples, who)]


def spread(values: Sequence[float]) -> str:
    """The median, and the lowest and the highest."""
    return f"{_short(median(values))} ({_short(min(values))}-{_short(max(values))})"


def _of(samples: Iterable[Sample], who: str) -> list[Sample]:
    return [sample for sample in samples if sample.who == who]


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _groups(samples: Iterable[Sample]) -> list[list[Sample]]:
    groups: dict[tuple[str, int], list[Sample]] = {}
    for sample in samples:
        groups.setdefault((sample.who, sample.size), []).append(sample)
    return list(groups.values())


def _head(unit: str) -> str:
    rate = f"{unit}/s (min-max)"
    return f"  {'who':<22} {'size':>9} {'seconds':>8} {rate:>26} {'by CPU (min-max)':>26} {'peak MB':>8}"


def _row(runs: Sequence[Sample]) -> str:
    seconds, peak = median(run.wall for run in runs), max(run.rss_mb for run in runs)
    by_clock, by_cpu = spread([run.wall_rate for run in runs]), spread([run.cpu_rate for run in runs])
    return f"  {runs[0].who:<22} {runs[0].size:>9,} {seconds:>8.2f} {by_clock:>26} {by_cpu:>26} {peak:>8.0f}"
