"""No contact that the engine plays ever gets more texts in a time than the checker's bound says."""

from __future__ import annotations

from random import Random

import pytest

from conductor_dsl.language.bound import BoundStep
from conductor_dsl.language.checks.flow_graph import FlowGraph, flow_graph
from conductor_dsl.language.most_messages import Search, most_messages
from conductor_dsl.shared.clock import DAY, HOUR
from tests.conformance.shop import Shop
from tests.language.contexts import check_text

ZONES = ("America/New_York", "Europe/London", "Asia/Kolkata", "Pacific/Auckland", None)
KEYS = tuple("abcdef")
DAYS = 10
HEAD = 'event go {{ x text }} field tier text conversation "C" {{ window 08:00-21:00 {} thread "T" on go {{ {} }} }}'


def script(random: Random) -> str:
    """A conversation of texts, waits of all kinds, branches, a split and loops."""
    names = iter(range(100))

    def text() -> str:
        return f'sms "x" as "S{next(names)}"'

    def wait() -> str:
        return random.choice(
            ("wait 5h", "wait 1d", "wait 2d", "wait until 10:00", "wait until window", "wait until tuesday 09:00")
        )

    def row() -> str:
        return " -> ".join(random.choice((text, text, wait))() for _ in range(random.randint(1, 3)))

    def part() -> str:
        ways = (
            row(),
            f'if tier = "Gold" {{ {row()} }} else {{ {row()} }}',
            f'split "s{next(names)}" {{ 50% {{ {row()} }} 50% {{ {row()} }} }}',
            f"wait for clicked up to 1d {{ {row()} }} else {{ {row()} }}",
        )
        return random.choice(ways)

    parts = ['sms "top" as "Top"', *(part() for _ in range(random.randint(1, 3)))]
    parts += [
        f'wait {random.choice(("4h", "1d"))} -> goto step:"Top" at most {random.choice((1, 2))} times'
    ] * random.randint(0, 1)
    reentry = random.choice(("reentry never", "reentry after 2d", "reentry after 5d", "reentry always"))
    return HEAD.format(reentry, " -> ".join([*parts, "end"]))


def most_within(times: list[int], period: int) -> int:
    """The most texts in any stretch of a period."""
    return max((sum(first <= time < first + period for time in times) for first in times), default=0)


def bound(found: FlowGraph, period: int) -> float:
    def is_text(step: BoundStep) -> bool:
        return step.name == "sms"

    return most_messages(found, Search(is_text, period, again=True)).count


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("shop", ["sqlite"], indirect=True)
def test_the_engine_never_passes_the_bound(shop: Shop, seed: int) -> None:
    random = Random(seed)
    text = script(random)
    checked = check_text(text)
    assert not [each.message for each in checked.report.findings if each.is_error and each.code < "CDX2"], text
    found = flow_graph(checked.conversations[0])
    shop.publish(text)
    for key in KEYS:
        shop.contact(key, zone=random.choice(ZONES), tier=random.choice(("Gold", "Silver")))
    for tick in range(DAYS * 3):
        for key in random.sample(KEYS, 2):
            shop.event(key, random.choice(("go", "go", "clicked")), f"{tick}{key}", conversation="C", step="Top")
        shop.pass_time("8h")
    for key in KEYS:
        times = [row.created_at for row in shop.intents(key) if row.channel == "sms"]
        for period in (8 * HOUR, DAY, 2 * DAY, 7 * DAY):
            assert most_within(times, period) <= bound(found, period), (text, key, period)
    assert sum(len(shop.intents(key)) for key in KEYS) > len(KEYS)
