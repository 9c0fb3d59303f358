"""Staff who asked for it get one e-mail a day with counts, and never one for each contact."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from conductor_dsl.plugin.channels import Outgoing, Verdict
from conductor_dsl.shared.clock import DAY, HOUR, to_iso
from conductor_dsl.store.connect import connect
from tests.conformance.shop import STAFF, Answer, Shop
from tests.conformance.test_coupons import fill

SCRIPT = f"""
conversation "Winback" {{
  thread "T" when no_order_within 60d check every 1d {{
    sms "Hello" as "Text" on_invalid pass notify "{STAFF}" on invalid notify "{STAFF}" on failed
      notify "ops@shop.example" on failed
    -> wait 30d -> end
  }}
}}
"""


@pytest.fixture
def shop(sqlite_url: str) -> Iterator[Shop]:
    """A shop that has published the script; it is 16:00 in UTC, and staff is told at 08:00."""
    engine = connect(sqlite_url)
    opened = Shop(engine)
    opened.publish(SCRIPT)
    yield opened
    engine.dispose()


def digests(shop: Shop, address: str = STAFF) -> list[Outgoing]:
    """The e-mails to staff that were accepted."""
    return [out for out in shop.email.accepted if out.to == address]


def test_one_email_tells_how_many_contacts_came_to_what(shop: Shop) -> None:
    for number in range(30):
        shop.contact(f"invalid{number}", mobile="12")
    shop.contact("good")
    shop.pass_time("1d")
    [digest] = digests(shop)
    assert digest.text == ("Since 2026-03-02T16:00:00Z:\n\n      30  Winback, Text: address is not valid\n")
    assert (digest.subject, digest.channel) == ("Conductor: what you wanted to hear of", "email")


def test_each_address_hears_of_what_it_asked_for(shop: Shop) -> None:
    shop.sms.answer = lambda _: Verdict.REJECTED
    shop.contact("invalid", mobile="12")
    shop.contact("refused")
    shop.pass_time("1d")
    [both], [failed] = digests(shop), digests(shop, "ops@shop.example")
    assert both.text.count("Winback, Text: ") == 2
    assert failed.text.splitlines()[2:] == ["       1  Winback, Text: refused by the provider"]


def test_it_comes_at_eight_in_the_morning(shop: Shop) -> None:
    shop.contact("invalid", mobile="12")
    told: list[str] = []

    def answer(_: Outgoing) -> Answer:
        told.append(to_iso(shop.now))
        return Verdict.ACCEPTED

    shop.email.answer = answer
    shop.pass_time("1d")
    assert told == ["2026-03-03T08:00:00Z"]


def test_a_day_with_nothing_to_tell_brings_no_email(shop: Shop) -> None:
    shop.contact("invalid", mobile="12")
    shop.contact("good")
    shop.pass_time("5d")
    assert len(digests(shop)) == 1
    assert digests(shop, "ops@shop.example") == []


def test_the_next_day_tells_only_what_is_new(shop: Shop) -> None:
    for day, count in ((1, 2), (2, 3)):
        for number in range(count):
            shop.contact(f"{day}-{number}", mobile="12")
        shop.pass_time("2d")
    assert [digest.text.splitlines()[2].split()[0] for digest in digests(shop)] == ["2", "3"]
    assert len({digest.key for digest in digests(shop)}) == 2


@pytest.mark.parametrize("answer", [Verdict.REJECTED, Verdict.TRANSIENT, OSError("no network")])
def test_what_the_provider_refuses_is_tried_again_and_tells_all(shop: Shop, answer: Answer) -> None:
    shop.contact("invalid", mobile="12")
    shop.email.answer = lambda _: answer
    shop.pass_time("17h")
    assert digests(shop) == []
    shop.email.answer = lambda _: Verdict.ACCEPTED
    shop.pass_time("3h")
    [digest] = digests(shop)
    assert "       1  Winback, Text" in digest.text
    assert "Since 2026-03-02T16:00:00Z" in digest.text


def test_a_provider_that_is_down_does_not_keep_messages_from_customers(shop: Shop) -> None:
    shop.contact("invalid", mobile="12")
    shop.email.answer = lambda _: OSError("no network")
    shop.pass_time("15h")
    shop.contact("late")
    shop.pass_time("1d")
    assert shop.texts() == ["Hello"]


def test_it_survives_a_restart(shop: Shop) -> None:
    shop.contact("invalid", mobile="12")
    shop.run()
    again = Shop(shop.engine, shop.now)
    again.pass_time("1d")
    assert len(digests(again)) == 1
    third = Shop(shop.engine, again.now)
    third.pass_time("12h")
    assert digests(third) == []


def test_publishing_again_neither_repeats_nor_puts_it_off(shop: Shop) -> None:
    shop.contact("invalid", mobile="12")
    shop.pass_time("15h")
    shop.publish(SCRIPT.replace("wait 30d", "wait 20d"))
    shop.pass_time("2h")
    assert len(digests(shop)) == 1


COUPONS = """
field offer text
conversation "Give" {
  thread "T" when order_count >= 1 check every 1d { coupon pool:"WB20" into offer fallback "FALL" -> end }
}
"""


def pool_lines(shop: Shop) -> list[list[str]]:
    """What each digest tells of pools."""
    return [[line.strip() for line in out.text.splitlines() if "pool" in line] for out in digests(shop)]


def test_a_pool_that_runs_low_is_told_of_once_a_day_while_it_is_in_use(shop: Shop) -> None:
    fill(shop, "A", "B", "C", "D", "E")
    shop.publish(COUPONS)
    shop.contact("a", ordered="1d")
    shop.contact("b", ordered="1d")
    shop.pass_time("1d")
    assert pool_lines(shop) == []
    shop.contact("c", ordered="1d")
    shop.pass_time("3d")
    assert pool_lines(shop) == [["2  codes left in the pool `WB20`"]]
    for key in "defg":
        shop.contact(key, ordered="1d")
    shop.pass_time("3d")
    assert pool_lines(shop)[1:] == [["0  codes left in the pool `WB20`; 2 found none"]]


def test_a_step_tells_how_many_came_by_and_never_one_email_for_each(shop: Shop) -> None:
    steps = f'notify "{STAFF}" "came back; 20% {{{{ off }}}}" -> wait 1d -> notify "{STAFF}" "still here" -> end'
    shop.publish(f'conversation "Back" {{ thread "T" when order_count >= 1 check every 1d {{ {steps} }} }}')
    for number in range(20):
        shop.contact(f"p{number}", ordered="1d")
    shop.pass_time("2d")
    assert [digest.text.splitlines()[2:] for digest in digests(shop)] == [
        ["      20  Back, notify: came back; 20% {{ off }}"],
        ["      20  Back, notify 2: still here"],
    ]


def test_of_two_nodes_one_tells(shop: Shop) -> None:
    shop.contact("invalid", mobile="12")
    other = shop.new_node()

    def answer(_: Outgoing) -> Answer:
        other.run_due()
        return Verdict.ACCEPTED

    shop.email.answer = answer
    shop.pass_time("1d")
    assert len(digests(shop)) == 1


def test_a_digest_whose_node_died_is_sent_by_another_under_the_same_key(shop: Shop) -> None:
    shop.contact("invalid", mobile="12")

    def answer(_: Outgoing) -> Answer:
        shop.email.answer = lambda _: Verdict.ACCEPTED
        raise KeyboardInterrupt

    shop.email.answer = answer
    with pytest.raises(KeyboardInterrupt):
        shop.pass_time("1d")
    shop.node = shop.new_node()
    shop.pass_time("10m")
    assert len({out.key for out in shop.email.attempts if out.to == STAFF}) == 1
    assert len(digests(shop)) == 1


def test_what_was_too_old_after_a_standstill_is_told_as_failed(shop: Shop) -> None:
    late = f'sms "Hello" as "Late" ttl 1h notify "{STAFF}" on failed'
    shop.publish(
        f'conversation "C" {{ thread "T" when order_count = 0 check every 9d {{ wait 1d -> {late} -> end }} }}'
    )
    for number in range(3):
        shop.contact(f"p{number}", ordered=None)
    shop.run()
    shop.clock.move_to(shop.now + DAY + 3 * HOUR)
    shop.pass_time("1d")
    assert [line for out in digests(shop) for line in out.text.splitlines()[2:]] == [
        "       3  C, Late: time to live was over"
    ]
