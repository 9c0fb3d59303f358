"""An event that is stored while a run begins to wait for it is never lost."""

from __future__ import annotations

from threading import Thread

import pytest

from conductor_dsl.runtime.arrivals import settle_arrivals
from conductor_dsl.shared.clock import MINUTE
from conductor_dsl.store.events import add_events
from tests.conformance.shop import Shop
from tests.conformance.waiting import WAIT, script

PATIENCE = 0.2
"""Seconds in which another writer that is not kept waiting has long ended."""


@pytest.mark.parametrize("point", ["advance.before_commit", "advance.committed"])
@pytest.mark.parametrize("what", ["seen", "order.placed"])
@pytest.mark.parametrize("before", ["", "if order_count = 5 { wait 1d } -> "])
def test_an_event_that_is_stored_while_the_run_begins_to_wait_is_not_lost(
    shop: Shop, before: str, point: str, what: str
) -> None:
    """The run stands at the step that waits already, or comes to it in the same pass."""
    shop.publish(script(before + WAIT.replace("for seen", "for seen, order.placed")))
    shop.contact("a")
    shop.event("a", "go")
    shop.programs()
    shop.clock.move_to(shop.now + MINUTE)
    act = {"seen": lambda: shop.event("a", "seen"), "order.placed": lambda: shop.order("a", "1")}[what]
    other = Thread(target=act)

    def reached(name: str) -> None:
        if name == point and not other.ident:
            other.start()
            other.join(PATIENCE)

    node = shop.new_node(reached=reached)
    node.run_due()
    other.join()
    shop.run()
    assert (shop.texts(), shop.state("a")) == (["It came"], "completed: came")


@pytest.mark.parametrize("before", ["", "if order_count = 5 { wait 1d } -> "])
def test_a_run_does_not_begin_to_wait_before_an_event_that_is_being_stored_has_been(shop: Shop, before: str) -> None:
    """The event is stored, not committed yet, when the pass comes by: the pass leaves the contact alone, or waits."""
    shop.publish(script(before + WAIT))
    shop.contact("a")
    shop.event("a", "go")
    programs = shop.programs()
    shop.clock.move_to(shop.now + MINUTE)
    other = Thread(target=shop.run)
    with shop.engine.begin() as connection:
        add_events(connection, [(0, "a", "seen-1", "seen", shop.now, "{}")])
        settle_arrivals(connection, programs, shop.now)
        other.start()
        other.join(PATIENCE)
    other.join()
    shop.run()
    assert (shop.texts(), shop.state("a")) == (["It came"], "completed: came")
