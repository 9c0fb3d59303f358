"""Functions of steps that fail: those at fault are found and set aside, and keep nobody else waiting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from conductor_dsl.plugin.host import Host
from conductor_dsl.program.operations import Call
from conductor_dsl.runtime.call_out import Failed
from conductor_dsl.runtime.done import Done
from conductor_dsl.runtime.errands import ATTEMPTS, FEW
from conductor_dsl.runtime.node import Node
from conductor_dsl.runtime.programs import Shelf
from conductor_dsl.runtime.verify.verify import verify
from conductor_dsl.shared.clock import DAY, HOUR, MINUTE
from conductor_dsl.store import tables as t
from conductor_dsl.store.quarantine import count_quarantined, quarantined, release
from tests.conformance.shop import Shop, host
from tests.conformance.test_turns import crowd

CALLING = 'field f text conversation "C" { thread "T" when no_order_within 60d check every 30d { %s } }'
SCORED = 'set f = "x" -> sms "Scored" ttl 9d -> end "done"'
HELLO = 'conversation "B" { thread "T" when no_order_within 60d check every 30d { sms "Hello" -> end } }'


class Plugin:
    """A function that fails at the contacts whose keys are bad, and remembers whom it was called for."""

    def __init__(self, *bad: str) -> None:
        self.bad, self.calls = set(bad), list[list[str]]()

    def __call__(self, rows: Sequence[Mapping[str, Any]], _: Mapping[str, Any]) -> None:
        self.calls.append([row["key"] for row in rows])
        found = self.bad.intersection(self.calls[-1])
        if found or "*" in self.bad:
            raise ValueError(f"no score for {min(found or ['anybody'])}")


def with_function(function: Plugin) -> Host:
    """The step `set` calls the function."""
    called = replace(host().steps["set"], lower=lambda step: Call("set", {}, step.edge("next")), function=function)
    return replace(host(), steps={**host().steps, "set": called})


def node(shop: Shop, function: Plugin, **changes: Any) -> Node:
    providers = {"sms": shop.sms, "email": shop.email}
    return Node(shop.engine, Shelf(with_function(function)), providers, shop.clock, **changes)


def failures(worker: Node) -> list[Failed]:
    """What fails while a node does what is due."""
    told: list[Done] = []
    replace(worker, announce=told.append).run_due()
    return [done for done in told if isinstance(done, Failed)]


def kept(shop: Shop) -> dict[str, str | None]:
    with shop.engine.connect() as connection:
        return {each.contact: each.reason for each in quarantined(connection, 1_000)}


@pytest.mark.parametrize("bad", [{"c7"}, {"c0", "c1", "c2"}, {"c0", "c19", "c39"}, {f"c{n}" for n in range(0, 40, 4)}])
def test_those_at_whom_it_fails_are_set_aside_and_the_others_go_on(shop: Shop, bad: set[str]) -> None:
    crowd(shop, 40)
    shop.publish(CALLING % SCORED, HELLO)
    plugin = Plugin(*bad)
    failures(node(shop, plugin))
    assert kept(shop) == {key: f"ValueError: no score for {key}" for key in bad}
    assert (shop.texts().count("Scored"), shop.texts().count("Hello")) == (40 - len(bad), 40)
    passed = [key for call in plugin.calls if not bad.intersection(call) for key in call]
    assert len(passed) == len(set(passed)) == 40 - len(bad), "nobody is called for twice who passes"
    assert len(plugin.calls) <= 2 * len(bad) * 7 + 3
    assert "quarantined" in {run.state for run in shop.runs(min(bad))}


def test_who_is_released_is_tried_again_at_the_step(shop: Shop) -> None:
    crowd(shop, 8)
    shop.publish(CALLING % SCORED)
    plugin = Plugin("c3", "c5")
    failures(node(shop, plugin))
    assert shop.runs("c3")[0].due_at is None
    with shop.engine.begin() as connection:
        assert release(connection, ["c3"], shop.now, "by hand: released") == 1
        assert count_quarantined(connection) == 1
    plugin.bad.remove("c3")
    failures(node(shop, plugin))
    assert (plugin.calls[-1], shop.state("c3"), shop.state("c5")) == (["c3"], "completed: done", "quarantined")
    with shop.engine.begin() as connection:
        assert release(connection, None, shop.now, "by hand: released") == 1
    assert ("set", "decided", "by hand: released") in shop.history("c5")


def test_where_it_fails_at_everybody_the_step_rests_and_nobody_is_blamed(shop: Shop) -> None:
    crowd(shop, 60)
    shop.publish(CALLING % SCORED, HELLO)
    plugin = Plugin("*")
    worker = node(shop, plugin)
    [*_, last] = failures(worker)
    assert (kept(shop), shop.texts().count("Hello")) == ({}, 60)
    assert "the step rests: it is tried again in 1 min" in last.remedy
    assert len(plugin.calls) <= 6 + FEW + 1
    assert worker.run_due() == shop.now + MINUTE
    shop.clock.move_to(shop.now + MINUTE)
    assert "in 2 min" in failures(worker)[-1].remedy
    plugin.bad.clear()
    shop.clock.move_to(shop.now + 2 * MINUTE)
    assert failures(worker) == []
    assert shop.texts().count("Scored") == 60


def test_one_who_is_alone_is_set_aside_after_five_tries(shop: Shop) -> None:
    shop.contact("a")
    shop.publish(CALLING % SCORED)
    plugin = Plugin("a")
    worker = node(shop, plugin)
    for tries in range(1, ATTEMPTS + 1):
        assert len(failures(worker)) == 1
        assert len(plugin.calls) == tries
        shop.clock.move_to(shop.now + 10 * MINUTE)
    assert kept(shop) == {"a": "ValueError: no score for a"}
    failures(worker)
    assert len(plugin.calls) == ATTEMPTS


def test_who_is_alone_does_not_keep_those_waiting_who_come_later(shop: Shop) -> None:
    shop.contact("a")
    shop.publish((CALLING % SCORED).replace("when no_order_within 60d check every 30d", "on order.placed"))
    worker = node(shop, Plugin("a"))
    shop.order("a", "1")
    failures(worker)
    crowd(shop, 3)
    shop.order("c1", "2")
    shop.clock.move_to(shop.now + MINUTE)
    failures(worker)
    assert (shop.texts(), list(kept(shop))) == (["Scored"], ["a"])


def test_who_leaves_while_it_is_called_does_not_go_on(shop: Shop) -> None:
    crowd(shop, 3)

    class Ordering(Plugin):
        def __call__(self, rows: Sequence[Mapping[str, Any]], arguments: Mapping[str, Any]) -> None:
            super().__call__(rows, arguments)
            shop.order("c1", "1")

    shop.publish((CALLING % SCORED).replace("{ thread", "{ exit on order.placed thread"))
    failures(node(shop, Ordering()))
    assert (len(shop.texts()), shop.state("c1")) == (2, "exited: exit on order.placed")


def test_a_node_that_ends_meanwhile_leaves_them_to_the_next_one(shop: Shop) -> None:
    """They are due again when the time of the call is over, and as late as they were."""

    class Dead(BaseException):
        pass

    def reached(point: str) -> None:
        if point == "errand.begun":
            raise Dead

    crowd(shop, 3)
    shop.publish(CALLING % SCORED.replace("set", "wait 1d -> set"))
    shop.run()
    shop.clock.move_to(shop.now + DAY)
    plugin = Plugin()
    with pytest.raises(Dead):
        node(shop, plugin, reached=reached).run_due()
    due = node(shop, plugin).run_due()
    assert due is not None and shop.now < due <= shop.now + 2 * MINUTE
    assert shop.texts() == []
    shop.clock.move_to(due)
    failures(node(shop, plugin))
    assert (shop.texts(), len(plugin.calls)) == (["Scored"] * 3, 2)


def test_a_message_behind_a_call_is_as_late_as_one_before_it(shop: Shop) -> None:
    shop.contact("a")
    shop.publish(CALLING % SCORED.replace("ttl 9d", "ttl 2h").replace("set", "wait 1d -> set"))
    worker = node(shop, Plugin())
    worker.run_due()
    shop.clock.move_to(shop.now + DAY + 3 * HOUR)
    worker.run_due()
    assert (shop.texts(), shop.reasons("a")) == ([], ["expired_ttl"])


def test_a_call_waits_for_the_verdict_on_the_message_before_it(shop: Shop) -> None:
    shop.contact("a")
    shop.publish(CALLING % 'sms "First" -> set f = "x" -> end')
    seen: list[int] = []

    class Watching(Plugin):
        def __call__(self, rows: Sequence[Mapping[str, Any]], arguments: Mapping[str, Any]) -> None:
            super().__call__(rows, arguments)
            seen.append(len(shop.texts()))

    failures(node(shop, Watching()))
    assert seen == [1]


def test_the_counts_add_up_with_those_in_quarantine(shop: Shop) -> None:
    crowd(shop, 8)
    shop.publish(CALLING % SCORED)
    failures(node(shop, Plugin("c3")))
    states = Counter(row.state for row in shop.rows(sa.select(t.run.c.state)))
    assert states == {"quarantined": 1, "completed": 7}
    assert verify(shop.engine, with_function(Plugin())).holds
