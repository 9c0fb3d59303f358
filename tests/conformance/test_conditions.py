"""Conditions at work: segments, events, messages, groups, consent, clocks, and what let a contact in."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from conductor_dsl.shared.clock import DAY, HOUR
from conductor_dsl.store import tables as t
from conductor_dsl.store.catalogue_tables import product
from tests.conformance.shop import Shop

ENTRY = "event go { total number, sku text }\n"


def chosen(shop: Shop, condition: str, *keys: str, **payload: Any) -> list[str]:
    """Whom of the contacts a gate lets through; each comes in by the event `go`, with this payload."""
    shop.publish(f'{ENTRY}conversation "Gate" {{ thread "T" on go {{ when {condition} -> end }} }}')
    for key in keys:
        shop.event(key, "go", str(shop.now), **payload)
    shop.run()
    return [key for key in keys if shop.state(key) == "completed: end"]


def test_segments_that_name_each_other_decide_who_comes_in(shop: Shop) -> None:
    shop.contact("lapsed", ordered="70d", tier="Gold")
    shop.contact("recent", ordered="10d", tier="Gold")
    shop.contact("silver", ordered="70d", tier="Silver")
    shop.publish("""
        field tier text
        segment worth = lapsed and tier in ("Gold", "Platinum")
        segment lapsed = not ordered_within 60d
        when worth and not (last_order within 1d) -> sms "Hello" -> end
    """)
    shop.run()
    assert [len(shop.runs(key)) for key in ("lapsed", "recent", "silver")] == [1, 0, 0]


def test_a_gate_reads_the_event_that_let_its_contact_in(shop: Shop) -> None:
    shop.contact("a")
    shop.contact("b")
    assert chosen(shop, "event.total >= 50", "a", total=50) == ["a"]
    assert chosen(shop, 'event.sku starts "a-"', "b", sku="A-1") == ["b"]


def test_each_contact_of_a_batch_is_asked_about_the_product_of_its_own_event(shop: Shop) -> None:
    with shop.engine.begin() as connection:
        for sku, stock in (("A", 0), ("B", 3)):
            connection.execute(sa.insert(product).values(sku=sku, stock=stock, updated_at=shop.now))
    shop.publish(f'{ENTRY}conversation "Gate" {{ thread "T" on go {{ when in_stock sku event.sku -> end }} }}')
    for key, sku in (("a", "A"), ("b", "B"), ("c", "A")):
        shop.contact(key)
        shop.event(key, "go", key, sku=sku)
    shop.run()
    assert [shop.state(key) for key in ("a", "b", "c")] == ["exited: no match", "completed: end", "exited: no match"]


def test_an_opened_message_counts_for_the_step_and_conversation_that_sent_it(shop: Shop) -> None:
    step = 'thread "M" on order.placed { sms "Hi" as "Hello" -> end }'
    for key, conversation in (("own", "Gate"), ("other", "Elsewhere"), ("none", "")):
        shop.contact(key)
        if conversation:
            shop.event(key, "opened", at=shop.now - DAY, conversation=conversation, step="Hello")
    keys = ("own", "other", "none")
    for condition, expected in (
        ('opened step:"Hello" within 7d', ["own"]),
        ('opened step:"Hello" within 12h', []),
        ('opened step:"Hello" of conversation:"Elsewhere"', ["other"]),
        ("opened within 7d", ["own", "other"]),
        ("times_opened < 1", ["none"]),
    ):
        shop.publish(f'{ENTRY}conversation "Gate" {{ {step} thread "T" on go {{ when {condition} -> end }} }}')
        for key in keys:
            shop.event(key, "go", condition)
        shop.run()
        assert [key for key in keys if shop.state(key) == "completed: end"] == expected, condition


def test_a_message_is_received_once_its_provider_took_it_whatever_the_version(shop: Shop) -> None:
    shop.contact("sent", ordered="1d")
    shop.contact("bad", ordered="1d", mobile="12")
    text = """
        conversation "Hi" { in_flight move thread "T" when order_count >= 1 {
            sms "Hello" as "Hello" -> wait 1d -> when received step:"Hello" within 2d -> end
        } }"""
    shop.publish(text)
    shop.run()
    shop.publish(text.replace("sms", 'set first_name = "Ada" -> sms'))
    shop.pass_time("2d")
    assert [shop.state(key) for key in ("sent", "bad")] == ["completed: end", "exited: no match"]
    assert chosen(shop, 'times_received of conversation:"Hi" = 1', "sent", "bad") == ["sent"]


def test_a_group_is_the_arm_that_a_split_draws(shop: Shop) -> None:
    keys = [f"c{number}" for number in range(24)]
    for key in keys:
        shop.contact(key, ordered="1d")
    shop.publish("""
        field arm text
        field group text
        conversation "S" { thread "T" when order_count >= 1 {
            split "subject" { 30% "A" { set arm = "A" } 50% "B" { set arm = "B" } 20% "C" { set arm = "C" } }
            -> if in_group "subject" "A" { set group = "A" } else if in_group "subject" "B" { set group = "B" }
               else { set group = "C" }
            -> end
        } }""")
    shop.run()
    stored = [shop.stored(key) for key in keys]
    assert all(each["arm"] == each["group"] for each in stored)
    assert {each["arm"] for each in stored} == {"A", "B", "C"}


def test_a_conversation_can_be_asked_whether_a_contact_is_in_another(shop: Shop) -> None:
    for key in ("in", "out", "never"):
        shop.contact(key, vip=key != "never")
    other = """field vip boolean
        conversation "Other" { exit on order.placed thread "O" when vip = true { wait 30d -> end } }"""
    shop.publish(other)
    shop.run()
    shop.order("out", "1")
    gate = f"{ENTRY}{other.partition('conversation')[0]}"
    for number, (condition, expected) in enumerate(
        (
            ('inside conversation:"Other"', ["in"]),
            ('entered conversation:"Other" within 1d', ["in", "out"]),
            ('not inside conversation:"Other"', ["out", "never"]),
        )
    ):
        shop.publish(other, f'{gate}conversation "Gate" {{ thread "T" on go {{ when {condition} -> end }} }}')
        for key in ("in", "out", "never"):
            shop.event(key, "go", str(number))
        shop.run()
        gated = {key: shop.runs(key)[-1].state for key in ("in", "out", "never")}
        assert [key for key, state in gated.items() if state == "completed"] == expected, condition


@pytest.mark.parametrize(("channel", "word"), [("sms", "may_text"), ("email", "may_email")])
def test_who_may_be_written_to_is_who_is_written_to(shop: Shop, channel: str, word: str) -> None:
    shop.contact("yes")
    shop.contact("silent", lists=())
    shop.contact("bad", mobile="12", email="bad")
    shop.contact("bare", mobile=None, email=None)
    shop.contact("closed")
    shop.suppress("closed", channel)
    for name in ("sms", "email"):
        shop.contact(f"no {name}")
        shop.consent(f"no {name}", name, "unsubscribed")
    shop.contact("nothing", lists=())
    shop.consent("nothing", "*", "unsubscribed")
    message = 'sms "Hello"' if channel == "sms" else 'email saved:"Hello"'
    shop.publish(f"""
        field asked text
        conversation "M" {{ thread "T" when {word} or not {word} {{
            if {word} {{ set asked = "yes" }} else {{ set asked = "no" }} -> {message} -> end
        }} }}""")
    shop.run()
    for key in ("yes", "silent", "bad", "bare", "closed", "no sms", "no email", "nothing"):
        assert (shop.stored(key)["asked"] == "yes") == bool(shop.intents(key)), key


def test_an_audience_hears_of_an_event_and_of_its_age(shop: Shop) -> None:
    shop.contact("a")
    shop.publish("event page.viewed { url text }\nwhen happened page.viewed within 7d check every 1d -> wait 1h -> end")
    shop.pass_time("2d")
    shop.event("a", "page.viewed", "1", at=shop.now - 3 * DAY, url="/")
    shop.pass_time("1d")
    assert len(shop.runs("a")) == 1
    shop.pass_time("7d")
    shop.event("a", "page.viewed", "2", url="/")
    shop.pass_time("1d")
    assert len(shop.runs("a")) == 2


def test_an_audience_of_dates_is_looked_at_when_the_day_comes_by_the_clock_of_each_contact(shop: Shop) -> None:
    shop.contact("east", zone="Pacific/Kiritimati", birthday="1990-03-03")
    shop.contact("west", zone="Pacific/Pago_Pago", birthday="1990-03-03")
    shop.publish("field birthday date\nwhen years between birthday and today >= 36 check every 1h -> wait 10d -> end")
    shop.run()
    assert [len(shop.runs(key)) for key in ("east", "west")] == [1, 0]
    shop.pass_time("20h")
    assert [len(shop.runs(key)) for key in ("east", "west")] == [1, 1]


def test_products_are_asked_for_by_the_event_and_by_name(shop: Shop) -> None:
    shop.contact("a")
    stock = {"sku": "A-1", "stock": 3, "price_cents": 4990, "fields": '{"category":"Shoes"}', "updated_at": shop.now}
    shop.execute(sa.insert(product).values(stock))
    bought = {"contact_id": shop.id("a"), "sku": "A-1", "at": shop.now - HOUR, "order_key": "1", "quantity": 2}
    shop.execute(sa.insert(t.order_item).values(bought))
    yes = 'in_stock sku event.sku and stock sku "A-1" = 3 and price sku "A-1" < 50 and bought sku "B", event.sku'
    assert chosen(shop, yes, "a", sku="A-1") == ["a"]
    shop.pass_time("1d")
    assert chosen(shop, 'bought sku "A-1" within 1d or in_stock sku "B"', "a", sku="A-1") == []
    shop.pass_time("1d")
    assert chosen(shop, 'bought_category "Shoes" and pieces_bought sku "A-1" >= 2', "a") == ["a"]
