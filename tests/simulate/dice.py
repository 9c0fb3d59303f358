"""Dice: which faults there are in a world, and how often; drawn for each seed, so that some worlds are calm."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from conductor_dsl.shared.clock import HOUR, MINUTE, SECOND

LOOK_UPS = ("exact", "exact", "delayed", "none")


@dataclass(frozen=True, slots=True)
class Weather:
    """What goes wrong, as shares of what could; times are in milliseconds.

    Of nodes: killed or asleep for longer than a lease at a point, without their database for a moment, clocks apart. Of
    the provider: calls that break off, answers that are lost, messages that are refused and so on; `slow` is how long a
    message takes at most, `patience` how long it wants to be left alone. Of receipts: how many come, come twice, come
    late. `bustle` is how often customers do something, `capped` whether the project has caps.
    """

    nodes: int
    batch: int
    killed: float
    asleep: float
    yielding: float
    disk: float
    skew: int
    plugin: float
    broken: float
    lost: float
    dropped: float
    transient: float
    rejected: float
    throttled: float
    patience: int
    handed_back: float
    slow: int
    look_up: str
    by_id: bool
    has_second: bool
    is_paced: bool
    told: float
    told_twice: float
    undelivered: float
    longest_news: int
    standstills: int
    bustle: int
    capped: bool


Storm = Callable[[Weather], Weather]
"""What changes the weather for a purpose."""


def draw_weather(dice: Random) -> Weather:
    """The weather of a world: every fault is there in about half of all worlds."""

    def perhaps(most: float) -> float:
        return dice.uniform(0, most) if dice.random() < 0.55 else 0.0

    return Weather(
        nodes=dice.choice((1, 2, 2, 2, 3)),
        batch=dice.choice((3, 8, 40, 10_000)),
        killed=perhaps(0.03),
        asleep=perhaps(0.03),
        yielding=dice.choice((0.1, 0.5)),
        disk=perhaps(0.01),
        skew=dice.choice((0, 0, 300, 1 * SECOND)),
        plugin=perhaps(0.5),
        broken=perhaps(0.2),
        lost=perhaps(0.3),
        dropped=perhaps(0.2),
        transient=perhaps(0.3),
        rejected=perhaps(0.2),
        throttled=perhaps(0.2),
        patience=dice.choice((90 * SECOND, 90 * SECOND, 5 * HOUR)),
        handed_back=perhaps(0.1),
        slow=dice.choice((0, 5, 40)),
        look_up=dice.choice(LOOK_UPS),
        by_id=dice.random() < 0.3,
        has_second=dice.random() < 0.4,
        is_paced=dice.random() < 0.3,
        told=perhaps(0.6),
        told_twice=perhaps(0.5),
        undelivered=perhaps(0.3),
        longest_news=dice.choice((10 * SECOND, 10 * MINUTE, 30 * HOUR)),
        standstills=dice.choice((0, 0, 1)),
        bustle=dice.randint(2, 8),
        capped=dice.random() < 0.5,
    )
