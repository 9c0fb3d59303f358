"""What happens while a node is in the middle of something: opt-outs, exits, publications."""

from __future__ import annotations

from threading import Thread

import pytest

from conductor_dsl.plugin.contracts import Outgoing, Verdict
from conductor_dsl.runtime.arrivals import settle_arrivals
from conductor_dsl.runtime.node import Node
from conductor_dsl.runtime.programs import Shelf
from conductor_dsl.shared.clock import SECOND
from conductor_dsl.store.orders import add_orders
from tests.conformance.shop import Answer, Shop, host

SCRIPT = """
conversation "C" { exit on order.placed
  thread "T" when no_order_within 60d check every 1d { sms "Hello" -> wait 1d -> end }
}
"""
PATIENCE = 0.2
"""Seconds in which another writer that is not kept waiting has long ended."""


@pytest.mark.parametrize("what", ["opt-out", "order"])
def test_what_is_stored_while_a_batch_decides_calls_its_messages_back(shop: Shop, what: str) -> None:
    shop.contact("a")
    shop.publish(SCRIPT)
    shop.programs()
    act = {"opt-out": lambda: shop.consent("a", "sms", "unsubscribed"), "order": lambda: shop.order("a", "1")}[what]
    other = Thread(target=act)

    def reached(point: str) -> None:
        if point == "advance.before_commit":
            other.start()
            other.join(PATIENCE)
        if point == "advance.committed":
            node.stopping.set()

    node = shop.new_node(reached=reached)
    node.run_due()
    other.join()
    shop.pass_time("1h")
    assert (shop.sms.attempts, [state for state, _ in shop.messages("a")]) == ([], ["cancelled"])


def test_an_exit_by_a_clock_that_is_behind_counts_for_a_message_on_its_way(shop: Shop) -> None:
    def answer(_: Outgoing) -> Answer:
        with shop.engine.begin() as connection:
            add_orders(connection, [(0, None, "a", "1", shop.now, 100, "[]", "{}")], shop.now - SECOND)
            settle_arrivals(connection, programs, shop.now - SECOND)
        return Verdict.TRANSIENT

    shop.sms.answer = answer
    shop.contact("a")
    shop.publish(SCRIPT)
    programs = shop.programs()
    shop.pass_time("1d")
    assert (len(shop.sms.attempts), shop.messages("a")) == (1, [("cancelled", "run_exited")])


def test_a_message_of_a_version_that_others_have_just_published_is_no_riddle(shop: Shop) -> None:
    """Without this it would be claimed by a node that does not know it, and be in doubt for ever."""
    shop.sms.can_tell = False
    shop.contact("a")
    shop.publish(SCRIPT)

    def answer(out: Outgoing) -> Answer:
        if out.text == "Hello":
            shop.contact("b")
            shop.publish(SCRIPT.replace("Hello", "Hi"))
            other: Node = shop.new_node(reached=lambda point: other.stopping.set() if "committed" in point else None)
            other.run_due()
        return Verdict.ACCEPTED

    shop.sms.answer = answer
    Node(shop.engine, Shelf(host()), {"sms": shop.sms, "email": shop.email}, shop.clock).run_due()
    assert shop.messages("b") == [("accepted", None)]
