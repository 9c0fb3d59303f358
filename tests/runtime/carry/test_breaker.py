"""The breaker leaves a provider alone that fails, and a sender that is told to wait."""

from __future__ import annotations

import pytest

from conductor_dsl.plugin.channels import NOT_ACCEPTED, Outgoing, Receipt, Verdict
from conductor_dsl.runtime.carry.breaker import FAILURES, PAUSE, Breaker
from conductor_dsl.shared.clock import MINUTE, SECOND, VirtualClock
from tests.runtime.carry.fakes import Fake, outs


def test_twenty_failures_in_a_row_open_it_and_one_message_tries_every_five_seconds() -> None:
    clock, fake = VirtualClock(1), Fake(lambda _: Verdict.TRANSIENT)
    breaker = Breaker(fake, clock)
    for _ in range(120):
        receipts = breaker.send(outs(FAILURES))
        assert {receipt.verdict for receipt in receipts} == {Verdict.TRANSIENT}
        assert len({receipt.key for receipt in receipts}) == FAILURES
        clock.move_to(clock.now() + SECOND)
    assert fake.attempts == FAILURES + 119_000 // PAUSE


def test_what_is_kept_back_has_not_failed_and_comes_back_when_it_may() -> None:
    clock, fake = VirtualClock(1), Fake(lambda _: Verdict.TRANSIENT)
    breaker = Breaker(fake, clock)
    breaker.send(outs(FAILURES))
    [receipt] = breaker.send(outs(1))
    assert (receipt.code, receipt.retry_after, fake.attempts) == ("provider_paused", PAUSE, FAILURES)


def test_what_is_given_back_for_want_of_time_is_no_failure() -> None:
    fake = Fake(lambda out: Receipt(out.key, Verdict.TRANSIENT, code=NOT_ACCEPTED))
    breaker = Breaker(fake, VirtualClock(1))
    for _ in range(3):
        breaker.send(outs(FAILURES))
    assert fake.attempts == 3 * FAILURES


def test_the_first_message_that_is_taken_closes_it() -> None:
    clock, fake = VirtualClock(1), Fake(lambda _: Verdict.TRANSIENT)
    breaker = Breaker(fake, clock)
    breaker.send(outs(FAILURES))
    fake.answer = lambda _: Verdict.ACCEPTED
    clock.move_to(clock.now() + PAUSE)
    breaker.send(outs(10))
    breaker.send(outs(10))
    assert [len(call) for call in fake.calls] == [FAILURES, 1, 10]


@pytest.mark.parametrize("verdict", [Verdict.ACCEPTED, Verdict.REJECTED])
def test_a_decision_among_failures_keeps_it_closed(verdict: Verdict) -> None:
    fake = Fake(lambda out: verdict if out.key == "k19" else Verdict.TRANSIENT)
    breaker = Breaker(fake, VirtualClock(1))
    for _ in range(3):
        breaker.send(outs(20))
    assert fake.attempts == 60


def test_calls_that_raise_count_and_are_still_heard_of() -> None:
    fake = Fake(lambda _: ConnectionError("cable cut"))
    breaker = Breaker(fake, VirtualClock(1))
    with pytest.raises(ConnectionError):
        breaker.send(outs(FAILURES))
    assert {receipt.code for receipt in breaker.send(outs(3))} == {"provider_paused"}


def test_a_sender_that_is_told_to_wait_waits_and_others_do_not() -> None:
    clock = VirtualClock(1)
    fake = Fake(lambda out: Receipt(out.key, Verdict.TRANSIENT, code="429", retry_after=MINUTE))
    breaker = Breaker(fake, clock)
    breaker.send(outs(1))
    fake.answer = lambda _: Verdict.ACCEPTED
    clock.move_to(1 + 20 * SECOND)
    mine, other = outs(2), outs(3, sender="99999")[2:]
    receipts = {receipt.key: receipt for receipt in breaker.send([*mine, *other])}
    assert (receipts["k0"].code, receipts["k0"].retry_after) == ("sender_paused", 40 * SECOND)
    assert receipts["k2"].verdict is Verdict.ACCEPTED
    clock.move_to(1 + MINUTE)
    assert {receipt.verdict for receipt in breaker.send(mine)} == {Verdict.ACCEPTED}


def test_being_told_to_wait_is_no_failure_of_the_provider() -> None:
    def answer(out: Outgoing) -> Receipt:
        return Receipt(out.key, Verdict.TRANSIENT, retry_after=SECOND)

    fake = Fake(answer)
    breaker = Breaker(fake, VirtualClock(1))
    for number in range(FAILURES * 2):
        breaker.send(outs(1, sender=str(number)))
    assert fake.attempts == FAILURES * 2


def test_questions_and_the_end_reach_the_provider() -> None:
    fake = Fake()
    breaker = Breaker(fake, VirtualClock(1))
    breaker.send(outs(1))
    assert breaker.look_up(["k0", "k1"]) == {"k0": Receipt("k0", Verdict.ACCEPTED)}
    breaker.close()
    assert fake.closed


def calls(host: str, first: int, count: int) -> list[Outgoing]:
    """Calls of a host."""
    call = Outgoing("", "webhook", f"https://{host}/a", "", "", "{}", "", 60_000, "1", "C", "S")
    return [call._replace(key=f"k{number}") for number in range(first, first + count)]


def test_a_host_that_fails_does_not_keep_others_from_being_called() -> None:
    fake = Fake(lambda out: Verdict.TRANSIENT if "bad" in out.to else Verdict.ACCEPTED)
    breaker = Breaker(fake, VirtualClock(1))
    breaker.send(calls("bad.example", 0, FAILURES))
    receipts = {
        receipt.key: receipt for receipt in breaker.send([*calls("bad.example", 0, 5), *calls("good.example", 50, 5)])
    }
    assert {receipts[f"k{number}"].code for number in range(5)} == {"provider_paused"}
    assert {receipts[f"k{number}"].verdict for number in range(50, 55)} == {Verdict.ACCEPTED}
    assert breaker.send(calls("bad.example", 0, 1))[0].code == "provider_paused"


def test_a_host_that_wants_rest_is_left_alone_and_no_other_is() -> None:
    fake = Fake(lambda out: Receipt(out.key, Verdict.TRANSIENT, code="429", retry_after=MINUTE))
    breaker = Breaker(fake, VirtualClock(1))
    breaker.send(calls("busy.example", 0, 1))
    fake.answer = lambda _: Verdict.ACCEPTED
    receipts = {
        receipt.key: receipt for receipt in breaker.send([*calls("busy.example", 0, 1), *calls("good.example", 1, 1)])
    }
    assert (receipts["k0"].code, receipts["k1"].verdict) == ("sender_paused", Verdict.ACCEPTED)
