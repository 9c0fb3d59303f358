"""A provider that does not come back keeps its own messages waiting, and nobody else's."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from conductor_dsl.plugin.channels import Outgoing, Verdict
from conductor_dsl.runtime.carry.bounded import STUCK, Bounded
from conductor_dsl.shared.clock import MINUTE
from tests.runtime.carry.fakes import Answer, Fake, outs

SOON = 0.05
PATIENCE = 60


@pytest.fixture
def hanging() -> Iterator[Callable[[Outgoing], Answer]]:
    """What never answers before the test is over."""
    over = threading.Event()

    def answer(_: Outgoing) -> Answer:
        over.wait(PATIENCE)
        return Verdict.ACCEPTED

    yield answer
    over.set()


def test_a_call_is_answered_as_the_provider_answers_it() -> None:
    fake = Fake()
    bounded = Bounded(fake, "cloud", print)
    assert [receipt.verdict for receipt in bounded.send(outs(3))] == [Verdict.ACCEPTED] * 3
    assert set(bounded.look_up(["k1", "k9"]) or {}) == {"k1"}
    fake.answer = lambda _: ConnectionError("cable cut")
    with pytest.raises(ConnectionError, match="cable cut"):
        bounded.send(outs(1))
    bounded.close()
    assert fake.closed


def test_a_timeout_of_the_providers_own_does_not_count_as_stuck() -> None:
    fake, told = Fake(lambda _: TimeoutError("it was slow")), list[str]()
    bounded = Bounded(fake, "cloud", told.append)
    for _ in range(2):
        with pytest.raises(TimeoutError, match="it was slow"):
            bounded.send(outs(1))
    assert (fake.attempts, told) == (2, [])
    bounded.close()


def test_a_call_that_does_not_come_back_is_waited_for_once(hanging: Callable[[Outgoing], Answer]) -> None:
    begun, told = threading.Event(), list[str]()

    def answer(out: Outgoing) -> Answer:
        begun.set()
        return hanging(out)

    fake = Fake(answer)
    bounded = Bounded(fake, "cloud", told.append, SOON)
    with pytest.raises(TimeoutError):
        bounded.send(outs(2))
    assert begun.wait(PATIENCE)
    for _ in range(3):
        receipts = bounded.send(outs(2))
        assert {(each.verdict, each.code, each.retry_after) for each in receipts} == {
            (Verdict.TRANSIENT, STUCK, MINUTE)
        }
    assert {each.verdict for each in (bounded.look_up(["k0"]) or {}).values()} == {Verdict.AMBIGUOUS}
    assert (fake.attempts, len(told)) == (2, 1)
    assert "`cloud` has not come back for 0.05 s" in told[0]
    bounded.close()


def test_once_the_call_has_ended_the_provider_is_called_again() -> None:
    goes_on, ended = threading.Event(), threading.Event()

    def answer(_: Outgoing) -> Answer:
        goes_on.wait(PATIENCE)
        return Verdict.ACCEPTED

    class Ending(Fake):
        def close(self) -> None:
            ended.set()

    fake = Ending(answer)
    bounded = Bounded(fake, "cloud", lambda _: None, SOON)
    with pytest.raises(TimeoutError):
        bounded.send(outs(1))
    goes_on.set()
    bounded._longest = PATIENCE
    for _ in range(100 * PATIENCE):
        if bounded.send(outs(1))[0].code != STUCK:
            break
        ended.wait(0.01)
    assert bounded.send(outs(1))[0].verdict is Verdict.ACCEPTED
    bounded.close()
