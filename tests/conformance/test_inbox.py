"""What providers tell by themselves: states only rise, nothing counts twice, and a text is an event of its sender."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Sequence

import pytest
import sqlalchemy as sa

from conductor_dsl.plugin.channels import Heard, Inbound, Outgoing, Receipt, Verdict
from conductor_dsl.runtime.inbox import listener
from conductor_dsl.shared.clock import DAY
from conductor_dsl.store import node_tables
from conductor_dsl.store import tables as t
from tests.conformance.shop import Shop

HELLO = 'conversation "C" { thread "T" when no_order_within 60d check every 1d { sms "Hello" -> wait 1d -> end } }'
SALE = 'conversation "K" { thread "T" on keyword "SALE" code:"34567" { email saved:"Winback1" -> end } }'
WORDS = (Verdict.ACCEPTED, Verdict.UNDELIVERED, Verdict.DELIVERED)
MOBILE = "+17175550100"


def tell(shop: Shop, *receipts: Receipt, inbound: Sequence[Inbound] = ()) -> None:
    """Let the provider tell something, and the node take note of it."""
    listener(shop.engine, shop.clock, lambda: None)(Heard(tuple(receipts), tuple(inbound)))
    shop.run()


def sent(shop: Shop) -> Outgoing:
    """A text that has been sent to a contact."""
    shop.contact("a")
    shop.publish(HELLO)
    shop.run()
    return shop.sms.attempts[0]


@pytest.mark.parametrize("order", list(itertools.permutations(WORDS)))
def test_a_state_never_goes_back_in_whatever_order_receipts_come(shop: Shop, order: Sequence[Verdict]) -> None:
    key, best = sent(shop).key, 0
    for verdict in order:
        tell(shop, Receipt(key, verdict, code="30003"), Receipt(key, verdict, code="30003"))
        best = max(best, WORDS.index(verdict))
        assert shop.messages("a")[0][0] == WORDS[best].value


def test_what_was_not_delivered_has_its_reason(shop: Shop) -> None:
    tell(shop, Receipt(sent(shop).key, Verdict.UNDELIVERED, code="30003", detail="unreachable handset"))
    assert shop.messages("a") == [("undelivered", "30003: unreachable handset")]


def test_a_receipt_ends_all_doubt_and_lets_the_run_go_on(shop: Shop) -> None:
    shop.sms.answer = lambda out: Receipt(out.key, Verdict.AMBIGUOUS, code="timeout")
    shop.sms.can_tell = False
    key = sent(shop).key
    shop.pass_time("3d")
    assert (shop.messages("a"), shop.state("a")) == ([("ambiguous", "outcome_unknown")], "held")
    tell(shop, Receipt(key, Verdict.DELIVERED))
    assert (shop.messages("a"), shop.state("a")) == ([("delivered", None)], "completed: end")


def test_a_receipt_that_comes_before_the_answer_counts(shop: Shop) -> None:
    """And the node that still has the message in hand does not take it back."""

    def answer(out: Outgoing) -> Verdict:
        listener(shop.engine, shop.clock, lambda: None)(Heard((Receipt(out.key, Verdict.DELIVERED),)))
        return Verdict.TRANSIENT

    shop.sms.answer = answer
    sent(shop)
    assert shop.messages("a")[0][0] == "delivered"
    shop.pass_time("1d")
    assert len(shop.sms.attempts) == 1


def test_a_message_that_waits_for_another_try_does_not_leave_once_a_receipt_says_that_it_arrived(shop: Shop) -> None:
    shop.sms.answer = lambda _: Verdict.TRANSIENT
    tell(shop, Receipt(sent(shop).key, Verdict.ACCEPTED))
    shop.pass_time("1d")
    assert (len(shop.sms.attempts), shop.messages("a")[0][0]) == (1, "accepted")


def test_a_receipt_may_name_its_message_by_the_providers_own_name(shop: Shop) -> None:
    shop.sms.answer = lambda out: Receipt(out.key, Verdict.ACCEPTED, provider_id="7F", by_id=True)
    sent(shop)
    tell(shop, Receipt("", Verdict.DELIVERED, provider_id="7F"))
    assert shop.messages("a")[0][0] == "delivered"


def test_a_receipt_that_is_faster_than_the_answer_is_looked_at_once_more(shop: Shop) -> None:
    tell(shop, Receipt("", Verdict.DELIVERED, provider_id="7F"))
    shop.sms.answer = lambda out: Receipt(out.key, Verdict.ACCEPTED, provider_id="7F", by_id=True)
    sent(shop)
    assert shop.messages("a")[0][0] == "accepted"
    shop.pass_time("2m")
    assert shop.messages("a")[0][0] == "delivered"


def test_receipts_of_no_message_of_ours_do_no_harm_and_do_not_stay(shop: Shop) -> None:
    key = sent(shop).key
    foreign = ["", "x", key.replace("x1x", "x2x"), key[1:], "0" * 12 + key[12:]]
    tell(shop, *(Receipt(each, Verdict.UNDELIVERED, provider_id="?") for each in foreign))
    shop.pass_time("2m")
    assert shop.messages("a")[0][0] == "accepted"
    assert shop.rows(sa.select(node_tables.inbox)) == []


@pytest.mark.parametrize("seed", range(3))
def test_many_receipts_in_any_order_come_to_the_best_of_each(shop: Shop, seed: int) -> None:
    dice = random.Random(seed)
    for number in range(40):
        shop.contact(f"c{number}")
    shop.publish(HELLO)
    shop.run()
    keys = {int(out.contact): out.key for out in shop.sms.attempts}
    told = [(who, verdict) for who in keys for verdict in WORDS for _ in range(dice.randrange(3))]
    dice.shuffle(told)
    best: dict[int, int] = {}
    while told:
        some = [told.pop() for _ in range(min(len(told), dice.randint(1, 60)))]
        tell(shop, *(Receipt(keys[who], verdict) for who, verdict in some))
        for who, verdict in some:
            best[who] = max(best.get(who, 0), WORDS.index(verdict))
    states = {row.contact_id: row.state for row in shop.rows(sa.select(t.intent.c.contact_id, t.intent.c.state))}
    assert states == {who: WORDS[best.get(who, 0)].value for who in keys}


def test_a_text_is_an_event_of_its_sender(shop: Shop) -> None:
    shop.contact("a", lists=("sms", "email"))
    shop.publish(SALE)
    tell(shop, inbound=[Inbound("SM1", "sms", MOBILE, "34567", " Sale! ", media=("https://media.example/1",))])
    assert len(shop.email.attempts) == 1
    [row] = shop.rows(sa.select(t.event.c.payload).where(t.event.c.name == "sms.received"))
    assert json.loads(row.payload) == {
        "text": " Sale! ",
        "keyword": "SALE",
        "code": "34567",
        "media": "https://media.example/1",
    }


def test_a_text_that_is_told_twice_is_one_event(shop: Shop) -> None:
    shop.contact("a", lists=("sms", "email"))
    shop.publish('conversation "K" { reentry always ' + SALE.partition("{")[2])
    for _ in range(2):
        tell(shop, inbound=[Inbound("SM1", "sms", MOBILE, "34567", "SALE")])
    assert len(shop.email.attempts) == 1


def test_a_text_from_a_number_that_nobody_has_is_no_event(shop: Shop) -> None:
    shop.contact("a")
    tell(shop, inbound=[Inbound("SM1", "sms", "+17175550199", "34567", "SALE", at=shop.now + DAY)])
    assert not shop.rows(sa.select(t.event).where(t.event.c.name == "sms.received"))
    assert shop.rows(sa.select(node_tables.inbox)) == []


def test_a_listener_keeps_before_it_rings(shop: Shop) -> None:
    kept: list[int] = []
    hear = listener(shop.engine, shop.clock, lambda: kept.append(len(shop.rows(sa.select(node_tables.inbox)))))
    hear(Heard((Receipt("k", Verdict.DELIVERED),)))
    assert kept == [1]
