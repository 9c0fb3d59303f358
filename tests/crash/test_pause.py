"""A node that sleeps longer than its lease, and wakes up when another has taken over its work."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from conductor_dsl.plugin.channels import Verdict
from conductor_dsl.runtime.dispatch import LEASE
from conductor_dsl.shared.clock import SECOND, VirtualClock
from conductor_dsl.store.connect import connect
from tests.conformance.shop import NOW, Shop

TEXT = 'when no_order_within 60d check every 1d -> sms "Hello" -> end'
CAREFUL = 'when no_order_within 60d check every 1d -> sms "Hello" on_failed { wait 9d } -> email saved:"Hello" -> end'


class Stopped(Exception):  # noqa: N818 - not an error: the process does not get any further
    """A node is killed at a point."""


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """A shop on SQLite with three contacts."""
    shop = Shop(connect(f"sqlite:///{tmp_path / 'pause.db'}"))
    for key in ("a", "b", "c"):
        shop.contact(key)
    return shop


def sleep_at(shop: Shop, point: str, meanwhile: object = None) -> None:
    """Run a node that at a point sleeps for longer than its lease, while another does what is due."""
    asleep = False

    def reached(name: str) -> None:
        nonlocal asleep
        if name == point and not asleep:
            asleep = True
            shop.clock.move_to(shop.now + LEASE + SECOND)
            (meanwhile or shop.node.run_due)()  # type: ignore[operator]

    shop.new_node(reached=reached).run_due()
    assert asleep


def test_a_node_that_slept_before_sending_does_not_send(shop: Shop) -> None:
    shop.publish(TEXT)
    sleep_at(shop, "dispatch.claimed")
    assert len(shop.sms.attempts) == 3
    assert [shop.messages(key) for key in "abc"] == [[("accepted", None)]] * 3


def test_without_a_look_at_its_lease_it_would_send_again(shop: Shop) -> None:
    shop.publish(TEXT)

    def wake_other(point: str) -> None:
        if point == "dispatch.claimed":
            shop.clock.move_to(shop.now + LEASE + SECOND)
            shop.node.run_due()

    # A clock that stood still while the node slept is as good as no look at all.
    replace(shop.new_node(reached=wake_other), clock=VirtualClock(NOW)).run_due()
    assert len(shop.sms.accepted) == 6


def test_a_node_that_slept_after_sending_has_no_say_in_what_became_of_it(shop: Shop) -> None:
    shop.publish(TEXT)
    shop.sms.answer = lambda _: Verdict.REJECTED

    def take_over() -> None:
        shop.sms.answer = lambda _: Verdict.ACCEPTED
        shop.node.run_due()

    sleep_at(shop, "dispatch.sent", take_over)
    assert [shop.messages(key) for key in "abc"] == [[("accepted", None)]] * 3


def test_a_node_that_has_lost_its_messages_does_not_route_their_runs(shop: Shop) -> None:
    shop.publish(CAREFUL)
    shop.sms.answer = lambda _: Verdict.REJECTED

    def stop(point: str) -> None:
        if point == "rescue.claimed":
            raise Stopped

    def take_over_and_die() -> None:
        with pytest.raises(Stopped):
            shop.new_node(reached=stop).run_due()

    sleep_at(shop, "dispatch.sent", take_over_and_die)
    assert [shop.state(key) for key in "abc"] == ["held"] * 3
    shop.sms.answer = lambda _: Verdict.ACCEPTED
    shop.pass_time("1m")
    assert [shop.state(key) for key in "abc"] == ["completed: end"] * 3
    assert len(shop.email.accepted) == 3


def test_a_message_that_comes_back_after_an_opt_out_does_not_leave_again(shop: Shop) -> None:
    shop.publish(TEXT)

    def opt_out(point: str) -> None:
        if point == "dispatch.claimed":
            shop.consent("a", "sms", "unsubscribed")
            raise Stopped

    with pytest.raises(Stopped):
        shop.new_node(reached=opt_out).run_due()
    shop.pass_time("1m")
    assert shop.messages("a") == [("cancelled", "opted_out")]
    assert len(shop.sms.accepted) == 2


def test_a_message_that_comes_back_after_an_exit_does_not_leave_again(shop: Shop) -> None:
    shop.publish(
        'conversation "W" { exit on order.placed thread "T" when no_order_within 60d check every 1d '
        '{ sms "Hello" -> wait 3d -> end } }'
    )

    def buy(point: str) -> None:
        if point == "dispatch.claimed":
            shop.clock.move_to(shop.now + SECOND)
            shop.order("a", "1")
            raise Stopped

    with pytest.raises(Stopped):
        shop.new_node(reached=buy).run_due()
    shop.pass_time("1m")
    assert shop.messages("a") == [("cancelled", "run_exited")]
    assert len(shop.sms.accepted) == 2


@pytest.mark.parametrize("text", [TEXT.replace("-> end", '-> email saved:"Hello" -> end'), CAREFUL])
def test_a_run_that_waits_for_a_message_goes_on_when_an_opt_out_cancels_it(shop: Shop, text: str) -> None:
    shop.publish(text)
    shop.sms.answer = lambda _: Verdict.TRANSIENT
    shop.run()
    assert shop.state("a") == "held"
    shop.consent("a", "sms", "unsubscribed")
    shop.pass_time("10s")
    assert shop.messages("a")[0] == ("cancelled", "opted_out")
    assert shop.state("a") == "completed: end"
    assert len(shop.email.accepted) == 1
