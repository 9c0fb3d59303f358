"""What happens while a node is in the middle of something: opt-outs, exits, publications."""

from __future__ import annotations

from threading import Thread

import pytest

from conductor_dsl.plugin.channels import Outgoing, Verdict
from conductor_dsl.runtime.arrivals import settle_arrivals
from conductor_dsl.runtime.node import Node
from conductor_dsl.runtime.programs import Shelf
from conductor_dsl.shared.clock import HOUR, SECOND
from conductor_dsl.store.incoming import lock_contacts
from conductor_dsl.store.orders import add_orders
from conductor_dsl.store.tables import contact
from tests.conformance.shop import Answer, Shop, host
from tests.conformance.test_happenings import tell

SCRIPT = """
conversation "C" { exit on order.placed
  thread "T" when no_order_within 60d check every 1d { sms "Hello" -> wait 1d -> end }
}
"""
PATIENCE = 0.2
"""Seconds in which another writer that is not kept waiting has long ended."""
ON_POSTGRESQL = pytest.mark.parametrize("shop", ["postgresql"], indirect=True)
"""Of what only PostgreSQL has: SQLite has one writer at a time, so nobody is ever in other hands."""


@pytest.mark.parametrize("stops", [True, False], ids=["stopping", "going on"])
@pytest.mark.parametrize("what", ["opt-out", "order", "address"])
def test_what_is_stored_while_a_batch_decides_calls_its_messages_back(shop: Shop, what: str, *, stops: bool) -> None:
    shop.contact("a")
    shop.publish(SCRIPT)
    shop.programs()
    act = {
        "opt-out": lambda: shop.consent("a", "sms", "unsubscribed"),
        "order": lambda: shop.order("a", "1"),
        "address": lambda: shop.contact("a", mobile="+17175550199", lists=()),
    }[what]
    other = Thread(target=act)

    def reached(point: str) -> None:
        if point == "advance.before_commit":
            other.start()
            other.join(PATIENCE)
        if point == "advance.committed" and stops:
            node.stopping.set()
        elif point == "advance.committed":
            other.join()

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


@ON_POSTGRESQL
def test_a_happening_of_a_contact_in_other_hands_waits_for_them(shop: Shop) -> None:
    shop.publish('event joined {} conversation "J" { thread "T" on joined { wait 1d -> end } }')
    for key in ("a", "b"):
        shop.contact(key)
        tell(shop, key, "joined")
    with shop.engine.begin() as connection:
        lock_contacts(connection, contact.c.key == "a")
        shop.run()
        assert (len(shop.runs("a")), len(shop.runs("b"))) == (0, 1)
    shop.pass_time("1m")
    assert (len(shop.runs("a")), len(shop.runs("b"))) == (1, 1)


@ON_POSTGRESQL
def test_an_anniversary_in_other_hands_waits_for_them(shop: Shop) -> None:
    thread = 'thread "T" on anniversary of birthday at 12:00 { wait 1d -> end }'
    shop.publish(f'field birthday date conversation "B" {{ timezone "America/New_York" {thread} }}')
    for key in ("a", "b"):
        shop.contact(key, birthday="1990-03-02")
    shop.pass_time("2m")
    shop.clock.move_to(shop.now + HOUR)
    with shop.engine.begin() as connection:
        lock_contacts(connection, contact.c.key == "a")
        shop.run()
        assert (len(shop.runs("a")), len(shop.runs("b"))) == (0, 1)
    shop.pass_time("1m")
    assert (len(shop.runs("a")), len(shop.runs("b"))) == (1, 1)
