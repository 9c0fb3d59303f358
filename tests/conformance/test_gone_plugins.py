"""Plugins that are gone or fail: their people wait, nothing of them is lost, and nobody else waits with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from conductor_dsl.language.flow import FlowStep
from conductor_dsl.plugin.channels import Verdict
from conductor_dsl.plugin.host import Host
from conductor_dsl.program.facts import SqlFacts
from conductor_dsl.program.operations import Call
from conductor_dsl.runtime.node import RETRY, Node
from conductor_dsl.runtime.programs import Shelf
from conductor_dsl.shared.clock import MINUTE
from conductor_dsl.store import tables as t
from conductor_dsl.store.notices import NEXT_NOTICE
from tests.conformance.shop import Shop, host

PARKED = 'when no_order_within 60d check every 1d -> sms "One" on_failed { email saved:"Hello" -> end } -> end'
SETTING = 'field f text when no_order_within 60d check every 1d -> set f = "x" -> end'
HELLO = 'conversation "B" { thread "T" when no_order_within 60d check every 1d { sms "Hello" -> end } }'


def node(shop: Shop, known: Host) -> Node:
    return Node(shop.engine, Shelf(known), {"sms": shop.sms, "email": shop.email}, shop.clock)


def without(step: str) -> Host:
    return replace(host(), steps={name: each for name, each in host().steps.items() if name != step})


def test_a_run_whose_verdict_comes_while_its_plugin_is_gone_goes_on_when_it_is_back(shop: Shop) -> None:
    shop.contact("a")
    shop.publish(PARKED)
    shop.sms.answer = lambda _: Verdict.TRANSIENT
    shop.run()
    shop.sms.answer = lambda _: Verdict.ACCEPTED
    shop.clock.move_to(shop.now + 2 * MINUTE)
    node(shop, without("end")).run_due()
    assert (shop.messages("a"), shop.state("a")) == ([("accepted", None)], "active")
    shop.run()
    assert (shop.state("a"), len(shop.sms.accepted), shop.email.attempts) == ("completed: end", 1, [])


def test_a_node_is_not_woken_for_an_audience_whose_plugin_is_gone(shop: Shop) -> None:
    shop.contact("a")
    shop.publish(PARKED)
    due = node(shop, without("end")).run_due()
    with shop.engine.connect() as connection:
        assert due == connection.scalar(sa.select(NEXT_NOTICE)), "but for the daily word to the staff"


def test_a_plugin_that_fails_keeps_nobody_else_waiting_and_is_tried_again(shop: Shop) -> None:
    rows: list[Mapping[str, Any]] = []

    def function(batch: Sequence[Mapping[str, Any]], _: Mapping[str, Any]) -> None:
        if not rows:
            rows.extend(batch)
            raise ConnectionError("no network")

    called = replace(host().steps["set"], lower=lambda step: Call("set", {}, step.edge("next")), function=function)
    told: list[str] = []
    worker = node(shop, replace(host(), steps={**host().steps, "set": called}))
    worker = replace(worker, announce=lambda done: told.append(str(done)))
    shop.contact("a")
    shop.publish(SETTING, HELLO)
    assert worker.run_due() == shop.now + RETRY
    assert shop.texts() == ["Hello"]
    assert any("no network" in line for line in told)
    shop.clock.move_to(shop.now + RETRY)
    worker.run_due()
    assert {run.state for run in shop.runs("a")} == {"completed"}


def test_a_condition_whose_plugin_is_gone_or_fails_stops_its_own_conversation_only(shop: Shop) -> None:
    def fails(*_: object) -> Any:
        raise KeyError("tier")

    shop.contact("a", ordered="61d")
    shop.publish('when ordered_within 90d -> sms "Asked" -> end', HELLO)
    known = host().predicates
    failing = {**known, "ordered_within": replace(known["ordered_within"], sql=fails)}
    gone = {name: each for name, each in known.items() if name != "ordered_within"}
    for predicates, why in (
        (failing, "the condition `ordered_within` failed: KeyError: 'tier'"),
        (gone, "no installed"),
    ):
        assert any(why in each for each in told_by(shop, replace(host(), predicates=predicates)))
        assert [out.text for out in shop.sms.accepted] == ["Hello"]
    shop.run()
    assert sorted(out.text for out in shop.sms.accepted) == ["Asked", "Hello"]


def test_a_step_that_fails_as_it_is_lowered_stops_its_own_conversation_only(shop: Shop) -> None:
    def divides(_: FlowStep) -> Any:
        return 1 / 0

    def says(_: FlowStep) -> Any:
        return "nothing"

    shop.contact("a", ordered="61d")
    shop.publish(SETTING, HELLO)
    for lower, why in ((divides, "ZeroDivisionError"), (says, "becomes a str")):
        broken = replace(host(), steps={**host().steps, "set": replace(host().steps["set"], lower=lower)})
        assert any("the step `set` failed" in each and why in each for each in told_by(shop, broken))
        assert [out.text for out in shop.sms.accepted] == ["Hello"]


ASKS = {
    "an audience": 'thread "T" when ordered_within 90d check every 30d { sms "Asked" -> end }',
    "a gate": 'thread "T" when no_order_within 60d check every 30d { when ordered_within 90d -> sms "Asked" -> end }',
    "an event": 'thread "T" on address.changed where ordered_within 90d { sms "Asked" -> end }',
}


@pytest.mark.parametrize("where", ASKS)
def test_a_condition_that_fails_as_it_is_asked_stops_its_own_conversation_only(shop: Shop, where: str) -> None:
    """As it was loaded it did not fail."""
    good = host().predicates["ordered_within"]
    fails: list[bool] = []

    def sql(facts: SqlFacts, arguments: Mapping[str, Any]) -> Any:
        if fails:
            raise KeyError("tier")
        return good.sql(facts, arguments)

    shop.contact("a", ordered="61d")
    shop.publish(f'conversation "A" {{ {ASKS[where]} }}', HELLO)
    told: list[str] = []
    broken = replace(host(), predicates={**host().predicates, "ordered_within": replace(good, sql=sql)})
    worker = replace(node(shop, broken), announce=lambda done: told.append(str(done)))
    with shop.engine.connect() as connection:
        worker.shelf.programs(connection)
    if where == "an event":
        happen = {"contact_id": shop.id("a"), "key": "k", "name": "address.changed", "at": shop.now, "payload": "{}"}
        shop.execute(sa.insert(t.happening).values(happen))
    fails.append(True)
    due = worker.run_due()
    assert shop.texts() == ["Hello"]
    assert [line for line in told if "KeyError: 'tier'" in line] == [
        "a condition of conversation `A` failed: KeyError: 'tier'"
    ]
    assert due == shop.now + RETRY
    fails.clear()
    shop.clock.move_to(shop.now + RETRY)
    worker.run_due()
    assert ("Asked" in shop.texts()) == (where != "an event"), "what happened meanwhile is over"


def told_by(shop: Shop, known: Host) -> list[str]:
    """What a node with these plugins tells while it does what is due."""
    told: list[str] = []
    replace(node(shop, known), announce=lambda done: told.append(str(done))).run_due()
    return told
