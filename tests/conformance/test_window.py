"""The window: messages wait until it opens in the recipient's zone, and never leave after it closes."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from conductor_dsl.plugin.channels import Verdict
from conductor_dsl.shared.clock import HOUR, MINUTE, Instant, from_datetime, to_datetime
from tests.conformance.shop import Shop

SCRIPT = """
conversation "C" {{ window 09:00-20:00 thread "T" when no_order_within 60d check every 1d {{
  sms "Hello" {ttl} -> end
}} }}
"""


def at(text: str, zone: str) -> Instant:
    return from_datetime(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)))


def begin(shop: Shop, moment: Instant, ttl: str = "") -> None:
    shop.clock.move_to(moment)
    shop.publish(SCRIPT.format(ttl=ttl))


def test_a_message_outside_the_window_waits_for_the_opening_in_its_zone(shop: Shop) -> None:
    zones = {"ny": "America/New_York", "ldn": "Europe/London", "tyo": "Asia/Tokyo"}
    for key, zone in zones.items():
        shop.contact(key, zone=zone)
    begin(shop, at("2026-03-02 16:00", "UTC"))  # 11:00, 16:00, and 01:00 in Tokyo
    assert shop.run() == at("2026-03-03 09:00", "Asia/Tokyo")
    assert sorted(shop.state(key) for key in zones) == ["active", "completed: end", "completed: end"]
    assert shop.history("tyo") == [("sms", "deferred", "quiet_hours")]
    assert shop.messages("tyo") == []
    shop.pass_time("9h")
    assert shop.state("tyo") == "completed: end"
    assert len(shop.texts()) == 3


@pytest.mark.parametrize(("moment", "sent"), [("08:59", 0), ("09:00", 1), ("19:59", 1), ("20:00", 0)])
def test_a_window_begins_with_its_first_minute_and_ends_before_its_last(shop: Shop, moment: str, sent: int) -> None:
    shop.contact("a", zone="America/New_York")
    begin(shop, at(f"2026-03-03 {moment}", "America/New_York"))
    shop.run()
    assert len(shop.texts()) == sent


def test_consent_is_read_again_when_the_window_opens(shop: Shop) -> None:
    shop.contact("a", zone="Asia/Tokyo")
    begin(shop, at("2026-03-02 16:00", "UTC"))
    shop.run()
    shop.consent("a", "sms", "unsubscribed")
    shop.pass_time("1d")
    assert shop.sms.attempts == []
    assert shop.reasons("a") == ["opted_out"]


def test_a_bad_number_does_not_wait_for_the_window(shop: Shop) -> None:
    shop.contact("a", zone="Asia/Tokyo", mobile="12")
    begin(shop, at("2026-03-02 16:00", "UTC"))
    shop.run()
    assert shop.state("a") == "completed: end"


def test_a_message_is_valid_no_longer_than_the_window_is_open(shop: Shop) -> None:
    shop.contact("a", zone="America/New_York")
    begin(shop, at("2026-03-02 19:30", "America/New_York"))
    shop.run()
    assert [out.valid_for for out in shop.sms.accepted] == [30 * MINUTE]


def test_a_message_is_valid_as_long_as_the_script_says(shop: Shop) -> None:
    shop.contact("a", zone="America/New_York")
    begin(shop, at("2026-03-02 11:00", "America/New_York"), ttl="ttl 2h")
    shop.run()
    assert [out.valid_for for out in shop.sms.accepted] == [2 * HOUR]


def test_a_message_that_is_still_there_when_the_window_closes_expires(shop: Shop) -> None:
    shop.sms.answer = lambda _: Verdict.TRANSIENT
    shop.contact("a", zone="America/New_York")
    begin(shop, at("2026-03-02 19:58", "America/New_York"))
    shop.pass_time("1h")
    assert shop.messages("a") == [("expired", "expired_ttl")]
    closes = at("2026-03-02 20:00", "America/New_York")
    assert len(shop.sms.attempts) == 2  # at 19:58, and a minute later
    assert all(out.valid_for <= 2 * MINUTE for out in shop.sms.attempts), to_datetime(closes)


def test_a_message_that_is_older_than_its_time_to_live_expires(shop: Shop) -> None:
    shop.sms.answer = lambda _: Verdict.TRANSIENT
    shop.contact("a", zone="America/New_York")
    begin(shop, at("2026-03-02 11:00", "America/New_York"), ttl="ttl 5m")
    shop.pass_time("1d")
    assert shop.messages("a") == [("expired", "expired_ttl")]
    assert all(out.valid_for > 0 for out in shop.sms.attempts)
