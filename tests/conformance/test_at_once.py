"""Messages that a pass claims as it writes them: they leave in the next turn, and until then can be called back."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest

from conductor_dsl.runtime.node import Node
from conductor_dsl.shared.clock import HOUR
from conductor_dsl.shared.errors import DatabaseError
from tests.conformance.shop import Shop
from tests.conformance.test_intents import HELLO, Crash, crash, crash_at

LATE = 2 * HOUR


@pytest.fixture
def hello(shop: Shop) -> Shop:
    """A shop with one contact who is about to be let in and sent to, whose provider cannot tell what it has taken."""
    shop.contact("a")
    shop.publish(HELLO)
    shop.sms.can_tell = False
    return shop


def states(shop: Shop) -> list[tuple[str, int]]:
    """The messages, with how often each was tried."""
    return [(row.state, row.attempts) for row in shop.intents("a")]


def test_they_are_claimed_when_they_are_written(hello: Shop) -> None:
    crash(hello, "advance.committed")
    assert (states(hello), hello.sms.attempts) == ([("sending", 1)], [])


def test_what_is_late_waits_for_what_is_newer(shop: Shop) -> None:
    shop.contact("a")
    shop.publish('when no_order_within 60d check every 1d -> wait 1d -> sms "Hello" ttl 2d -> end')
    shop.run()
    shop.clock.move_to(shop.now + 24 * HOUR + LATE)
    crash(shop, "advance.committed")
    assert (states(shop), shop.sms.attempts) == ([("ready", 0)], [])


def test_they_leave_though_nobody_could_tell_whether_they_were_written(hello: Shop) -> None:
    """The database goes away when it has committed the pass, and before it says so."""
    dialect = hello.engine.dialect
    fails = dialect.loaded_dbapi.OperationalError("gone")

    def commit(connection: Any) -> None:
        connection.commit()
        raise fails

    def reached(point: str) -> None:
        if point == "advance.before_commit":
            gone.start()

    gone, node = patch.object(dialect, "do_commit", commit), hello.new_node(reached=reached)
    with pytest.raises(DatabaseError):
        node.run_due()
    gone.stop()
    assert states(hello) == [("sending", 1)]
    node.run_due()
    assert (states(hello), len(hello.sms.attempts)) == ([("accepted", 1)], 1)


def test_a_node_that_fails_after_it_has_sent_does_not_read_them_again(hello: Shop) -> None:
    def reached(point: str) -> None:
        if point == "dispatch.sent" and len(hello.sms.attempts) == 1:
            raise DatabaseError("gone")

    node = hello.new_node(reached=reached)
    with pytest.raises(DatabaseError):
        node.run_due()
    node.run_due()
    assert (states(hello), len(hello.sms.attempts)) == ([("sending", 1)], 1)


def test_a_node_that_stops_hands_them_back(hello: Shop) -> None:
    def reached(point: str) -> None:
        if point == "advance.committed":
            node.stopping.set()

    node: Node = hello.new_node(reached=reached)
    node.run_due()
    assert (states(hello), hello.sms.attempts) == ([("ready", 0)], [])
    hello.run()
    assert states(hello) == [("accepted", 1)]


def test_what_is_more_than_leaves_in_a_turn_waits(hello: Shop) -> None:
    [loaded] = hello.programs().by_version.values()
    node = hello.new_node(reached=crash_at("advance.committed"))
    node.turns.learn(loaded.lane, 1, LATE)
    with pytest.raises(Crash):
        node.run_due()
    assert states(hello) == [("ready", 0)]


def test_one_that_is_called_back_keeps_the_reason_and_was_no_attempt(hello: Shop) -> None:
    def reached(point: str) -> None:
        if point == "advance.committed":
            hello.consent("a", "sms", "unsubscribed")

    hello.new_node(reached=reached).run_due()
    [row] = hello.intents("a")
    assert (row.state, row.reason, row.attempts, row.settled_at) == ("cancelled", "opted_out", 0, hello.now)
    assert hello.sms.attempts == []


def test_one_that_has_left_already_is_not_called_back(hello: Shop) -> None:
    def reached(point: str) -> None:
        if point == "dispatch.sent":
            hello.consent("a", "sms", "unsubscribed")

    hello.new_node(reached=reached).run_due()
    assert (hello.messages("a"), len(hello.sms.attempts)) == ([("accepted", None)], 1)


def test_one_in_doubt_keeps_saying_why(hello: Shop) -> None:
    hello.sms.answer = lambda _: TimeoutError("no answer")
    hello.run()
    hello.consent("a", "sms", "unsubscribed")
    assert hello.messages("a") == [("sending", "TimeoutError: no answer")]
