"""`wait for clicked`: a click counts for the message that is meant, a reply by its keyword."""

from __future__ import annotations

import pytest

from conductor_dsl.shared.clock import DAY
from tests.conformance.shop import Shop
from tests.conformance.waiting import begin, kinds, script


def click(shop: Shop, step: str, number: str = "1", conversation: str = "C", link: str = "https://shop/x") -> None:
    shop.event("a", "clicked", number, conversation=conversation, step=step, link=link)


CLICKS = """sms "One" as "One" -> wait 1h -> sms "Two" as "Two"
  -> wait for clicked {} up to 3d {{ end "came" }} else {{ end }}"""


@pytest.mark.parametrize(("which", "step", "counts"), [
    ("", "Two", True),
    ("", "One", False),
    ('step:"One"', "One", True),
    ('step:"One"', "Two", False),
    ('link "https://shop/x"', "Two", True),
    ('link "https://shop/y"', "Two", False),
    ('link "shop/x"', "Two", False),
    ('step:"One" link "https://shop/x"', "One", True),
    ('step:"One" link "https://shop/y"', "One", False),
])  # fmt: skip
def test_a_click_counts_if_it_is_about_the_message_that_is_meant(
    shop: Shop, which: str, step: str, counts: bool
) -> None:
    begin(shop, CLICKS.format(which))
    shop.pass_time("2h")
    click(shop, step)
    shop.run()
    assert shop.state("a") == ("completed: came" if counts else "active")


def test_a_click_before_the_wait_counts_for_its_own_message(shop: Shop) -> None:
    begin(shop, CLICKS.format('step:"One"'))
    shop.pass_time("10m")
    click(shop, "One")
    shop.pass_time("2h")
    assert shop.state("a") == "completed: came"


def test_a_click_on_a_message_of_another_conversation_or_an_earlier_run_does_not_count(shop: Shop) -> None:
    begin(shop, CLICKS.format(""))
    shop.pass_time("2h")
    click(shop, "Two", "1", conversation="D")
    shop.event("a", "clicked", "2", at=shop.now - 2 * DAY, conversation="C", step="Two")
    shop.run()
    assert shop.state("a") == "active"


def test_opened_and_clicked_together_are_two_chances(shop: Shop) -> None:
    begin(shop, 'sms "One" -> wait for opened, clicked up to 3d { end "came" } else { end }')
    shop.event("a", "opened", conversation="C", step="sms")
    shop.run()
    assert (shop.state("a"), kinds(shop)[-1]) == ("completed: came", ("came", "opened"))


@pytest.mark.parametrize(
    ("what", "counts"),
    [
        ("reply", True),
        ('keyword "YES"', True),
        ('keyword " yes!"', True),
        ('keyword "NO"', False),
    ],
)
def test_a_reply_is_waited_for_as_such_or_by_its_keyword(shop: Shop, what: str, counts: bool) -> None:
    begin(shop, f'sms "YES or NO?" -> wait for {what} up to 3d {{ end "came" }} else {{ end }}')
    shop.event("a", "sms.received", text="Yes please", code="34567", keyword="YES")
    shop.run()
    assert shop.state("a") == ("completed: came" if counts else "active")


def test_a_click_counts_for_a_message_of_the_version_before(shop: Shop) -> None:
    body = 'sms "One" as "One" -> wait for clicked up to 3d { end "came" } else { end "late" }'
    begin(shop, body)
    shop.publish(script(f'if order_count = 5 {{ set tier = "Gold" }} -> {body}', "in_flight move"))
    click(shop, "One")
    shop.run()
    assert shop.state("a") == "completed: came"
