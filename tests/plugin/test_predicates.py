"""The predicates that come with Conductor, by their edges; that SQL says the same is compared on random data."""

from __future__ import annotations

from conductor_dsl.plugin.host import build_host
from conductor_dsl.program.facts import PlainFacts
from conductor_dsl.shared.clock import DAY

NOW = 1_772_445_600_000


def test_an_interval_ends_now_and_leaves_out_its_beginning() -> None:
    within = build_host().predicates["ordered_within"]
    never = build_host().predicates["no_order_within"]
    for last_order, inside in ((NOW, True), (NOW - 60 * DAY + 1, True), (NOW - 60 * DAY, False), (None, False)):
        facts = PlainFacts({"last_order_at": last_order}, NOW)
        assert within.plain(facts, {"duration": "60d"}) is inside
        assert never.plain(facts, {"duration": "60d"}) is not inside
