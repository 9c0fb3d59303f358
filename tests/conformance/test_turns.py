"""Turns: many who wait in one place keep nobody else waiting for long."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace

import pytest
import sqlalchemy as sa

from conductor_dsl.plugin.channels import Outgoing, Receipt, Verdict
from conductor_dsl.runtime.advance import Advanced
from conductor_dsl.runtime.carry.bounded import Bounded
from conductor_dsl.runtime.dispatch import Dispatched
from conductor_dsl.runtime.done import Done
from conductor_dsl.runtime.node import Node
from conductor_dsl.runtime.turns import TURN, Turns
from conductor_dsl.shared.clock import MINUTE, SECOND, Instant
from conductor_dsl.store import tables as t
from conductor_dsl.store.consents import add_consents
from conductor_dsl.store.contacts import upsert_contacts
from tests.conformance.shop import MOBILE, Answer, Carrier, Shop
from tests.conformance.test_lanes import conversation


def crowd(shop: Shop, count: int, mark: str = "c") -> None:
    """Contacts with a number, an address and a yes to texts, whose first name is the mark."""
    keys = [f"{mark}{number}" for number in range(count)]
    people: list[tuple[object, ...]] = [
        (key, f"{key}@example.com", "valid", MOBILE, "valid", mark, None, None, "{}") for key in keys
    ]
    words: list[tuple[object, ...]] = [
        (number, None, key, "sms", shop.now, "subscribed", "", "", "") for number, key in enumerate(keys)
    ]
    with shop.engine.begin() as connection:
        upsert_contacts(connection, people, shop.now)
        add_consents(connection, words, shop.now)


def told(node: Node) -> list[Done]:
    """What a node does, batch by batch."""
    done: list[Done] = []
    replace(node, announce=done.append).run_due()
    return done


def of(name: str, only: str, head: str = "") -> str:
    return (
        f'conversation "{name}" {{ {head} thread "T" when no_order_within 60d check every 30d '
        f'{{ when first_name = "{only}" -> wait 1d -> sms "{name}" -> end }} }}'
    )


def test_a_large_conversation_does_not_starve_a_small_one(shop: Shop) -> None:
    """Although all of the large one have waited longer."""
    crowd(shop, 60)
    crowd(shop, 2, "s")
    shop.publish(of("Large", "c"), of("Small", "s"))
    shop.run()
    shop.execute(
        sa.update(t.run).where(t.run.c.due_at.is_not(None)).values(due_at=t.run.c.due_at - t.run.c.contact_id % 2)
    )
    shop.clock.move_to(shop.now + 25 * 3_600_000)
    names = [done.conversation for done in told(shop.new_node(batch=5)) if isinstance(done, Advanced)]
    assert names.count("Large") == 12
    assert names.index("Small") <= 1


def test_what_is_asked_for_comes_first_and_what_is_not_has_its_share(shop: Shop) -> None:
    crowd(shop, 40)
    shop.publish(conversation("Order", "class transactional"), conversation("Sale", ""))
    done = told(shop.new_node(batch=2))
    sent = sum(each.count for each in done if isinstance(each, Dispatched))
    names = [each.conversation for each in done if isinstance(each, Advanced)]
    assert sent == 80 and (names.count("Order"), names.count("Sale")) == (20, 20)
    last = len(names) - 1 - names[::-1].index("Order")
    before = names[:last].count("Sale")
    assert 1 <= before <= len(done) // 10


class Slow(Carrier):
    """A provider that takes its time: the clock moves with every message."""

    def __init__(self, shop: Shop, each: int) -> None:
        super().__init__()
        self._shop, self._each = shop, each

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        self._shop.clock.move_to(self._shop.now + self._each * len(batch))
        return super().send(batch)


@pytest.mark.parametrize("each", [10, 50])
def test_a_slow_provider_holds_nobody_up_for_more_than_a_moment(shop: Shop, each: int) -> None:
    """Messages that wait while a batch leaves get their turn: it is cut short, and the next ones are smaller."""
    crowd(shop, 300)
    shop.sms = Slow(shop, each)
    shop.publish(conversation("Sale", ""))
    node, lengths = shop.new_node(batch=200), list[int]()
    before = shop.now

    def announce(_: Done) -> None:
        nonlocal before
        lengths.append(shop.now - before)
        before = shop.now

    replace(node, announce=announce).run_due()
    assert len(shop.texts()) == 300
    assert len(shop.sms.attempts) == 300, "what is handed back has not been tried"
    assert max(lengths) <= 3 * SECOND


def test_a_slow_channel_leaves_time_for_the_other_one(shop: Shop) -> None:
    crowd(shop, 100)
    shop.sms = Slow(shop, 40)
    shop.sms.answer = shop.email.answer = lambda _: Verdict.TRANSIENT
    shop.publish(conversation("A", ""), conversation("B", "", 'email saved:"Hello"'))
    shop.new_node().run_due()
    shop.sms.answer = shop.email.answer = lambda _: Verdict.ACCEPTED
    shop.clock.move_to(shop.now + 10 * MINUTE)
    seen: list[tuple[int, int]] = []
    node = shop.new_node(announce=lambda _: seen.append((len(shop.texts()), len(shop.email.accepted))))
    node.run_due()
    assert all(mails >= texts - 32 for texts, mails in seen), seen
    assert seen[0][0] < 100
    assert seen[-1] == (100, 100)


def test_what_is_asked_for_is_sent_while_an_audience_is_looked_at(shop: Shop) -> None:
    class Ordering(Turns):
        """Somebody orders while the look goes on, which takes long."""

        asked = 0

        def is_over(self, now: Instant) -> bool:
            self.asked += 1
            if self.asked == 3:
                shop.order("c0", "1")
            return super().is_over(now + TURN)

    crowd(shop, 30)
    thanks = 'conversation "Thanks" { class transactional thread "T" on order.placed { sms "Thanks" -> end } }'
    shop.publish(conversation("Sale", ""), thanks)
    done: list[str] = []
    node = shop.new_node(batch=5, turns=Ordering())
    replace(node, announce=lambda each: done.append(f"{type(each).__name__} {len(shop.texts())}")).run_due()
    assert done.index("Dispatched 1") < done.index("Looked 1")
    assert sorted(shop.texts()) == [*["Sale"] * 30, "Thanks"]


def test_a_provider_that_does_not_come_back_holds_the_other_channel_up_once(shop: Shop) -> None:
    over = threading.Event()

    def never(_: Outgoing) -> Answer:
        over.wait(60)
        return Verdict.ACCEPTED

    crowd(shop, 3)
    shop.sms.answer = never
    shop.publish(conversation("A", ""), conversation("B", "", 'email saved:"Hello"'))
    told: list[str] = []
    bounded = Bounded(shop.sms, "cloud", told.append, 0.05)
    node = Node(shop.engine, shop.shelf, {"sms": bounded, "email": shop.email}, shop.clock)
    node.run_due()
    assert (len(shop.email.accepted), len(told)) == (3, 1)
    shop.clock.move_to(shop.now + MINUTE)
    node.run_due()
    assert {state for state, _ in shop.messages("c0")} == {"sending", "accepted"}, "nothing is decided yet"
    over.set()
    shop.sms.answer = lambda _: Verdict.ACCEPTED


def test_after_a_call_that_went_well_a_small_batch_is_one_call(shop: Shop) -> None:
    calls: list[int] = []

    class Counting(Carrier):
        def send(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
            calls.append(len(batch))
            return super().send(batch)

    shop.sms = Counting()
    shop.node = shop.new_node()
    shop.publish(conversation("Sale", ""))

    def come(count: int) -> list[int]:
        """How large each call was, for so many who come in together."""
        calls.clear()
        crowd(shop, count, f"c{len(shop.sms.attempts)}-")
        shop.pass_time("1d")
        return list(calls)

    assert come(30) == [20, 10]
    assert come(60) == [60]
    shop.sms.answer = lambda _: Verdict.TRANSIENT
    assert come(60)[0] == 60
    assert shop.node.manners.firsts == {}, "it begins with few again"
