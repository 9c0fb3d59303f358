"""While a batch is settled the node decides about the next one, which leaves only when that is done."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event
from typing import Any
from unittest.mock import DEFAULT, Mock, patch

import pytest

from conductor_dsl.plugin.channels import Heard, Receipt, Verdict
from conductor_dsl.program.states import IntentState
from conductor_dsl.runtime import dispatch
from conductor_dsl.runtime.dispatch import LEASE, Dispatched
from conductor_dsl.runtime.inbox import listener
from conductor_dsl.runtime.node import Node
from conductor_dsl.runtime.receipts import settle_receipts
from conductor_dsl.runtime.settling import Sent, Settling, settling_on
from conductor_dsl.shared.errors import DatabaseError
from conductor_dsl.store.connect import connect
from tests.conformance.shop import Shop

SCRIPT = 'conversation "Hello" { thread "T" when no_order_within 60d check every 1d { sms "Hello" -> wait 3d -> end } }'
NAMES = ("a", "b", "c", "d")
PATIENCE = 60.0


@pytest.fixture
def shop(postgres_url: str) -> Iterator[Shop]:
    """Four who are about to be let in and sent to, two at a time."""
    engine = connect(postgres_url)
    shop = Shop(engine)
    for name in NAMES:
        shop.contact(name)
    shop.publish(SCRIPT)
    yield shop
    engine.dispose()


def node_of(shop: Shop, **changes: Any) -> Node:
    """A node that settles beside what it does, and takes two at a time."""
    return shop.new_node(batch=2, settling=settling_on(shop.engine), **changes)


def states(shop: Shop) -> list[str]:
    """The states of all messages."""
    return [row.state for name in NAMES for row in shop.intents(name)]


def test_the_next_batch_is_decided_meanwhile_and_leaves_afterwards(shop: Shop) -> None:
    told, decided = list[str](), Event()

    def reached(point: str) -> None:
        if point == "dispatch.settled":
            assert decided.wait(PATIENCE), "the node did nothing meanwhile"
        told.append(point)
        if told.count("advance.committed") == 2 and not decided.is_set():
            assert states(shop)[2:] == ["ready"] * 2, "a crash would leave two batches in doubt"
            decided.set()

    node_of(shop, reached=reached).run_due()
    order = [point for point in told if point in ("advance.committed", "dispatch.sent", "dispatch.settled")]
    decide, send, settle = "advance.committed", "dispatch.sent", "dispatch.settled"
    assert order == [decide, send, decide, settle, send, settle]
    assert states(shop) == ["accepted"] * 4


def test_everybody_hears_of_every_batch(shop: Shop) -> None:
    done = list[Any]()
    node_of(shop, announce=done.append).run_due()
    sent = [each.states for each in done if isinstance(each, Dispatched)]
    assert sent == [{IntentState.ACCEPTED: 2}] * 2


def test_what_keeps_it_from_being_settled_is_told_and_the_messages_are_looked_up(shop: Shop) -> None:
    gone = DatabaseError("the database has gone", hint="wait")
    node = node_of(shop)
    with patch.object(dispatch, "settle_receipts", side_effect=gone), pytest.raises(DatabaseError, match="has gone"):
        node.run_due()
    assert states(shop)[:2] == ["sending"] * 2
    shop.clock.move_to(shop.now + LEASE)
    node.run_due()
    assert (states(shop), len(shop.sms.accepted)) == (["accepted"] * 4, 4)


def test_what_both_have_met_is_told_once(shop: Shop) -> None:
    """Or whoever serves would wait once more when the database is back."""

    def reached(point: str) -> None:
        told.append(point)
        if point == "advance.committed" and told.count(point) == 2:
            raise gone

    told, gone = list[str](), DatabaseError("the database has gone", hint="wait")
    node = node_of(shop, reached=reached)
    with patch.object(dispatch, "settle_receipts", side_effect=gone), pytest.raises(DatabaseError, match="has gone"):
        node.run_due()
    node.run_due()
    assert states(shop) == ["sending"] * 2 + ["accepted"] * 2


def test_a_node_that_stops_settles_what_it_has_sent(shop: Shop) -> None:
    def reached(point: str) -> None:
        if point == "dispatch.sent":
            node.stopping.set()

    node = node_of(shop, reached=reached)
    node.run_due()
    assert states(shop) == ["accepted"] * 2


def test_a_node_that_stops_hands_back_what_it_has_not_sent(shop: Shop) -> None:
    def reached(point: str) -> None:
        if point == "advance.committed":
            node.stopping.set()

    node = node_of(shop, reached=reached)
    node.run_due()
    assert (states(shop), shop.sms.attempts) == (["ready"] * 2, [])


def test_a_node_that_stops_hands_back_though_what_it_sent_cannot_be_settled(shop: Shop) -> None:
    def reached(point: str) -> None:
        told.append(point)
        if told.count("advance.committed") == 2:
            node.stopping.set()

    told, gone = list[str](), DatabaseError("the database has gone", hint="wait")
    node = node_of(shop, reached=reached)
    settle = Mock(wraps=settle_receipts, side_effect=[gone, DEFAULT])
    with patch.object(dispatch, "settle_receipts", settle), pytest.raises(DatabaseError, match="has gone"):
        node.run_due()
    assert states(shop) == ["sending"] * 2 + ["ready"] * 2


class Watched(Settling):
    """Has one batch that is being settled, and tells when that is waited for."""

    def __init__(self, told: list[str]) -> None:
        super().__init__()
        self._told, self._left = told, [Dispatched({IntentState.ACCEPTED: 1})]

    def take(self) -> Dispatched | None:
        """The batch, the first time."""
        if self._left:
            self._told.append("taken")
        return self._left.pop() if self._left else None


def test_nothing_is_looked_up_before_it_is_settled(shop: Shop) -> None:
    """What the node itself is still writing down would be in doubt, and then have two ends."""
    told = list[str]()

    def die(at: str) -> None:
        if at == "dispatch.claimed":
            raise DatabaseError("the node has died", hint="start another one")

    with pytest.raises(DatabaseError, match="died"):
        node_of(shop, reached=die).run_due()
    shop.clock.move_to(shop.now + LEASE)
    shop.new_node(settling=Watched(told), reached=told.append).run_due()
    assert told[:2] == ["taken", "rescue.claimed"]


def test_what_a_provider_tells_takes_effect_after_it_is_settled(shop: Shop) -> None:
    """Before, nobody would know the provider's own name for the message, and both might wait for each other."""
    told = list[str]()
    listener(shop.engine, shop.clock, lambda: None)(Heard(receipts=(Receipt("", Verdict.DELIVERED, "its-own-name"),)))
    shop.new_node(settling=Watched(told), reached=told.append).run_due()
    assert told[:2] == ["taken", "inbox.before_commit"]


def test_where_one_writes_at_a_time_it_is_settled_at_once(sqlite_url: str) -> None:
    engine, done = connect(sqlite_url), Dispatched({})
    settling = settling_on(engine)
    assert (settling.begin(lambda: done), settling.take()) == (done, None)
    engine.dispose()


def test_whoever_closes_it_waits() -> None:
    going, done = Event(), Dispatched({})

    def settle() -> Dispatched:
        assert going.wait(PATIENCE)
        return done

    settling = Settling(beside=True)
    assert settling.begin(settle) is Sent.SENT
    going.set()
    settling.close()
    assert settling.take() is done
