"""Messages on their way: verdicts, retries, doubt and rescue, and the runs that wait for them."""

from __future__ import annotations

from itertools import pairwise

import pytest
import sqlalchemy as sa

from conductor_dsl.plugin.channels import Outgoing, Receipt, Verdict
from conductor_dsl.runtime.dispatch import LEASE
from conductor_dsl.shared.clock import MINUTE
from conductor_dsl.store import tables as t
from tests.conformance.shop import Answer, Shop

HELLO = "when no_order_within 60d check every 1d -> sms \"Hello {{ first_name | default: 'you' }}\" ttl 2d -> end"
TWO = 'when no_order_within 60d check every 1d -> sms "One" -> email saved:"Hello" -> end'
PARKED = 'when no_order_within 60d check every 1d -> sms "One" on_failed { email saved:"Hello" -> end "failed" } -> end'


class Crash(BaseException):
    """What a killed process does: it stops."""


def crash_at(wanted: str) -> object:
    """For `reached`: die at a named point."""

    def reached(point: str) -> None:
        if point == wanted:
            raise Crash

    return reached


def crash(shop: Shop, point: str) -> None:
    """A node dies at a named point, and its lease runs out."""
    with pytest.raises(Crash):
        shop.new_node(reached=crash_at(point)).run_due()
    shop.clock.move_to(shop.now + LEASE)


def test_an_accepted_message_keeps_what_the_provider_calls_it(shop: Shop) -> None:
    shop.contact("a")
    shop.publish(HELLO)
    shop.run()
    [row] = shop.intents("a")
    assert (row.state, row.attempts, row.settled_at, row.claimed_by) == ("accepted", 1, shop.now, None)
    assert row.provider_id == f"id-{shop.sms.accepted[0].key[:6]}"


def test_a_delivered_message_is_settled_too(shop: Shop) -> None:
    shop.sms.answer = lambda _: Verdict.DELIVERED
    shop.contact("a")
    shop.publish(HELLO)
    shop.run()
    assert shop.messages("a") == [("delivered", None)]


def test_a_transient_failure_is_tried_again_later_and_later_then_given_up(shop: Shop) -> None:
    shop.sms.answer = lambda out: Receipt(out.key, Verdict.TRANSIENT, code="busy", detail="try later")
    shop.contact("a")
    shop.publish(HELLO)
    times = []
    for _ in range(5):
        due = shop.run()
        times.append(shop.now)
        assert due is not None
        shop.clock.move_to(due)
    pauses = [later - earlier for earlier, later in pairwise(times)]
    assert pauses[0] >= MINUTE
    assert all(later >= 1.5 * earlier for earlier, later in pairwise(pauses))
    assert (len(shop.sms.attempts), shop.messages("a")) == (5, [("dead", "busy: try later")])
    shop.pass_time("12h")
    assert len(shop.sms.attempts) == 5


def test_a_transient_failure_may_pass(shop: Shop) -> None:
    answers = iter([Verdict.TRANSIENT, Verdict.TRANSIENT, Verdict.ACCEPTED])
    shop.sms.answer = lambda _: next(answers)
    shop.contact("a")
    shop.publish(HELLO)
    shop.pass_time("1h")
    assert shop.messages("a") == [("accepted", None)]
    assert len(shop.sms.attempts) == 3


def test_every_attempt_has_the_same_bytes_even_if_the_contact_changes(shop: Shop) -> None:
    shop.sms.answer = lambda _: Verdict.TRANSIENT
    shop.contact("a", first_name="Ada")
    shop.publish(HELLO)
    shop.run()
    shop.change("a", first_name="Eve", mobile="+17175550199")
    shop.pass_time("30m")
    assert len(shop.sms.attempts) > 2
    assert {(out.key, out.text, out.to) for out in shop.sms.attempts} == {
        (shop.sms.attempts[0].key, "Hello Ada", "+17175550100")
    }


def test_a_rejected_message_is_not_tried_again(shop: Shop) -> None:
    shop.sms.answer = lambda out: Receipt(out.key, Verdict.REJECTED, code="30006", detail="landline")
    shop.contact("a")
    shop.publish(TWO)
    shop.pass_time("1d")
    assert shop.messages("a")[0] == ("rejected", "30006: landline")
    assert (len(shop.sms.attempts), len(shop.email.accepted)) == (1, 1)


def test_one_that_fails_does_not_keep_back_the_others(shop: Shop) -> None:
    for key in ("a", "b", "c"):
        shop.contact(key, first_name=key)
    shop.sms.answer = lambda out: Verdict.TRANSIENT if "b" in out.text else Verdict.ACCEPTED
    shop.publish(HELLO)
    shop.pass_time("10m")
    attempts = [out.text for out in shop.sms.attempts]
    assert (attempts.count("Hello a"), attempts.count("Hello c")) == (1, 1)
    assert attempts.count("Hello b") > 2


def test_a_message_that_cannot_be_rendered_is_rejected_alone(shop: Shop) -> None:
    shop.contact("a", age=0)
    shop.contact("b", age=5)
    shop.publish('field age number when no_order_within 60d -> sms "{{ 10 | divided_by: age }}" -> end')
    shop.run()
    [(state, reason)] = shop.messages("a")
    assert state == "rejected"
    assert reason is not None
    assert reason.startswith("render_error: ")
    assert shop.texts() == ["2"]


def test_a_second_message_waits_for_the_verdict_on_the_first(shop: Shop) -> None:
    shop.sms.answer = lambda _: Verdict.TRANSIENT
    shop.contact("a")
    shop.publish(TWO)
    shop.run()
    assert shop.state("a") == "held"
    shop.sms.answer = lambda _: Verdict.ACCEPTED
    shop.pass_time("30s")
    assert shop.email.attempts == []
    shop.pass_time("10m")
    assert (shop.state("a"), len(shop.email.accepted)) == ("completed: end", 1)


def test_a_step_after_a_wait_waits_for_the_verdict_too(shop: Shop) -> None:
    shop.sms.answer, shop.sms.can_tell = lambda _: Verdict.AMBIGUOUS, False
    shop.contact("a")
    shop.publish('when no_order_within 60d check every 1d -> sms "One" -> wait 1d -> email saved:"Hello" -> end')
    shop.pass_time("2d")
    assert (shop.state("a"), shop.email.attempts) == ("held", [])


def test_a_failed_message_takes_the_way_the_script_gives_it(shop: Shop) -> None:
    shop.sms.answer = lambda _: Verdict.REJECTED
    shop.contact("a")
    shop.publish(PARKED)
    shop.run()
    assert (shop.state("a"), len(shop.email.accepted)) == ("completed: failed", 1)


def test_a_parked_run_goes_on_when_its_message_was_accepted(shop: Shop) -> None:
    answers = iter([Verdict.TRANSIENT, Verdict.ACCEPTED])
    shop.sms.answer = lambda _: next(answers)
    shop.contact("a")
    shop.publish(PARKED)
    shop.run()
    assert shop.state("a") == "held"
    shop.pass_time("10m")
    assert (shop.state("a"), shop.email.attempts) == ("completed: end", [])


@pytest.mark.parametrize("script", [TWO, PARKED])
def test_a_run_goes_on_when_its_message_expires_or_dies(shop: Shop, script: str) -> None:
    shop.sms.answer = lambda _: Verdict.TRANSIENT
    shop.contact("a")
    shop.publish(script)
    shop.pass_time("1d")
    assert shop.messages("a")[0][0] in ("dead", "expired")
    assert len(shop.email.accepted) == 1


@pytest.mark.parametrize("script", [TWO, PARKED])
def test_an_opt_out_cancels_a_message_that_has_not_left_and_its_run_goes_on(shop: Shop, script: str) -> None:
    shop.sms.answer = lambda _: Verdict.TRANSIENT
    shop.contact("a")
    shop.publish(script)
    shop.run()
    shop.consent("a", "sms", "unsubscribed")
    assert shop.messages("a") == [("cancelled", "opted_out")]
    shop.pass_time("1d")
    assert len(shop.sms.attempts) == 1
    assert shop.state("a").startswith("completed")


def test_a_message_on_its_way_during_an_opt_out_does_not_leave_again(shop: Shop) -> None:
    def answer(_: Outgoing) -> Answer:
        shop.consent("a", "sms", "unsubscribed")
        return Verdict.TRANSIENT

    shop.sms.answer = answer
    shop.contact("a")
    shop.publish(HELLO)
    shop.pass_time("1d")
    assert (len(shop.sms.attempts), shop.messages("a")) == (1, [("cancelled", "opted_out")])


def test_a_message_on_its_way_when_its_run_exits_does_not_leave_again(shop: Shop) -> None:
    def answer(_: Outgoing) -> Answer:
        shop.clock.move_to(shop.now + 1)
        shop.order("a", "back")
        return Verdict.TRANSIENT

    shop.sms.answer = answer
    shop.contact("a")
    thread = 'thread "T" when no_order_within 60d check every 1d { sms "Hello" -> wait 1d -> end }'
    shop.publish(f'conversation "C" {{ exit on order.placed {thread} }}')
    shop.pass_time("1d")
    assert (len(shop.sms.attempts), shop.messages("a")) == (1, [("cancelled", "run_exited")])


def test_an_ambiguous_message_is_never_sent_again_and_holds_its_run(shop: Shop) -> None:
    shop.sms.answer = lambda out: Receipt(out.key, Verdict.AMBIGUOUS, code="timeout")
    shop.sms.can_tell = False
    shop.contact("a")
    shop.publish(TWO)
    shop.pass_time("3d")
    assert (len(shop.sms.attempts), shop.messages("a")) == (1, [("ambiguous", "outcome_unknown")])
    assert shop.state("a") == "held"


def test_a_message_without_an_answer_is_on_its_way_until_its_lease_is_over_then_looked_up(shop: Shop) -> None:
    shop.sms.answer = lambda out: Receipt(out.key, Verdict.AMBIGUOUS, code="timeout")
    shop.contact("a")
    shop.publish(HELLO)
    assert shop.run() == shop.now + LEASE
    assert shop.messages("a") == [("sending", "timeout")]
    shop.sms.answer = lambda _: Verdict.ACCEPTED
    shop.pass_time("1m")
    # The provider says that it did not arrive, so it leaves once more, under the same key.
    assert [out.key for out in shop.sms.attempts] == [shop.sms.attempts[0].key] * 2
    assert shop.messages("a") == [("accepted", None)]


def test_a_provider_that_raises_leaves_the_others_alone(shop: Shop) -> None:
    def answer(_: Outgoing) -> Answer:
        return ConnectionError("cable cut")

    shop.sms.answer, shop.sms.can_tell = answer, False
    for key in ("a", "b"):
        shop.contact(key)
    shop.contact("c", mobile=None)
    shop.publish(TWO)
    shop.run()
    assert shop.messages("a") == shop.messages("b") == [("sending", "ConnectionError: cable cut")]
    shop.pass_time("1m")
    assert shop.messages("a") == shop.messages("b") == [("ambiguous", "outcome_unknown")]
    assert (shop.state("c"), len(shop.email.accepted)) == ("completed: end", 1)


def test_a_message_without_a_receipt_is_ambiguous(shop: Shop) -> None:
    shop.sms.answer = lambda _: Receipt("somebody else's key", Verdict.ACCEPTED)
    shop.sms.can_tell = False
    shop.contact("a")
    shop.publish(HELLO)
    shop.run()
    assert shop.messages("a") == [("sending", "no_receipt")]
    shop.pass_time("1m")
    assert shop.messages("a") == [("ambiguous", "outcome_unknown")]


def test_a_channel_without_a_provider_is_tried_again(shop: Shop) -> None:
    shop.contact("a")
    shop.publish(HELLO)
    node = shop.new_node()
    type(node)(node.engine, node.shelf, {}, node.clock).run_due()
    assert shop.messages("a") == [("ready", "no_provider")]
    shop.pass_time("10m")
    assert len(shop.texts()) == 1


def test_nothing_leaves_before_its_intent_is_committed(shop: Shop) -> None:
    shop.contact("a")
    shop.publish(HELLO)
    crash(shop, "advance.before_commit")
    assert (shop.intents("a"), shop.sms.attempts) == ([], [])
    shop.run()
    assert len(shop.texts()) == 1


def test_a_message_that_a_dead_node_had_not_sent_leaves_once_more(shop: Shop) -> None:
    shop.contact("a")
    shop.publish(HELLO)
    crash(shop, "dispatch.claimed")
    assert shop.messages("a") == [("sending", None)]
    shop.run()
    assert (len(shop.sms.attempts), shop.messages("a")) == (1, [("accepted", None)])


def test_a_message_that_a_dead_node_had_sent_is_not_sent_again(shop: Shop) -> None:
    shop.contact("a")
    shop.publish(TWO)
    crash(shop, "dispatch.sent")
    shop.run()
    assert (len(shop.sms.attempts), shop.messages("a")[0]) == (1, ("accepted", None))
    assert shop.state("a") == "completed: end"


def test_a_message_whose_fate_nobody_can_tell_is_held(shop: Shop) -> None:
    shop.sms.can_tell = False
    shop.contact("a")
    shop.publish(TWO)
    crash(shop, "dispatch.sent")
    shop.pass_time("1d")
    assert (len(shop.sms.attempts), shop.messages("a")) == (1, [("ambiguous", "outcome_unknown")])
    assert shop.state("a") == "held"


def test_a_living_node_keeps_its_messages_until_its_lease_runs_out(shop: Shop) -> None:
    shop.contact("a")
    shop.publish(HELLO)
    with pytest.raises(Crash):
        shop.new_node(reached=crash_at("dispatch.claimed")).run_due()
    lapses = shop.now + LEASE
    assert shop.run() == lapses
    assert shop.messages("a") == [("sending", None)]


def test_a_node_whose_lease_was_taken_over_has_no_say(shop: Shop) -> None:
    """The slow node's provider answers after another node has looked the message up."""
    other = shop.new_node()

    def slow(_: Outgoing) -> Answer:
        shop.clock.move_to(shop.now + LEASE)
        shop.sms.can_tell = False
        other.run_due()
        return Verdict.ACCEPTED

    shop.sms.answer = slow
    shop.contact("a")
    shop.publish(HELLO)
    shop.node.run_due()
    assert shop.messages("a") == [("ambiguous", "outcome_unknown")]
    assert len(shop.sms.attempts) == 1


def test_a_message_expires_while_it_waits(shop: Shop) -> None:
    shop.sms.answer = lambda _: Verdict.TRANSIENT
    shop.contact("a")
    shop.publish(HELLO.replace("ttl 2d", "ttl 4m"))
    shop.pass_time("1h")
    assert shop.messages("a") == [("expired", "expired_ttl")]
    assert all(0 < out.valid_for <= 4 * MINUTE for out in shop.sms.attempts)


def test_keys_differ_for_every_message_and_never_for_attempts(shop: Shop) -> None:
    shop.sms.answer = lambda _: Verdict.TRANSIENT
    for key in ("a", "b"):
        shop.contact(key)
    shop.publish(HELLO)
    shop.pass_time("1h")
    assert len({out.key for out in shop.sms.attempts}) == 2
    assert len(shop.sms.attempts) > 4


def test_a_slow_provider_gets_no_message_whose_answer_the_lease_would_not_see(shop: Shop) -> None:
    """What is left of the batch is handed back untried, and leaves at the next turn."""
    lease = sa.select(t.intent.c.lease_until)

    def answer(out: Outgoing) -> Answer:
        shop.clock.move_to(shop.now + 300)
        [row] = shop.rows(lease.where(t.intent.c.contact_id == int(out.contact)))
        assert row.lease_until > shop.now
        return Verdict.ACCEPTED

    shop.sms.answer = answer
    for number in range(60):
        shop.contact(f"c{number}")
    shop.publish(HELLO)
    shop.run()
    assert len({out.key for out in shop.sms.attempts}) == len(shop.sms.attempts) == 60
    rows = shop.rows(sa.select(t.intent.c.state, t.intent.c.attempts).distinct())
    assert [tuple(row) for row in rows] == [("accepted", 1)]


def test_one_slice_that_breaks_off_leaves_the_others_alone(shop: Shop) -> None:
    shop.sms.can_tell = False
    for number in range(30):
        shop.contact(f"c{number}")
    shop.publish(HELLO)
    seen: list[str] = []

    def answer(out: Outgoing) -> Answer:
        seen.append(out.key)
        return ConnectionError("cable cut") if len(seen) <= 20 else Verdict.ACCEPTED

    shop.sms.answer = answer
    shop.run()
    rows = shop.rows(sa.select(t.intent.c.state, sa.func.count()).group_by(t.intent.c.state).order_by(t.intent.c.state))
    assert [tuple(row) for row in rows] == [("accepted", 10), ("sending", 20)]
