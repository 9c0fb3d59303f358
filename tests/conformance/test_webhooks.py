"""Calls of other programs go the way of messages, but nobody's consent, window or cap is asked."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conductor_dsl.plugin.channels import Receipt, Verdict
from conductor_dsl.runtime.verify.verify import verify
from tests.conformance.shop import MOBILE, STAFF, Shop, host

URL = "https://hooks.shop.example/loyalty"
FIELDS = "field tier text field points number field vip boolean field birthday date field since instant\n"


def call(shop: Shop, payload: str, **fields: Any) -> dict[str, Any]:
    """What another program is told of a contact."""
    shop.contact("a", ordered="70d", **fields)
    shop.publish(f'{FIELDS} when no_order_within 60d check every 1d -> webhook "{URL}" {payload} -> end')
    shop.run()
    [out] = shop.webhook.accepted
    assert (out.channel, out.to, out.sender, out.subject, out.html) == ("webhook", URL, "", "", "")
    told: dict[str, Any] = json.loads(out.text)
    return told


def test_every_type_is_told_as_json(shop: Shop) -> None:
    payload = "{ key key, tier tier, points points, vip vip, birthday birthday, mobile mobile, since since, "
    payload += 'orders order_count, last last_order, fixed "x", number 2.50, lapsed no_order_within 60d }'
    fields = {"tier": 'G"ö', "points": 7, "vip": True, "birthday": "2000-02-29", "since": shop.now}
    assert call(shop, payload, **fields) == {
        "key": "a",
        "tier": 'G"ö',
        "points": 7,
        "vip": True,
        "birthday": "2000-02-29",
        "mobile": MOBILE,
        "since": "2026-03-02T16:00:00Z",
        "orders": 1,
        "last": "2025-12-22T16:00:00Z",
        "fixed": "x",
        "number": 2.5,
        "lapsed": True,
    }
    [out] = shop.webhook.accepted
    assert list(json.loads(out.text)) == [part.split()[0] for part in payload.strip("{ }").split(", ")]


def test_what_is_missing_is_left_out(shop: Shop) -> None:
    assert call(shop, "{ tier tier, mobile mobile, points points }", mobile="12") == {}


def test_without_a_payload_the_contact_is_told(shop: Shop) -> None:
    assert call(shop, "") == {"contact": "a"}


HEAD = f"""{FIELDS} conversation "C" {{ window 02:00-03:00 cap sms 1 per 7d
  thread "T" when no_order_within 60d check every 1d {{ """


def publish(shop: Shop, steps: str) -> None:
    shop.publish(HEAD + steps + " -> end } }")


def test_neither_consent_nor_the_window_nor_an_address_is_asked(shop: Shop) -> None:
    shop.contact("a", lists=(), mobile=None, email=None)
    shop.consent("a", "*", "unsubscribed")
    shop.pass_time("1h")
    publish(shop, f'webhook "{URL}"')
    shop.run()
    assert len(shop.webhook.accepted) == 1
    assert [each for each in verify(shop.engine, host(), slack=0).verdicts if each.broken] == []


def test_an_opt_out_does_not_call_a_call_back(shop: Shop) -> None:
    shop.webhook.answer = lambda _: Verdict.TRANSIENT
    shop.contact("a")
    publish(shop, f'webhook "{URL}"')
    shop.run()
    shop.consent("a", "*", "unsubscribed")
    shop.webhook.answer = lambda _: Verdict.ACCEPTED
    shop.pass_time("1h")
    assert shop.messages("a") == [("accepted", None)]
    assert len({out.key for out in shop.webhook.attempts}) == 1


def test_the_end_of_the_run_calls_it_back(shop: Shop) -> None:
    shop.webhook.answer = lambda _: Verdict.TRANSIENT
    shop.contact("a")
    shop.publish(
        f'conversation "C" {{ exit on order.placed thread "T" when no_order_within 60d check every 1d '
        f'{{ webhook "{URL}" -> wait 1d -> end }} }}'
    )
    shop.run()
    shop.order("a", "1")
    assert shop.messages("a") == [("cancelled", "run_exited")]


def test_a_call_of_unknown_outcome_is_looked_up_and_never_made_again_by_itself(shop: Shop) -> None:
    shop.webhook.answer = lambda _: TimeoutError("no answer")
    shop.webhook.can_tell = False
    shop.contact("a")
    publish(shop, f'webhook "{URL}"')
    shop.pass_time("2d")
    assert (len(shop.webhook.attempts), [state for state, _ in shop.messages("a")]) == (1, ["ambiguous"])


@pytest.mark.parametrize(("answer", "texts"), [(Verdict.REJECTED, ["Sorry"]), (Verdict.ACCEPTED, ["Done"])])
def test_a_refused_call_takes_the_way_of_on_failed(shop: Shop, answer: Verdict, texts: list[str]) -> None:
    shop.webhook.answer = lambda out: Receipt(out.key, answer, code="400")
    shop.contact("a")
    shop.publish(
        f'when no_order_within 60d check every 1d -> webhook "{URL}" on_failed {{ sms "Sorry" -> end }} '
        f'notify "{STAFF}" on failed -> sms "Done" -> end'
    )
    shop.run()
    assert shop.texts() == texts
    shop.pass_time("1d")
    told = [out.text for out in shop.email.accepted if out.to == STAFF]
    assert len(told) == (answer is Verdict.REJECTED)
    assert all("       1  shop, webhook: refused by the provider" in text for text in told)


def test_what_is_told_is_fixed_when_it_is_decided(shop: Shop) -> None:
    shop.webhook.answer = lambda _: Verdict.TRANSIENT
    shop.contact("a", tier="Gold")
    publish(shop, f'webhook "{URL}" {{ tier tier }} -> set tier = "Silver"')
    shop.run()
    shop.webhook.answer = lambda _: Verdict.ACCEPTED
    shop.pass_time("1h")
    assert {out.text for out in shop.webhook.attempts} == {'{"tier": "Gold"}'}


def test_a_picture_goes_with_its_text(shop: Shop) -> None:
    shop.contact("a")
    pictures = ("https://shop.example/1.jpg", "https://shop.example/2.jpg")
    media = " ".join(f'media "{url}"' for url in pictures)
    shop.publish(f'when no_order_within 60d check every 1d -> sms "Look" {media} -> sms "Bare" ignore_cap -> end')
    shop.run()
    assert [out.media for out in shop.sms.accepted] == [pictures, ()]
