"""The history checker finds what is wrong with histories made by hand, and nothing wrong with a good one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from conductor_dsl.program.operations import Hold
from conductor_dsl.runtime.verify.nouns import (
    AnswerPast,
    Attempt,
    CodePast,
    GiftPast,
    MarkPast,
    MessagePast,
    Past,
    Promise,
    Rules,
    RunPast,
    Verification,
    Wait,
    WaitPast,
    WordPast,
)
from conductor_dsl.runtime.verify.verify import EXAMPLES, PROMISES, verify_pasts
from conductor_dsl.shared.clock import DAY, HOUR, MINUTE, SECOND, Instant

NOW = 1_772_467_200_000
LATER = NOW + 3 * DAY
SMS = MessagePast(
    1, 1, 1, 1, 0, "sms", "sms", "34567", "+17175550100", NOW, "accepted", NOW + 6 * HOUR, None, NOW + SECOND, "one"
)
EMAIL = MessagePast(
    1, 1, 1, 3, 0, "email", "email", "Shop", "a@example.com", LATER, "accepted", LATER + DAY, None, LATER, "two"
)
RUN = RunPast(1, 1, 1, "completed", None, NOW, LATER)
OPEN = RUN._replace(entry=2, state="active", due_at=LATER + DAY, entered_at=LATER, ended_at=None)
LOG = {each.key: [Attempt(each.key, each.address, "ab", each.created_at, accepted=True)] for each in (SMS, EMAIL)}
AGREED = WordPast(1, "sms", NOW - DAY, "subscribed", NOW - DAY)
LEFT = WordPast(1, "sms", NOW - HOUR, "unsubscribed", NOW - HOUR)
GOOD = Past(
    1,
    zone="America/New_York",
    updated_at=NOW - DAY,
    runs=(RUN, OPEN),
    messages=(SMS, EMAIL),
    waits=(WaitPast(1, 1, 1, 2, NOW),),
    words=(AGREED,),
    log=LOG,
)
CODE = CodePast(1, 1, 1, "WB20", "code", NOW + MINUTE, NOW + 90 * DAY)
EARLY = CODE._replace(claimed_at=NOW - 1)
GIFT = GiftPast(1, 1, 1, 2, NOW + MINUTE, "WB20")
CART = MarkPast(1, 7, "cart-1", NOW, NOW + HOUR)
BIRTHDAY = MarkPast(1, 7, "anniversary", 2026, NOW + 5 * DAY)
RULES = Rules({(1, 2): (Wait(Hold(3, duration="3d"), None, "UTC"),)}, lease=12 * SECOND, threads={7})
AWAITED = Rules(awaited=RULES.waits, lease=RULES.lease)
"""The same wait, had it been one for an event."""


def messages(*changed: MessagePast) -> Past:
    """The good past with other messages."""
    return replace(GOOD, messages=changed)


def runs(*changed: RunPast) -> Past:
    """The good past with other runs."""
    return replace(GOOD, runs=changed)


def attempts(message: MessagePast, *made: Attempt) -> Past:
    """The good past with other attempts at a message."""
    return replace(GOOD, log=LOG | {message.key: list(made)})


def tried(message: MessagePast, **changes: Any) -> Attempt:
    """An attempt at a message, accepted and in time unless told otherwise."""
    return LOG[message.key][0]._replace(**changes)


HELD = OPEN._replace(state="held", due_at=None)
OUTSIDE = RUN._replace(state="exited", ended_at=NOW + MINUTE)
BAD: list[tuple[str, str, Past]] = [
    ("no run is lost", "nothing will ever make it go on", runs(RUN, OPEN._replace(due_at=None))),
    ("no run is lost", "none of its messages is open", runs(RUN, HELD)),
    ("no run is lost", "but no run", messages(SMS, EMAIL, EMAIL._replace(entry=3))),
    ("no message is stuck", "not settled", messages(SMS, EMAIL._replace(settled_at=None))),
    ("no message is stuck", "`ready`, and settled", messages(SMS, EMAIL._replace(state="ready"))),
    ("no message is stuck", "by nobody", messages(SMS, EMAIL._replace(state="sending", settled_at=None))),
    ("nothing is doubled", "accepted it 2 times", attempts(SMS, tried(SMS), tried(SMS))),
    ("nothing is doubled", "step 3: its provider accepted it 3 times", attempts(EMAIL, *[tried(EMAIL)] * 3)),
    ("what was accepted is known", "never accepted it", attempts(SMS)),
    ("what was accepted is known", "never accepted it", attempts(EMAIL, tried(EMAIL, accepted=False))),
    ("what was accepted is known", "but it is `rejected`", messages(SMS, EMAIL._replace(state="rejected"))),
    ("what was accepted is known", "there is no such message", messages(SMS)),
    ("every attempt is the same", "not the same", attempts(SMS, tried(SMS, accepted=False), tried(SMS, digest="cd"))),
    ("every attempt is the same", "another address", attempts(EMAIL, tried(EMAIL, address="b@example.com"))),
    ("nothing is late", "1000 ms after", attempts(SMS, tried(SMS, at=SMS.expires_at + SECOND))),
    ("nothing is late", "step 3", attempts(EMAIL, tried(EMAIL, at=EMAIL.expires_at + 1))),
    ("steps are in order", "step 1 was settled", messages(SMS._replace(state="ambiguous", settled_at=None), EMAIL)),
    ("steps are in order", "step 1 was settled", messages(SMS._replace(settled_at=LATER + 1), EMAIL)),
    ("waits are kept", "1 ms before", messages(SMS, EMAIL._replace(created_at=LATER - 1))),
    ("waits are kept", "before its wait", messages(SMS, EMAIL._replace(created_at=NOW))),
    ("a contact has one run at a time", "before entry 1 had ended", runs(RUN._replace(ended_at=LATER + 1), OPEN)),
    ("a contact has one run at a time", "before entry 1", runs(OPEN._replace(entry=1, entered_at=NOW), OPEN)),
    ("opt-outs are kept", "was written after", replace(GOOD, words=(AGREED, LEFT))),
    ("opt-outs are kept", "step 3", replace(GOOD, words=(AGREED, LEFT._replace(list="*", stored_at=LATER - 1)))),
    *(
        ("opt-outs are kept", "step 1", replace(GOOD, words=(AGREED, LEFT._replace(list=whole))))
        for whole in ("sms:*", "sms:34567", "sms:?")
    ),
    (
        "opt-outs are kept",
        "accepted long after",
        replace(attempts(SMS, tried(SMS, at=NOW + 14 * SECOND)), words=(LEFT._replace(at=NOW + 1, stored_at=NOW + 1),)),
    ),
    ("exits are kept", "still to leave", replace(messages(SMS._replace(state="ready")), runs=(OUTSIDE,))),
    (
        "exits are kept",
        "accepted long after",
        replace(attempts(SMS, tried(SMS, at=NOW + HOUR)), runs=(OUTSIDE,), messages=(SMS,)),
    ),
    ("codes are given once", "no such run", replace(GOOD, codes=(CODE._replace(entry=9),), gifts=(GIFT,))),
    ("codes are given once", "no such run", replace(GOOD, codes=(CODE, CODE._replace(entry=None)), gifts=(GIFT,))),
    (
        "codes are given once",
        "before its run",
        replace(GOOD, codes=(CODE._replace(claimed_at=NOW - 1),), gifts=(GIFT,)),
    ),
    ("codes are given once", "had ended", replace(GOOD, codes=(CODE._replace(claimed_at=LATER + 1),), gifts=(GIFT,))),
    ("codes are given once", "does not tell", replace(GOOD, codes=(CODE,))),
    ("codes are given once", "nobody has it", replace(GOOD, gifts=(GIFT,))),
    ("codes are given once", "nobody has it", replace(GOOD, codes=(CODE,), gifts=(GIFT, GIFT._replace(pool="other")))),
    (
        "codes are given once",
        "had a good one for `code`",
        replace(GOOD, codes=(CODE, CODE._replace(claimed_at=NOW + HOUR)), gifts=(GIFT,)),
    ),
    ("no chance is lost", "no such thread", replace(GOOD, marks=(CART._replace(thread=8),))),
    ("no chance is lost", "no such contact", replace(GOOD, marks=(CART,), is_known=False)),
    ("no chance is lost", "1 ms before", replace(GOOD, marks=(CART._replace(due_at=NOW - 1),))),
    ("no chance is lost", "due in 2026", replace(GOOD, marks=(BIRTHDAY._replace(mark=2029),))),
    ("the counts add up", "of entries 1 to 2 there are 1", runs(OPEN)),
    ("the counts add up", "`asleep` is no state", runs(RUN, OPEN._replace(state="asleep"))),
    ("the counts add up", "has no end", runs(RUN._replace(ended_at=None), OPEN)),
    ("the counts add up", "yet due", runs(RUN._replace(due_at=LATER), OPEN)),
]


def verdict_on(past: Past, rules: Rules = RULES) -> Verification:
    return verify_pasts([past], rules, past.log)


def broken(past: Past) -> dict[str, tuple[str, ...]]:
    return {verdict.promise: verdict.examples for verdict in verdict_on(past).verdicts if verdict.broken}


def test_a_good_history_keeps_every_promise() -> None:
    assert broken(GOOD) == {}
    assert verdict_on(GOOD).holds


@pytest.mark.parametrize(("promise", "words", "past"), BAD, ids=[f"{each[0]}: {each[1]}" for each in BAD])
def test_a_bad_history_is_found_out(promise: str, words: str, past: Past) -> None:
    found = broken(past)
    assert any(words in example for example in found.get(promise, ())), found
    assert not verdict_on(past).holds


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.name)
def test_every_promise_has_two_bad_histories(promise: Promise) -> None:
    assert sum(name == promise.name for name, _, _ in BAD) >= 2


ALSO_GOOD: dict[str, Past] = {
    "who comes back may be written to": replace(
        GOOD, words=(LEFT, AGREED._replace(at=NOW - MINUTE, stored_at=NOW - MINUTE))
    ),
    "an opt-out that is heard of later does not count back": replace(
        GOOD, words=(AGREED, LEFT._replace(stored_at=LATER + 1))
    ),
    "what was on its way at the opt-out may arrive": replace(
        attempts(SMS, tried(SMS, at=NOW + 10 * SECOND)), words=(LEFT._replace(at=NOW + 1, stored_at=NOW + 1),)
    ),
    "nobody knows yet what became of a message on its way": messages(
        SMS, EMAIL._replace(state="sending", settled_at=None, lease_until=LATER + SECOND)
    ),
    "a refused attempt before a good one": attempts(SMS, tried(SMS, accepted=False), tried(SMS)),
    "a run that is held by an open message": replace(
        messages(SMS, EMAIL._replace(state="ambiguous", settled_at=None)),
        runs=(RUN._replace(state="held", ended_at=None),),
    ),
    "a code, and another one when the first is about to expire": replace(
        GOOD,
        codes=(CODE._replace(expires_at=NOW + HOUR), CODE._replace(claimed_at=NOW + HOUR)),
        gifts=(GIFT, GIFT._replace(at=NOW + HOUR)),
    ),
    "codes of one run for two fields": replace(GOOD, codes=(CODE, CODE._replace(field="other")), gifts=(GIFT,)),
    "chances that are to come, or have come": replace(
        GOOD, marks=(CART, BIRTHDAY, CART._replace(thing="cart-2", due_at=None))
    ),
    "a wait in a zone that has changed since may be an hour shorter": replace(
        messages(SMS, EMAIL._replace(created_at=LATER - HOUR)), updated_at=NOW + 1
    ),
}


@pytest.mark.parametrize("past", ALSO_GOOD.values(), ids=ALSO_GOOD)
def test_what_looks_odd_but_is_right_is_let_be(past: Past) -> None:
    assert broken(past) == {}


def test_a_wait_over_the_change_of_the_clocks_keeps_the_time_of_day() -> None:
    friday = 1_772_812_800_000  # 2026-03-06T16:00Z; New York moves to summer time on the 8th
    past = replace(
        GOOD,
        runs=(RUN._replace(entered_at=friday, ended_at=friday + 4 * DAY),),
        updated_at=friday,
        words=(),
        waits=(WaitPast(1, 1, 1, 2, friday),),
        log=None,
    )
    early = EMAIL._replace(created_at=friday + 3 * DAY - HOUR, settled_at=friday + 3 * DAY)
    assert broken(replace(past, messages=(early,))) == {}
    assert "waits are kept" in broken(replace(past, messages=(early._replace(created_at=early.created_at - 1),)))


def answered(at: Instant, kind: str, wrote: Instant = LATER) -> dict[str, tuple[str, ...]]:
    """What is wrong where a wait for an event ends so, and the next message is written then."""
    past = replace(GOOD, answers=(AnswerPast(1, 1, 1, 2, at, kind),), messages=(SMS, EMAIL._replace(created_at=wrote)))
    verification = verify_pasts([replace(past, log=None)], AWAITED)
    return {verdict.promise: verdict.examples for verdict in verification.verdicts if verdict.broken}


def test_a_run_that_waits_for_an_event_waits_until_it_comes_or_time_is_up() -> None:
    assert answered(NOW + HOUR, "came", NOW + HOUR) == answered(LATER, "late") == {}
    [wrong] = answered(NOW + HOUR, "came", NOW + HOUR - 1)["waits are kept"]
    assert "written while its run waited for an event" in wrong
    [wrong] = answered(LATER - 2, "late")["waits are kept"]
    assert wrong.endswith("it gave up 2 ms before its time was up")


def test_two_writers_may_have_asked_for_the_time_in_another_order() -> None:
    overlapping = runs(RUN._replace(ended_at=LATER + SECOND), OPEN)
    early = replace(GOOD, answers=(AnswerPast(1, 1, 1, 2, NOW - SECOND, "came"),), log=None)
    for past, rules in ((overlapping, RULES), (early, AWAITED)):
        assert not verify_pasts([past], rules).holds
        assert verify_pasts([past], replace(rules, slack=SECOND + 1)).holds


def test_nothing_is_written_while_an_event_is_waited_for() -> None:
    verification = verify_pasts([replace(GOOD, log=None)], AWAITED)
    assert [verdict.promise for verdict in verification.verdicts if verdict.broken] == ["waits are kept"]


def test_without_a_log_what_only_a_provider_knows_is_not_judged() -> None:
    verification = verdict_on(replace(GOOD, log=None))
    unchecked = {verdict.promise for verdict in verification.verdicts if not verdict.checked}
    assert unchecked == {promise.name for promise in PROMISES if promise.needs_log}
    assert verification.holds


def test_many_wrongs_are_counted_and_a_few_shown() -> None:
    lost = [runs(RUN, OPEN._replace(due_at=None))] * 20
    verification = verify_pasts(lost, RULES)
    [verdict] = [each for each in verification.verdicts if each.broken]
    assert (verdict.broken, len(verdict.examples)) == (20, EXAMPLES)
    assert (verification.contacts, verification.runs) == (20, {"completed": 20, "active": 20})
