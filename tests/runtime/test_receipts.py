"""What a provider says decides what becomes of a message, and when it is tried again."""

from __future__ import annotations

from itertools import pairwise

import pytest

from conductor_dsl.plugin.channels import NOT_ACCEPTED, Receipt, Verdict
from conductor_dsl.program.states import IntentState
from conductor_dsl.runtime.receipts import ATTEMPTS, backoff, receipt_to_settlement
from conductor_dsl.shared.clock import HOUR, MINUTE
from conductor_dsl.store.intents import Claimed

NOW = 1_772_467_200_000
CLAIMED = Claimed._make([1] * len(Claimed._fields))


def claimed(attempts: int) -> Claimed:
    """A message that has been tried so often."""
    return CLAIMED._replace(attempts=attempts, not_before=NOW)


@pytest.mark.parametrize(
    ("verdict", "state", "is_settled"),
    [
        (Verdict.ACCEPTED, IntentState.ACCEPTED, True),
        (Verdict.DELIVERED, IntentState.DELIVERED, True),
        (Verdict.UNDELIVERED, IntentState.UNDELIVERED, True),
        (Verdict.REJECTED, IntentState.REJECTED, True),
        (Verdict.TRANSIENT, IntentState.READY, False),
    ],
)
def test_each_verdict_has_its_state(verdict: Verdict, state: IntentState, is_settled: bool) -> None:
    settled = receipt_to_settlement(claimed(1), Receipt("k", verdict, "id"), NOW)
    assert (settled.state, settled.settled_at is not None) == (state, is_settled)


def test_doubt_settles_nothing() -> None:
    assert receipt_to_settlement(claimed(1), Receipt("k", Verdict.AMBIGUOUS), NOW).settled_at is None


def test_the_last_attempt_is_the_last() -> None:
    verdicts = [receipt_to_settlement(claimed(n), Receipt("k", Verdict.TRANSIENT), NOW).state for n in (4, 5, 6)]
    assert ATTEMPTS == 5
    assert verdicts == [IntentState.READY, IntentState.DEAD, IntentState.DEAD]


def test_what_never_arrived_may_leave_again_at_once() -> None:
    receipt = Receipt("k", Verdict.TRANSIENT, code=NOT_ACCEPTED)
    assert receipt_to_settlement(claimed(1), receipt, NOW)[:3] == (IntentState.READY, NOW, None)


def test_who_is_asked_to_wait_waits_as_long_and_has_not_failed() -> None:
    receipt = Receipt("k", Verdict.TRANSIENT, code="429", retry_after=30_000)
    assert receipt_to_settlement(claimed(5), receipt, NOW)[:3] == (IntentState.READY, NOW + 30_000, None)


def test_the_reason_has_the_providers_word_first() -> None:
    receipt = Receipt("k", Verdict.REJECTED, code="30006", detail="landline")
    assert receipt_to_settlement(claimed(1), receipt, NOW).reason == "30006: landline"


def test_pauses_double_from_a_minute_to_an_hour() -> None:
    pauses = [backoff(attempt, 0) for attempt in range(1, 10)]
    assert (pauses[0], max(pauses)) == (MINUTE, HOUR)
    assert all(later == min(2 * earlier, HOUR) for earlier, later in pairwise(pauses))


def test_contacts_do_not_come_back_all_at_once() -> None:
    pauses = {backoff(1, contact) for contact in range(1_000)}
    assert len(pauses) > 500
    assert MINUTE <= min(pauses) <= max(pauses) <= MINUTE + MINUTE // 4
