"""Who joins a list that wants a second yes gets nothing but the request for it, until it has come."""

from __future__ import annotations

import pytest

from conductor_dsl.runtime.confirmations import confirm
from conductor_dsl.runtime.verify.verify import verify
from conductor_dsl.shared.clock import DAY, HOUR
from conductor_dsl.shared.links import link_token, token_to_confirm
from conductor_dsl.store.connect import secret_of
from tests.conformance.shop import NOW, Shop, host

ASKED = "Shop: reply YES."
SCRIPT = """
event happened { which text }
conversation "Texts" {
  thread "Text" on happened where event.which = "sms" { sms "Text" from code:"34567" list list:"Double" -> end }
  thread "Mail" on happened where event.which = "email" { email saved:"Hello" list list:"Letters" -> end }
  thread "Wine" on happened where event.which = "wine" { sms "Wine" from code:"34567" list list:"Wine" -> end }
}
conversation "Joined" {
  thread "J" on subscribed list:"Double" first { sms "Welcome" from code:"34567" list list:"Double" -> end }
}
"""


@pytest.fixture(autouse=True)
def _open(shop: Shop) -> None:
    shop.publish(SCRIPT)
    shop.contact("a", lists=())
    shop.clock.move_to(NOW + HOUR)


def join(shop: Shop, name: str, key: str = "a") -> None:
    """Somebody subscribes to a list a second later, and what is due is done."""
    shop.clock.move_to(shop.now + 1000)
    shop.consent(key, name)
    shop.run()


def gets(shop: Shop, which: str) -> bool:
    """Whether somebody gets what a thread sends."""
    shop.clock.move_to(shop.now + 1000)
    before = len(shop.sms.accepted) + len(shop.email.accepted)
    shop.event("a", "happened", str(shop.now), which=which)
    shop.run()
    return len(shop.sms.accepted) + len(shop.email.accepted) > before


def write(shop: Shop, text: str, code: str = "34567") -> None:
    """Somebody texts something."""
    shop.clock.move_to(shop.now + 1000)
    shop.event("a", "sms.received", str(shop.now), text=text, code=code)
    shop.run()


def test_a_yes_to_a_double_list_is_asked_for_once_more_and_counts_then(shop: Shop) -> None:
    join(shop, "Double")
    assert shop.texts() == [ASKED]
    assert not gets(shop, "sms")
    assert shop.reasons("a") == ["unconfirmed"]
    write(shop, "Yes!")
    assert shop.texts() == [ASKED, "Welcome"], "it joins now, not before"
    assert gets(shop, "sms")
    assert [(row.action, row.source) for row in shop.ledger("a")] == [
        ("subscribed", ""),
        ("confirmed", "text to 34567"),
    ]
    assert verify(shop.engine, host()).holds


def test_a_yes_to_another_number_confirms_nothing(shop: Shop) -> None:
    join(shop, "Double")
    write(shop, "YES", "34568")
    assert not gets(shop, "sms")


def test_a_yes_that_nobody_asked_for_subscribes_nobody(shop: Shop) -> None:
    write(shop, "YES")
    assert (shop.ledger("a"), gets(shop, "sms")) == ([], False)


def test_nobody_is_asked_twice_a_day(shop: Shop) -> None:
    join(shop, "Double")
    join(shop, "Double")
    assert shop.texts() == [ASKED]
    shop.clock.move_to(shop.now + DAY)
    join(shop, "Double")
    assert shop.texts() == [ASKED, ASKED]


def test_who_is_on_the_list_is_not_asked_again(shop: Shop) -> None:
    shop.consent("a", "Double", "confirmed")
    shop.run()
    join(shop, "Double")
    assert shop.texts() == ["Welcome"]
    assert gets(shop, "sms")


def test_history_that_is_imported_asks_nobody(shop: Shop) -> None:
    shop.consent("a", "Double", at=shop.now - 2 * DAY)
    shop.run()
    assert shop.texts() == []
    assert not gets(shop, "sms")


def test_who_leaves_before_the_second_yes_has_left(shop: Shop) -> None:
    join(shop, "Double")
    write(shop, "STOP")
    write(shop, "YES")
    assert not gets(shop, "sms")


def test_who_starts_again_need_not_confirm_again(shop: Shop) -> None:
    join(shop, "Double")
    write(shop, "YES")
    write(shop, "STOP")
    assert not gets(shop, "sms")
    write(shop, "START")
    assert gets(shop, "sms")


def test_a_step_that_subscribes_asks_too(shop: Shop) -> None:
    script = 'event signup { } conversation "S" { thread "T" on signup { subscribe list:"Double" text "Yes" -> end } }'
    shop.publish(SCRIPT, script)
    shop.clock.move_to(shop.now + 1000)
    shop.event("a", "signup")
    shop.run()
    assert shop.texts() == [ASKED]
    assert not gets(shop, "sms")


def test_an_e_mail_asks_with_a_link_that_confirms_this_list_alone(shop: Shop) -> None:
    join(shop, "Letters")
    [out] = shop.email.accepted
    assert (out.subject, out.to) == ("Is it you?", "a@example.com")
    assert "https://conductor.shop.example/confirm/" in out.text
    token = out.text.partition("/confirm/")[2].split()[0].strip("<>)")
    assert not gets(shop, "email")
    who = shop.id("a")
    with shop.engine.begin() as connection:
        secret = secret_of(connection)
        assert token_to_confirm(secret, token) == (who, "Letters")
        assert token_to_confirm(secret, link_token(secret, who, "Letters")) is None
        assert confirm(connection, who, "Letters", token, shop.now)
        assert not confirm(connection, who, "Letters", token, shop.now)
    assert gets(shop, "email")


def test_an_event_of_the_shop_confirms(shop: Shop) -> None:
    join(shop, "Letters")
    shop.clock.move_to(shop.now + 1000)
    shop.event("a", "subscription.confirmed", list="Double")
    assert not gets(shop, "email")
    shop.event("a", "subscription.confirmed", "2", list="Letters")
    assert gets(shop, "email")


@pytest.mark.parametrize(
    ("born", "old_enough"), [("2005-03-02", True), ("2005-03-03", False), ("1980-12-31", True), (None, False)]
)
def test_nobody_too_young_gets_what_a_list_with_an_age_sends(shop: Shop, born: str | None, old_enough: bool) -> None:
    """It is 2 March 2026 everywhere twelve hours after noon in London."""
    shop.clock.move_to(NOW + 9 * HOUR)
    shop.contact("a", lists=("Wine",), **({"born": born} if born else {}))
    assert gets(shop, "wine") == old_enough
    assert shop.reasons("a") == ([] if old_enough else ["too_young"])
