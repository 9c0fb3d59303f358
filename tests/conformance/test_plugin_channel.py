"""A channel that a plugin brings is closed by a dead device, and open for another one."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from conductor_dsl.language.flow import FlowStep
from conductor_dsl.plugin.channels import Mark, Outgoing, Receipt, Verdict
from conductor_dsl.plugin.host import Host
from conductor_dsl.program.operations import Operation, Send
from conductor_dsl.runtime.node import Node
from conductor_dsl.runtime.programs import Shelf
from conductor_dsl.runtime.publish import Script, publish
from conductor_dsl.store import tables as t
from tests.conformance.shop import Carrier, Shop, catalogue, flows, host

SCRIPT = 'on joined -> sms "Hello" -> end'
EVENT = "event joined { }\n"


def pushing() -> Host:
    """The plugins, where `sms` sends to the device of a contact."""

    def lower(step: FlowStep) -> Operation:
        return Send("push", "device", step.edge("next"), body=step.arguments["body"])

    steps = {**host().steps, "sms": replace(host().steps["sms"], lower=lower)}
    return replace(host(), steps=steps, vocabulary=replace(host().vocabulary, channels=("push",)))


class App:
    """A shop with an app."""

    def __init__(self, shop: Shop) -> None:
        self.shop, self.push = shop, Carrier()
        self.node = Node(shop.engine, Shelf(pushing()), {"push": self.push}, shop.clock)
        known = catalogue()
        with shop.engine.begin() as connection:
            publish(connection, [Script(flow, "") for flow in flows(EVENT + SCRIPT, known)], known, pushing(), shop.now)

    def join(self, number: str) -> None:
        """The contact does what lets it in, and everything due is done."""
        self.shop.clock.move_to(self.shop.now + 1_000)
        self.shop.event("ada", "joined", number)
        self.node.run_due()

    def skipped(self) -> list[str | None]:
        """Why the contact got nothing, each time."""
        found = sa.select(t.history.c.reason).where(t.history.c.kind == "skipped").order_by(t.history.c.at)
        return [row.reason for row in self.shop.rows(found)]


@pytest.fixture
def app(shop: Shop) -> App:
    return App(shop)


def gone(out: Outgoing) -> Receipt:
    return Receipt(out.key, Verdict.REJECTED, code="410", mark=Mark.INVALID)


def test_a_message_goes_to_the_field_that_the_step_names(app: App) -> None:
    app.shop.contact("ada", lists=("push",), device="device-1")
    app.join("1")
    assert [(out.channel, out.to) for out in app.push.accepted] == [("push", "device-1")]


def test_without_a_yes_to_the_list_of_the_channel_nothing_leaves(app: App) -> None:
    app.shop.contact("ada", lists=("sms",), device="device-1")
    app.join("1")
    assert (app.push.attempts, app.skipped()) == ([], ["no_consent"])


def test_a_device_that_is_gone_gets_nothing_more_and_a_new_one_does(app: App) -> None:
    app.shop.contact("ada", lists=("push",), device="device-1")
    app.push.answer = gone
    app.join("1")
    app.push.answer = lambda _: Verdict.ACCEPTED
    app.join("2")
    assert (len(app.push.attempts), app.skipped()) == (1, ["suppressed"])
    app.shop.contact("ada", lists=(), device="device-2")
    app.join("3")
    assert [out.to for out in app.push.accepted] == ["device-2"]
