"""Events let contacts in and end their runs."""

from __future__ import annotations

import json
from typing import Any

from conductor_dsl.plugin.channels import Verdict
from conductor_dsl.runtime.arrivals import settle_arrivals
from conductor_dsl.shared.clock import DAY, HOUR, MINUTE
from conductor_dsl.store.events import add_events
from tests.conformance.shop import Shop

THANKS = 'conversation "Thanks" {{ {head} thread "T" on order.placed {{ sms "Thank you" -> wait 2d -> end "done" }} }}'
SIGNUP = """
event checkout.signup { source text, amount number, vip boolean }
conversation "Signup" {
  thread "T" on checkout.signup where event.source = "footer" and event.amount >= 50 and not event.vip {
    sms "From {{ event.source }} for {{ event.amount }}" -> end
  }
}
"""
WINBACK = """
conversation "Winback" {
  window 09:00-20:00
  exit on order.placed
  thread "T" when no_order_within 60d check every 1d { sms "Hello" -> wait 3d -> email saved:"Hello" -> end }
}
"""


def thanks(head: str = "") -> str:
    return THANKS.format(head=head)


def test_an_event_lets_its_contact_in_at_once(shop: Shop) -> None:
    shop.publish(thanks())
    shop.contact("a")
    shop.contact("b")
    shop.order("a", "1")
    shop.run()
    assert shop.state("a") == "active"
    assert shop.runs("b") == []


def test_only_events_that_match_the_condition_let_in(shop: Shop) -> None:
    shop.publish(SIGNUP)
    payloads: dict[str, dict[str, Any]] = {
        "good": {"source": "footer", "amount": 50, "vip": False},
        "unsaid": {"source": "footer", "amount": 99.5},
        "small": {"source": "footer", "amount": 49},
        "elsewhere": {"source": "popup", "amount": 50},
        "vip": {"source": "footer", "amount": 50, "vip": True},
        "mistyped": {"source": "footer", "amount": "50"},
        "empty": {},
    }
    for key, payload in payloads.items():
        shop.contact(key)
        shop.event(key, "checkout.signup", **payload)
    shop.run()
    assert [key for key in payloads if shop.runs(key)] == ["good", "unsaid"]
    assert sorted(shop.texts()) == ["From footer for 50", "From footer for 99.5"]


def test_an_event_from_before_the_publication_lets_nobody_in(shop: Shop) -> None:
    shop.publish(thanks())
    shop.contact("a")
    shop.order("a", "1", at=shop.now - 1)
    shop.order("a", "2", at=shop.now - 400 * DAY)
    assert shop.runs("a") == []


def test_an_event_that_comes_twice_counts_once(shop: Shop) -> None:
    shop.publish(thanks("reentry restart"))
    shop.contact("a")
    shop.order("a", "1")
    shop.order("a", "1")
    assert len(shop.runs("a")) == 1


def test_of_two_events_of_one_import_the_first_lets_in(shop: Shop) -> None:
    shop.publish(SIGNUP)
    shop.contact("a")
    shop.event("a", "checkout.signup", "1", source="footer", amount=60)
    shop.event("a", "checkout.signup", "2", source="footer", amount=70)
    [run] = shop.runs("a")
    assert json.loads(run.payload)["amount"] == 60


def test_who_is_inside_does_not_enter_a_second_time(shop: Shop) -> None:
    shop.publish(thanks())
    shop.contact("a")
    shop.order("a", "1")
    shop.run()
    shop.order("a", "2")
    shop.pass_time("1d")
    assert len(shop.runs("a")) == 1


def test_reentry_always_lets_in_again_after_the_end(shop: Shop) -> None:
    shop.publish(thanks("reentry always"))
    shop.contact("a")
    shop.order("a", "1")
    shop.pass_time("2d")
    shop.order("a", "2")
    assert [run.entry_no for run in shop.runs("a")] == [1, 2]


def test_reentry_never_lets_in_once(shop: Shop) -> None:
    shop.publish(thanks("reentry never"))
    shop.contact("a")
    shop.order("a", "1")
    shop.pass_time("2d")
    shop.order("a", "2")
    shop.pass_time("400d")
    shop.order("a", "3")
    assert len(shop.runs("a")) == 1


def test_reentry_after_30d_counts_from_the_end_of_the_last_run(shop: Shop) -> None:
    shop.publish(thanks("reentry after 30d"))
    shop.contact("a")
    shop.order("a", "1")
    shop.pass_time("2d")
    shop.pass_time("29d")
    shop.order("a", "2")
    assert len(shop.runs("a")) == 1
    shop.pass_time("1d")
    shop.order("a", "3")
    assert len(shop.runs("a")) == 2


def test_reentry_restart_ends_the_old_run_and_begins_a_new_one(shop: Shop) -> None:
    shop.publish(thanks("reentry restart"))
    shop.contact("a")
    shop.order("a", "1")
    shop.pass_time("1d")
    shop.order("a", "2")
    shop.run()
    old, new = shop.runs("a")
    assert (old.state, old.reason, new.state) == ("exited", "restart", "active")
    assert len(shop.texts()) == 2
    shop.pass_time("2d")
    assert shop.state("a") == "completed: done"


def test_an_event_that_ends_and_begins_ends_the_old_run_and_begins_a_new_one(shop: Shop) -> None:
    shop.publish(thanks("exit on order.placed"))
    shop.contact("a")
    shop.order("a", "1")
    shop.pass_time("1d")
    shop.order("a", "2")
    old, new = shop.runs("a")
    assert (old.state, old.reason, new.state) == ("exited", "exit on order.placed", "active")


def test_an_exit_cuts_a_wait_short(shop: Shop) -> None:
    shop.contact("a", ordered="70d")
    shop.publish(WINBACK)
    shop.pass_time("1d")
    shop.order("a", "back")
    [run] = shop.runs("a")
    assert (run.state, run.reason, run.ended_at, run.due_at) == ("exited", "exit on order.placed", shop.now, None)
    shop.pass_time("5d")
    assert len(shop.texts()) == 1
    assert shop.email.attempts == []


def test_an_exit_cancels_a_message_that_has_not_left_yet(shop: Shop) -> None:
    shop.sms.answer = lambda _: Verdict.TRANSIENT
    shop.contact("a", ordered="70d")
    shop.publish(WINBACK)
    shop.run()
    shop.clock.move_to(shop.now + MINUTE // 2)
    shop.order("a", "back")
    assert shop.messages("a") == [("cancelled", "run_exited")]
    shop.pass_time("1d")
    assert len(shop.sms.attempts) == 1


def test_an_order_from_before_the_run_does_not_end_it(shop: Shop) -> None:
    shop.contact("a", ordered="70d")
    shop.publish(WINBACK)
    shop.run()
    shop.order("a", "forgotten", at=shop.now - 65 * DAY)
    assert shop.state("a") == "active"
    shop.order("a", "same instant", at=shop.now)
    assert shop.state("a") == "exited: exit on order.placed"


def test_an_exit_ends_the_runs_of_its_own_conversation_only(shop: Shop) -> None:
    other = 'conversation "Other" { thread "T" when no_order_within 60d { wait 3d -> email saved:"Hello" -> end } }'
    shop.contact("a", ordered="70d")
    shop.publish(WINBACK, other)
    shop.run()
    shop.order("a", "back")
    assert sorted(run.state for run in shop.runs("a")) == ["active", "exited"]


def test_nobody_enters_an_expired_conversation(shop: Shop) -> None:
    shop.publish(thanks("expires 2026-03-04"))
    for key in ("a", "b"):
        shop.contact(key)
    shop.pass_time("1d")
    shop.order("a", "1")
    shop.pass_time("1d")
    shop.order("b", "1")
    assert (len(shop.runs("a")), len(shop.runs("b"))) == (1, 0)


def test_who_is_inside_an_expired_conversation_goes_on(shop: Shop) -> None:
    shop.publish(thanks("expires 2026-03-04"))
    shop.contact("a")
    shop.order("a", "1")
    shop.pass_time("3d")
    assert shop.state("a") == "completed: done"


def test_who_left_again_in_the_same_import_does_not_enter(shop: Shop) -> None:
    shop.contact("a")
    shop.contact("b")
    thread = 'thread "T" on cart { wait 1h -> sms "Hello" -> end }'
    shop.publish(f'event cart {{}} event bought {{}} conversation "C" {{ exit on bought {thread} }}')
    programs, at = shop.programs(), shop.now
    shop.clock.move_to(at + HOUR)
    pairs = [("a", "cart", at), ("a", "bought", at + MINUTE), ("b", "bought", at), ("b", "cart", at + MINUTE)]
    with shop.engine.begin() as connection:
        add_events(connection, [(n, key, f"{n}", name, when, "{}") for n, (key, name, when) in enumerate(pairs)])
        settle_arrivals(connection, programs, shop.now)
    assert (len(shop.runs("a")), len(shop.runs("b"))) == (0, 1)
