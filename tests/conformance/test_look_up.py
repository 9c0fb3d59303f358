"""A provider that is asked what became of messages may tell of one, and of another only later, or never."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from conductor_dsl.plugin.channels import OUTCOME_UNKNOWN, Receipt, Verdict
from conductor_dsl.runtime.dispatch import LEASE
from tests.conformance.shop import Shop

HELLO = 'when no_order_within 60d check every 1d -> sms "Hello" -> end'


@pytest.fixture
def lost(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> list[Receipt]:
    """A message without an answer; the list is what its provider says when it is asked, one receipt each time."""
    told: list[Receipt] = []

    def look_up(keys: Sequence[str]) -> Mapping[str, Receipt]:
        return {keys[0]: told.pop(0)._replace(key=keys[0])}

    monkeypatch.setattr(shop.sms, "look_up", look_up)
    shop.sms.answer = lambda out: Receipt(out.key, Verdict.AMBIGUOUS, code="no_answer")
    shop.contact("a")
    shop.publish(HELLO)
    shop.run()
    return told


def test_one_that_cannot_be_told_yet_is_asked_for_again_and_not_sent(shop: Shop, lost: list[Receipt]) -> None:
    lost += [Receipt("", Verdict.AMBIGUOUS, code="asked_later")] * 2 + [Receipt("", Verdict.ACCEPTED, "id")]
    for _ in range(2):
        shop.pass_time("12s")
        assert shop.messages("a") == [("sending", "asked_later")]
    assert shop.run() == shop.now + LEASE
    shop.pass_time("12s")
    assert (shop.messages("a"), len(shop.sms.attempts), lost) == ([("accepted", None)], 1, [])
    assert shop.state("a") == "completed: end"


def test_one_that_can_never_be_told_is_held(shop: Shop, lost: list[Receipt]) -> None:
    lost.append(Receipt("", Verdict.AMBIGUOUS, code=OUTCOME_UNKNOWN))
    shop.pass_time("1d")
    assert (shop.messages("a"), len(shop.sms.attempts)) == ([("ambiguous", "outcome_unknown")], 1)
