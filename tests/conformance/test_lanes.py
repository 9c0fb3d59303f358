"""Lanes: where several messages wait, transactional ones leave first, then alerts, then marketing."""

from __future__ import annotations

from conductor_dsl.plugin.channels import Outgoing, Verdict
from tests.conformance.shop import Answer, Shop

CLASSES = ("marketing", "alert", "transactional")


def conversation(name: str, head: str, steps: str = 'sms "{name}"') -> str:
    """A conversation that sends its name to everybody who has not ordered."""
    thread = f'thread "T" when no_order_within 60d check every 1d {{ {steps.format(name=name)} -> end }}'
    return f'conversation "{name}" {{ {head} {thread} }}'


def test_waiting_messages_leave_by_class_whatever_their_age(shop: Shop) -> None:
    refused = True

    def answer(_: Outgoing) -> Answer:
        return Verdict.TRANSIENT if refused else Verdict.ACCEPTED

    shop.sms.answer = answer
    for name in CLASSES:  # marketing is written first
        shop.contact("a")
        shop.publish(*(conversation(each, f"class {each}") for each in CLASSES[: CLASSES.index(name) + 1]))
        shop.run()
    refused = False
    one_by_one = shop.new_node(batch=1)
    shop.clock.move_to(shop.now + 10 * 60_000)
    one_by_one.run_due()
    assert shop.texts() == ["transactional", "alert", "marketing"]


def test_a_batch_is_filled_from_one_lane_after_the_other(shop: Shop) -> None:
    for key in ("a", "b", "c"):
        shop.contact(key)
    shop.sms.answer = lambda _: Verdict.TRANSIENT
    shop.publish(*(conversation(each, f"class {each}") for each in ("marketing", "transactional")))
    shop.run()
    shop.sms.answer = lambda _: Verdict.ACCEPTED
    shop.clock.move_to(shop.now + 10 * 60_000)
    shop.new_node(batch=4).run_due()
    assert sorted(shop.texts()[:4]) == ["marketing", *["transactional"] * 3]
    assert len(shop.texts()) == 6


def test_where_a_cap_has_room_for_one_the_class_decides_who_gets_it(shop: Shop) -> None:
    shop.contact("a")
    cap = "cap sms 1 per 7d"
    shop.publish(conversation("Sale", f"class marketing {cap}"), conversation("Back", f"class alert {cap}"))
    shop.run()
    assert shop.texts() == ["Back"]
    assert shop.reasons("a") == ["frequency_cap"]


def test_within_a_class_the_priority_decides_who_gets_it(shop: Shop) -> None:
    shop.contact("a")
    heads = {"Low": "priority low", "Normal": "", "High": "priority high"}
    shop.publish(*(conversation(name, f"cap sms 1 per 7d {head}") for name, head in heads.items()))
    shop.run()
    assert shop.texts() == ["High"]
    assert shop.reasons("a") == ["frequency_cap", "frequency_cap"]
