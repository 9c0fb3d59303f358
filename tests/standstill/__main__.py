"""The night after a standstill: `python -m tests.standstill --due 100000`."""

from __future__ import annotations

import argparse
import sqlite3
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.proven.figures import Fact, Figures, write_figures
from tests.standstill.crowd import Fairness, measure_fairness
from tests.standstill.judge import Account, judge
from tests.standstill.poison import Poisoned, poison_some
from tests.standstill.standstill import Night, Standstill

WHAT = """Nothing ran for three days; at three in the night a node is back. What is due are messages of ten
conversations, those that advertise and alerts, by both channels, to contacts in forty zones; meanwhile some of them
have bought and some have left. While the node works that off, on a clock that goes as fast as ours, other people order,
and are to be thanked. The two days that follow are played on a clock that is moved. Beside it a conversation with a
crowd of due runs and one with ten share a node; and a plugin's step raises, ends its process, crashes it, never ends or
eats memory at ten of very many."""
PROMPT, FAIR = 5.0, 3
"""Within so many seconds 99 of 100 are thanked; so many turns others may have before the few."""


@dataclass(frozen=True, slots=True)
class Told:
    """All that was seen."""

    night: Night
    account: Account
    fairness: Fairness
    poisoned: Poisoned

    @property
    def wrong(self) -> tuple[str, ...]:
        """What was not as it should be, a line each."""
        return (*self.account.wrong, *self.poisoned.wrong)

    @property
    def p99(self) -> float:
        """Seconds within which 99 of 100 orders were thanked for."""
        return percentile(self.night.latencies, 0.99)

    @property
    def holds(self) -> bool:
        """Whether everything was as it should be."""
        prompt = bool(self.night.latencies) and self.p99 <= PROMPT
        return not self.wrong and prompt and self.fairness.turns <= FAIR


def percentile(values: tuple[float, ...], share: float) -> float:
    """The value that a share of the values do not exceed."""
    ranked = sorted(values)
    return ranked[min(int(len(ranked) * share), len(ranked) - 1)] if ranked else 0.0


def main() -> int:
    """Play it and print the figures, perhaps into a file; 0 when everything was as it should be, else 1."""
    parser = argparse.ArgumentParser(description="Three days of standstill, and the night after them.")
    parser.add_argument("--due", type=int, default=5_000, help="How many runs are due, about.")
    parser.add_argument("--rate", type=float, default=5.0, help="Orders a second meanwhile.")
    parser.add_argument("--crowd", type=int, default=25_000, help="Due runs beside which ten others are.")
    parser.add_argument("--people", type=int, default=50, help="At a step that ten of them are poison to.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="Where to write the figures.")
    chosen, began = parser.parse_args(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="conductor-standstill-") as folder:
        shop = Standstill(Path(folder) / "shop.db", chosen.due * 114 // 1_000, chosen.seed)
        night = shop.play(chosen.rate)
        fairness = measure_fairness(Path(folder) / "crowd.db", chosen.crowd, chosen.seed)
        told = Told(night, judge(shop, night), fairness, poison_some(Path(folder), chosen.people, chosen.seed))
    figures = as_figures(told, chosen.seed, time.monotonic() - began)
    for name, fact in figures.facts.items():
        sys.stdout.write(f"{name:<75} {fact}\n")
    for line in told.wrong[:20]:
        sys.stdout.write(f"WRONG {line}\n")
    if chosen.json is not None:
        write_figures(chosen.json, figures)
    return 0 if told.holds else 1


def as_figures(told: Told, seed: int, seconds: float) -> Figures:
    """The figures for a file, and for a page."""
    night, account, fairness, poisoned = told.night, told.account, told.fairness, told.poisoned
    turns = night.turns
    facts: dict[str, Fact] = {
        "due at three in the night": night.due,
        "seconds until all of that was decided": round(night.seconds, 1),
        "orders meanwhile": len(night.latencies),
        "seconds from an order to the acceptance of its text, p50": round(percentile(night.latencies, 0.5), 3),
        "p99": round(told.p99, 3),
        "longest": round(max(night.latencies, default=0.0), 3),
        "seconds that the longest turn lasted": round(max(turns, default=0.0), 3),
        "left outside of a window, too late, twice, or unwanted": len(account.wrong),
        "of a zone that waited for its window, the largest share in one minute": round(account.crowded, 3),
        **{f"of whom: {reason}": count for reason, count in sorted(account.reasons.items())},
        "due runs of a conversation beside one with ten": fairness.crowd,
        "turns of both until the ten had their messages": fairness.turns,
        "seconds until then": round(fairness.seconds, 2),
        "contacts at a step, to ten of whom it is poison": poisoned.contacts,
        "batches at which its function failed until they were found": poisoned.calls_that_failed,
        "seconds until everybody else had their message": round(poisoned.seconds, 1),
        "seconds until as many of another conversation had theirs": round(poisoned.neighbours, 1),
    }
    return Figures(
        title="Down for three days, back at three in the night",
        what=WHAT,
        command="make standstill",
        seed=seed,
        seconds=round(seconds, 1),
        holds=told.holds,
        facts=facts,
        database=f"SQLite {sqlite3.sqlite_version}",
        details={"wrong": list(told.wrong), "reasons": dict(account.reasons), "fairness": asdict(fairness)},
    )


if __name__ == "__main__":
    sys.exit(main())
