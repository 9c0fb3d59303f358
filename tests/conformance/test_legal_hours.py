"""The hours of the law: texts that advertise go out where everybody may be who has the number, and says why not yet."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from conductor_dsl.plugin.channels import Outgoing, Verdict
from conductor_dsl.project.toml_to_hours import hours_of_law, with_windows
from conductor_dsl.shared.clock import HOUR, MINUTE, Instant, from_datetime, to_datetime
from conductor_dsl.shared.rules import Rules
from tests.conformance.shop import Answer, Shop

SCRIPT = 'conversation "C" {{ {head} thread "T" when no_order_within 60d check every 1d {{ sms "Hello" -> end }} }}'
LAW = Rules(hours_of_law())
NY, LA, UTC = "America/New_York", "America/Los_Angeles", "UTC"
FLORIDA, CALIFORNIA, TEXAS, LOUISIANA = "+13055550100", "+12135550100", "+15125550100", "+15045550100"
TOLL_FREE, LONDON, PARIS, SYDNEY = "+18005550100", "+447911123456", "+33612345678", "+61412345678"
SATELLITE = "+881612345678"


def at(text: str, zone: str = NY) -> Instant:
    return from_datetime(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)))


def begin(shop: Shop, moment: Instant, head: str = "", rules: Rules = LAW) -> None:
    shop.clock.move_to(moment)
    shop.node = shop.new_node(rules=rules)
    shop.publish(SCRIPT.format(head=head))
    shop.run()


def outcome(shop: Shop, moment: str, clock: str = NY, head: str = "", **contact: Any) -> tuple[str, str] | str:
    """`sent`, or why a message waits and until when, by a clock."""
    shop.contact("a", **contact)
    begin(shop, at(moment, clock), head)
    if shop.texts():
        return "sent"
    [(_, _, reason)] = shop.history("a")
    [run] = shop.runs("a")
    return str(reason), to_datetime(run.due_at).astimezone(ZoneInfo(clock)).strftime("%a %H:%M")


@pytest.mark.parametrize(
    ("moment", "clock", "contact", "told"),
    [
        # The hours of the country, where the number is at home.
        ("2026-03-09 20:59", LA, {"mobile": CALIFORNIA}, "sent"),
        ("2026-03-09 21:00", LA, {"mobile": CALIFORNIA}, ("quiet_hours", "Tue 08:00")),
        ("2026-03-09 07:59", LA, {"mobile": CALIFORNIA}, ("quiet_hours", "Mon 08:00")),
        ("2026-03-09 02:30", LA, {"mobile": LONDON}, "sent"),
        ("2026-03-09 08:30", "Europe/London", {"mobile": LONDON}, ("quiet_hours", "Mon 09:00")),
        ("2026-03-15 12:00", "Europe/Paris", {"mobile": PARIS}, ("quiet_hours", "Mon 08:00")),
        ("2026-07-14 12:00", "Europe/Paris", {"mobile": PARIS}, ("holiday", "Wed 08:00")),
        # The hours of the state: of the number, and of what the contact says.
        ("2026-03-09 20:30", NY, {"mobile": FLORIDA}, ("state_window", "Tue 08:00")),
        ("2026-03-15 11:30", NY, {"mobile": TEXAS}, ("state_window", "Sun 13:00")),  # noon in Texas
        ("2026-03-09 20:30", NY, {"mobile": CALIFORNIA, "state": "Florida"}, ("state_window", "Tue 11:00")),
        ("2026-03-09 20:30", NY, {"mobile": CALIFORNIA, "state": "fl"}, ("state_window", "Tue 11:00")),
        ("2026-03-09 20:30", NY, {"mobile": CALIFORNIA, "state": "nowhere"}, "sent"),
        ("2026-11-26 12:00", NY, {"mobile": LOUISIANA}, ("holiday", "Fri 09:00")),
        ("2026-03-15 12:00", NY, {"mobile": LOUISIANA}, ("state_window", "Mon 09:00")),
        # All zones in which the contact may be.
        ("2026-03-09 10:30", NY, {"mobile": CALIFORNIA, "zone": NY}, ("quiet_hours", "Mon 11:00")),
        ("2026-03-09 20:30", NY, {"mobile": CALIFORNIA, "zone": NY}, "sent"),
        ("2026-03-09 21:30", NY, {"mobile": CALIFORNIA, "zone": NY}, ("quiet_hours", "Tue 11:00")),
        ("2026-03-09 08:30", NY, {"mobile": "+18505550100"}, ("quiet_hours", "Mon 09:00")),  # Florida has two zones
        ("2026-03-09 08:30", NY, {"mobile": TOLL_FREE, "zone": NY}, "sent"),
        ("2026-03-09 08:30", NY, {"mobile": TOLL_FREE, "state": "Florida"}, ("quiet_hours", "Mon 09:00")),
        ("2026-03-09 08:30", NY, {"mobile": FLORIDA, "state": "Florida"}, "sent"),
        ("2026-03-09 12:00", NY, {"mobile": TOLL_FREE}, ("quiet_hours", "Mon 18:00")),  # from Guam to Bermuda
        ("2026-03-09 09:30", "Australia/Sydney", {"mobile": SYDNEY}, ("quiet_hours", "Mon 13:30")),  # Cocos Islands
        # Nobody knows where it is: safe hours by the clock of the conversation.
        ("2026-03-09 09:59", UTC, {"mobile": SATELLITE}, ("zone_unknown_safe_window", "Mon 10:00")),
        ("2026-03-09 17:59", UTC, {"mobile": SATELLITE}, "sent"),
        ("2026-03-14 12:00", UTC, {"mobile": SATELLITE}, ("zone_unknown_safe_window", "Mon 10:00")),
        ("2026-11-26 12:00", UTC, {"mobile": SATELLITE}, ("holiday", "Mon 10:00")),
        # A window that is about to close.
        ("2026-03-09 20:59:30", LA, {"mobile": CALIFORNIA}, ("validity_too_short", "Tue 08:00")),
    ],
)
def test_a_text_waits_for_the_hours_of_its_place(
    shop: Shop, moment: str, clock: str, contact: dict[str, Any], told: tuple[str, str] | str
) -> None:
    assert outcome(shop, moment, clock, **contact) == told


def test_the_window_of_the_script_counts_in_every_zone_and_is_named_first(shop: Shop) -> None:
    told = outcome(shop, "2026-03-09 12:30", head="window 10:00-20:00", mobile=CALIFORNIA, zone=NY)
    assert told == ("quiet_hours", "Mon 13:00")


def test_a_zone_for_everybody_is_the_clock_of_the_script_alone(shop: Shop) -> None:
    head = f'timezone "{NY}" window 09:00-12:00'
    assert outcome(shop, "2026-03-09 10:30", head=head, mobile=CALIFORNIA) == ("quiet_hours", "Mon 11:00")


def test_who_could_get_a_text_at_no_hour_at_all_gets_none(shop: Shop) -> None:
    shop.contact("a", mobile=CALIFORNIA, zone="Asia/Tokyo")
    begin(shop, at("2026-03-09 12:00"), "window 09:00-11:00")
    assert (shop.state("a"), shop.reasons("a")) == ("completed: end", ["no_window"])


@pytest.mark.parametrize(("head", "sent"), [("class transactional", 1), ("class alert", 0), ("class marketing", 0)])
def test_what_is_transactional_is_not_bound(shop: Shop, head: str, sent: int) -> None:
    shop.contact("a", mobile=CALIFORNIA)
    begin(shop, at("2026-03-09 03:00", LA), head)
    assert len(shop.texts()) == sent


def test_an_email_knows_the_window_of_the_script_alone(shop: Shop) -> None:
    shop.contact("a", mobile=CALIFORNIA)
    shop.clock.move_to(at("2026-03-09 03:00", LA))
    shop.node = shop.new_node(rules=LAW)
    shop.publish('when no_order_within 60d -> email saved:"Hello" -> end')
    shop.run()
    assert len(shop.email.accepted) == 1


def test_a_text_is_never_valid_beyond_the_end_of_its_window(shop: Shop) -> None:
    """Whatever the hour at which it leaves, at the first attempt or a later one."""
    numbers = (FLORIDA, CALIFORNIA, TEXAS, LOUISIANA, LONDON, PARIS, SYDNEY, "+18505550100")
    for number in numbers:
        shop.contact(number, mobile=number)
    ends: list[Instant] = []

    def answer(out: Outgoing) -> Answer:
        ends.append(shop.now + out.valid_for)
        attempts = [each.key for each in shop.sms.attempts].count(out.key)
        return Verdict.TRANSIENT if attempts == 1 else Verdict.ACCEPTED

    shop.sms.answer = answer
    begin(shop, at("2026-03-13 18:50"), "window 08:30-19:30")
    shop.pass_time("4d")
    assert len(shop.sms.accepted) == len(numbers)
    for out, end in zip(shop.sms.attempts, ends, strict=True):
        zone, latest = {
            LONDON: ("Europe/London", "19:30"),
            PARIS: ("Europe/Paris", "19:30"),
            SYDNEY: ("Indian/Cocos", "19:30"),
            LOUISIANA: ("America/Chicago", "19:30"),
            TEXAS: ("America/Chicago", "19:30"),
            CALIFORNIA: (LA, "19:30"),
        }.get(out.to, (NY, "19:30"))
        assert to_datetime(end).astimezone(ZoneInfo(zone)).strftime("%H:%M") <= latest
        assert out.valid_for > 0


def test_the_hours_of_the_project_take_the_place_of_the_law(shop: Shop) -> None:
    rules = replace(LAW, hours=with_windows(LAW.hours, {"US": ["mon-sun 00:00-24:00"], "US-CA": ["sat 10:00-11:00"]}))
    shop.contact("a", mobile=CALIFORNIA)
    begin(shop, at("2026-03-09 03:00", LA), rules=rules)
    assert [run.due_at for run in shop.runs("a")] == [at("2026-03-14 10:00", LA)]


def test_the_hours_are_asked_again_when_the_window_opens(shop: Shop) -> None:
    """A state that is set while the message waits counts."""
    shop.contact("a", mobile=CALIFORNIA)
    begin(shop, at("2026-03-13 22:00", LA))
    shop.change("a", fields='{"state": "Louisiana"}')
    shop.pass_time("1d")
    shop.change("a", fields='{"state": "Alabama"}')
    assert [reason for _, _, reason in shop.history("a")] == ["quiet_hours"]
    assert len(shop.texts()) == 1


def test_those_who_waited_are_spread_from_the_opening_on_and_always_alike(shop: Shop) -> None:
    keys = [f"c{number}" for number in range(90)]
    for key in keys:
        shop.contact(key, mobile=CALIFORNIA)
    begin(shop, at("2026-03-09 23:00", LA), rules=replace(LAW, spread=30 * MINUTE))
    opens = at("2026-03-10 08:00", LA)
    due = [shop.runs(key)[0].due_at - opens for key in keys]
    assert (min(due) >= 0, max(due) < 30 * MINUTE) == (True, True)
    assert {each % MINUTE for each in due} == {0}  # in groups, so that they move in batches
    thirds = [sum(1 for each in due if third * 10 * MINUTE <= each < (third + 1) * 10 * MINUTE) for third in range(3)]
    assert all(15 < count < 45 for count in thirds), thirds
    shop.pass_time("12h")
    assert len(shop.texts()) == 90


def test_a_short_window_is_not_left_by_spreading(shop: Shop) -> None:
    for number in range(40):
        shop.contact(f"c{number}", mobile=CALIFORNIA)
    begin(shop, at("2026-03-09 23:00", LA), "window 10:00-10:20", replace(LAW, spread=6 * HOUR))
    shop.pass_time("12h")
    assert len(shop.texts()) == 40
