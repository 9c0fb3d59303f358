"""Failover: the second provider gets what the first certainly did not take, and never anything else."""

from __future__ import annotations

import random

import pytest

from conductor_dsl.plugin.channels import NOT_ACCEPTED, OUTCOME_UNKNOWN, Outgoing, Receipt, Verdict
from conductor_dsl.runtime.carry.breaker import FAILURES, Breaker
from conductor_dsl.runtime.carry.failover import Failover
from conductor_dsl.shared.clock import VirtualClock
from tests.runtime.carry.fakes import Answer, Fake, outs


@pytest.mark.parametrize(
    ("answer", "goes_on"),
    [
        (Verdict.TRANSIENT, True),
        (Receipt("k0", Verdict.TRANSIENT, code="429", retry_after=1_000), True),
        (Receipt("k0", Verdict.TRANSIENT, code=NOT_ACCEPTED), False),
        (Verdict.ACCEPTED, False),
        (Verdict.DELIVERED, False),
        (Verdict.UNDELIVERED, False),
        (Verdict.REJECTED, False),
        (Verdict.AMBIGUOUS, False),
        (None, False),
    ],
)
def test_only_what_was_certainly_not_taken_goes_to_the_second(answer: Answer, goes_on: bool) -> None:
    first, second = Fake(lambda _: answer), Fake()
    receipts = Failover(first, second).send(outs(1))
    assert second.attempts == (1 if goes_on else 0)
    if goes_on:
        assert [receipt.verdict for receipt in receipts] == [Verdict.ACCEPTED]


def test_a_call_that_breaks_off_sends_nothing_to_the_second() -> None:
    second = Fake()
    with pytest.raises(TimeoutError):
        Failover(Fake(lambda _: TimeoutError()), second).send(outs(3))
    assert second.attempts == 0


def test_the_receipts_of_the_first_are_kept_when_the_second_breaks_off() -> None:
    first = Fake(lambda out: Verdict.ACCEPTED if out.key == "k0" else Verdict.TRANSIENT)
    receipts = {each.key: each.verdict for each in Failover(first, Fake(lambda _: OSError("gone"))).send(outs(2))}
    assert receipts == {"k0": Verdict.ACCEPTED, "k1": Verdict.AMBIGUOUS}


def test_the_second_may_have_a_sender_of_its_own() -> None:
    senders: list[str] = []

    def answer(out: Outgoing) -> Verdict:
        senders.append(out.sender)
        return Verdict.ACCEPTED

    Failover(Fake(lambda _: Verdict.TRANSIENT), Fake(answer), "99999").send(outs(1))
    assert senders == ["99999"]


def test_a_first_provider_in_trouble_costs_no_more_than_the_breaker_allows() -> None:
    first, second = Fake(lambda _: Verdict.TRANSIENT), Fake()
    both = Failover(Breaker(first, VirtualClock(1)), second)
    for _ in range(50):
        assert all(receipt.verdict is Verdict.ACCEPTED for receipt in both.send(outs(FAILURES)))
    assert (first.attempts, second.attempts) == (FAILURES, 50 * FAILURES)


@pytest.mark.parametrize(
    ("tells", "expected"),
    [
        ((True, True), {"k0": "accepted", "k1": "accepted", "k2": None}),
        ((True, False), {"k0": "accepted", "k1": OUTCOME_UNKNOWN, "k2": OUTCOME_UNKNOWN}),
        ((False, True), {"k0": OUTCOME_UNKNOWN, "k1": "accepted", "k2": OUTCOME_UNKNOWN}),
    ],
)
def test_a_message_is_known_to_be_lost_only_if_both_can_tell(
    tells: tuple[bool, bool], expected: dict[str, str | None]
) -> None:
    first = Fake(lambda out: Verdict.ACCEPTED if out.key == "k0" else Verdict.TRANSIENT)
    second = Fake(lambda out: Verdict.ACCEPTED if out.key == "k1" else Verdict.TRANSIENT)
    both = Failover(first, second)
    both.send(outs(3))
    first.can_tell, second.can_tell = tells
    found = both.look_up(["k0", "k1", "k2"])
    assert found is not None
    said = {key: found[key].code or found[key].verdict.value if key in found else None for key in expected}
    assert said == expected


@pytest.mark.parametrize("code", ["asked_later", OUTCOME_UNKNOWN])
def test_what_one_cannot_tell_yet_is_not_taken_for_lost(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = Fake(), Fake(lambda out: Verdict.ACCEPTED if out.key == "k1" else Verdict.TRANSIENT)
    open_ = {key: Receipt(key, Verdict.AMBIGUOUS, code=code) for key in ("k0", "k1")}
    monkeypatch.setattr(first, "look_up", lambda _keys: open_)
    second.send(outs(2))
    found = Failover(first, second).look_up(["k0", "k1", "k2"])
    assert found is not None
    assert {key: each.code or each.verdict.value for key, each in found.items()} == {"k0": code, "k1": "accepted"}


def test_nobody_knows_anything_where_neither_can_tell() -> None:
    first, second = Fake(), Fake()
    first.can_tell = second.can_tell = False
    assert Failover(first, second).look_up(["k0"]) is None


@pytest.mark.parametrize("seed", range(5))
def test_no_key_is_accepted_by_both_whatever_fails(seed: int) -> None:
    """Answers get lost after they were accepted, calls break off, both are in trouble now and then."""
    dice = random.Random(seed)
    fakes = [Fake(), Fake()]
    for fake in fakes:
        fake.answer = lambda _: dice.choice([*[Verdict.ACCEPTED] * 6, None, Verdict.TRANSIENT, Verdict.AMBIGUOUS])
    taken: list[set[str]] = [set(), set()]

    def witness(number: int, fake: Fake) -> None:
        plain = fake.answer

        def answer(out: Outgoing) -> Answer:
            said = plain(out)
            if said is None or said is Verdict.ACCEPTED or (said is Verdict.AMBIGUOUS and dice.random() < 0.5):
                taken[number].add(out.key)
            return said

        fake.answer = answer

    for number, fake in enumerate(fakes):
        witness(number, fake)
    both, waiting = Failover(fakes[0], fakes[1]), outs(2_000)
    for _ in range(6):
        receipts = {receipt.key: receipt.verdict for receipt in both.send(waiting)}
        waiting = [out for out in waiting if receipts.get(out.key) is Verdict.TRANSIENT]
    assert len(taken[0]) > 1_000
    assert len(taken[1]) > 100
    assert taken[0] & taken[1] == set()
