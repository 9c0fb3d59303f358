"""After the engine stood still: nothing goes out that is too old, and of several messages to one contact the newest."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from conductor_dsl.shared.clock import DAY, HOUR, MINUTE, from_datetime
from conductor_dsl.shared.rules import Rules
from tests.conformance.shop import Shop

THREAD = 'thread "T" when no_order_within 60d check every 30d'
DOWN = 3 * DAY + 2 * HOUR


def waiting(name: str, wait: str, *, head: str = "", steps: str = 'sms "{name}" ttl 9d') -> str:
    """A conversation that sends its name after a time."""
    return f'conversation "{name}" {{ {head} {THREAD} {{ wait {wait} -> {steps.format(name=name)} -> end }} }}'


def stand_still(shop: Shop, *texts: str, down: int = DOWN) -> None:
    """Let everybody in, and then nothing happen for a time."""
    shop.publish(*texts)
    shop.run()
    shop.clock.move_to(shop.now + down)
    shop.run()


def test_of_several_late_messages_the_newest_leaves(shop: Shop) -> None:
    shop.contact("a")
    stand_still(shop, waiting("Mon", "1d"), waiting("Wed", "3d"), waiting("Tue", "2d"))
    assert shop.texts() == ["Wed"]
    told = [*(reason or state for state, reason in shop.messages("a")), *shop.reasons("a")]
    assert sorted(map(str, told)) == ["accepted", "superseded", "superseded"]
    assert {run.state for run in shop.runs("a")} == {"completed"}


def test_for_each_contact_it_is_its_own_newest(shop: Shop) -> None:
    """Whatever the order in which the conversations are gone through."""
    shop.contact("a", first_name="late")
    shop.contact("b")
    steps = "if known first_name {{ wait {0} }} else {{ wait {1} }} -> sms {2} ttl 9d -> end"
    one, two = steps.format("1d", "2d", '"One"'), steps.format("2d", "1d", '"Two"')
    stand_still(
        shop, *(f'conversation "{name}" {{ {THREAD} {{ {body} }} }}' for name, body in (("1", one), ("2", two)))
    )
    assert {out.contact: out.text for out in shop.sms.accepted} == {str(shop.id("a")): "Two", str(shop.id("b")): "One"}
    assert len(shop.sms.attempts) == 2


def test_one_that_comes_to_nothing_supersedes_nothing(shop: Shop) -> None:
    shop.contact("a")
    gate = 'when order_count >= 1 -> sms "{name}" ttl 9d'
    stand_still(shop, waiting("Mon", "1d"), waiting("Tue", "2d", steps=gate))
    assert shop.texts() == ["Mon"]


def test_one_behind_a_gate_supersedes_what_was_decided_before_it(shop: Shop) -> None:
    shop.contact("a")
    gate = 'when order_count = 0 -> sms "{name}" ttl 9d'
    stand_still(shop, waiting("Mon", "1d"), waiting("Tue", "2d", steps=gate))
    assert shop.texts() == ["Tue"]


@pytest.mark.parametrize("spread", [0, 30 * MINUTE])
def test_those_that_have_to_wait_for_the_window_collapse_when_it_opens(shop: Shop, spread: int) -> None:
    shop.contact("a", zone="America/New_York")
    shop.node = shop.new_node(rules=Rules(spread=spread))
    texts = [waiting(name, wait, head="window 09:00-20:00") for name, wait in (("Mon", "1d"), ("Tue", "2d"))]
    night = from_datetime(datetime(2026, 3, 5, 3, 0, tzinfo=ZoneInfo("America/New_York")))
    stand_still(shop, *texts, down=night - shop.now)
    assert shop.texts() == []
    shop.pass_time("8h")
    assert shop.texts() == ["Tue"]
    assert "superseded" in shop.reasons("a")


def test_only_what_advertises_by_the_same_channel_collapses(shop: Shop) -> None:
    shop.contact("a")
    stand_still(
        shop,
        waiting("Mon", "1d"),
        waiting("Order", "1d", head="class transactional"),
        waiting("Back", "2d", head="class alert"),
        waiting("Mail", "3d", steps='email saved:"Hello" ttl 9d'),
    )
    assert sorted(shop.texts()) == ["Back", "Mon", "Order"]
    assert len(shop.email.accepted) == 1


def test_what_was_not_asked_for_waits_until_the_backlog_is_known(shop: Shop) -> None:
    shop.contact("a")
    shop.contact("b")
    stand_still(shop, waiting("Mon", "1d"), waiting("Order", "3d", head="class transactional"), waiting("Tue", "2d"))
    assert shop.texts() == ["Order", "Order", "Tue", "Tue"]


def test_messages_that_are_due_in_time_do_not_collapse(shop: Shop) -> None:
    shop.contact("a")
    shop.publish(waiting("One", "1d"), waiting("Two", "1d"))
    shop.pass_time("2d")
    assert sorted(shop.texts()) == ["One", "Two"]


def test_a_message_whose_time_to_live_was_over_is_not_sent(shop: Shop) -> None:
    shop.contact("a")
    late = waiting("Sale", "1d", steps='sms "{name}" -> email saved:"Hello"')
    stand_still(shop, late, down=DAY + 6 * HOUR)  # texts that advertise live for six hours
    assert shop.texts() == []
    assert shop.reasons("a") == ["expired_ttl"]
    assert len(shop.email.accepted) == 1


def test_a_message_that_is_late_and_worth_sending_is_sent(shop: Shop) -> None:
    shop.contact("a")
    stand_still(shop, waiting("Sale", "1d", steps='sms "{name}"'), down=DAY + 5 * HOUR)
    assert shop.texts() == ["Sale"]


def test_one_that_is_too_old_goes_the_way_of_what_has_failed(shop: Shop) -> None:
    shop.contact("a")
    failed = 'sms "{name}" ttl 1h on_failed {{ email saved:"Hello" ttl 9d -> end }}'
    stand_still(shop, waiting("Sale", "1d", steps=failed))
    assert (shop.texts(), len(shop.email.accepted)) == ([], 1)


def test_a_night_before_the_window_does_not_make_a_message_old(shop: Shop) -> None:
    shop.contact("a", zone="America/New_York")
    shop.publish(waiting("Sale", "10h", head="window 09:00-20:00", steps='sms "{name}"'))  # 21:00 in New York
    shop.pass_time("1d")
    assert shop.texts() == ["Sale"]
