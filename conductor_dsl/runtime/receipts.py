"""Receipts: what a provider said becomes the state of the intents, and the runs that waited for it go on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa

from conductor_dsl.plugin.channels import NOT_ACCEPTED, OUTCOME_UNKNOWN, Receipt, Verdict
from conductor_dsl.program.states import IntentState, Reason
from conductor_dsl.shared.clock import HOUR, MINUTE, Instant
from conductor_dsl.shared.ids import Place
from conductor_dsl.store.inbox import remember_parcels
from conductor_dsl.store.intents import Claimed, cancel_unwanted, resume_held, settle
from conductor_dsl.store.suppressions import suppress

ATTEMPTS = 5
"""How often a message is tried before it becomes a dead letter."""
FIRST_RETRY = MINUTE
LONGEST_RETRY = HOUR

Outcome = tuple[Claimed, Receipt]
"""A message with what its provider said."""


class Settlement(NamedTuple):
    """The new state of one intent; a tuple, for there are many."""

    state: IntentState
    not_before: Instant
    settled_at: Instant | None
    provider_id: str | None
    reason: str | None
    untried: int = 0
    """1 where nothing was sent, so that the attempt was none."""


def settle_receipts(
    connection: sa.Connection, outcomes: Sequence[Outcome], *, node: str, now: Instant
) -> Counter[IntentState]:
    """Settle intents that this node holds; returns how many came to which state.

    In the same transaction the runs that were held for them become due, and addresses are closed of which the provider
    has told that nothing should go there.
    """
    suppress(connection, [(row.key, receipt.mark, now) for row, receipt in outcomes if receipt.mark], now)
    accepted = Verdict.ACCEPTED
    taken = [(*row[:5], receipt.provider_id) for row, receipt in outcomes if receipt.verdict is accepted]
    others = [
        (row.key, receipt_to_settlement(row, receipt, now))
        for row, receipt in outcomes
        if receipt.verdict is not accepted
    ]
    may_be_held = settle(connection, node, taken, [_row(*each) for each in others], now)
    named = [(receipt.provider_id, row.key) for row, receipt in outcomes if receipt.by_id and receipt.provider_id]
    remember_parcels(connection, named)
    states = Counter(settlement.state for _, settlement in others)
    if states[IntentState.READY]:
        cancel_unwanted(connection, now)
    if may_be_held:
        resume_held(connection, now)
    return states + Counter({IntentState.ACCEPTED: len(taken)})


def _row(key: Place, settlement: Settlement) -> tuple[object, ...]:
    """What `settle` wants; the state as a plain text, for drivers ask of every other kind how it is to be written."""
    state, not_before, settled_at, provider_id, reason, untried = settlement
    return (*key, provider_id, state.value, not_before, settled_at, reason, untried)


_TAKEN = {
    Verdict.ACCEPTED: IntentState.ACCEPTED,
    Verdict.DELIVERED: IntentState.DELIVERED,
    Verdict.UNDELIVERED: IntentState.UNDELIVERED,
}


def receipt_to_settlement(row: Claimed, receipt: Receipt, now: Instant) -> Settlement:
    """What a receipt makes of an intent: bounded retries for what may pass, the rest is final or held."""
    if receipt.verdict in _TAKEN:
        reason = why(receipt) if receipt.verdict is Verdict.UNDELIVERED else None
        return Settlement(_TAKEN[receipt.verdict], row.not_before, now, receipt.provider_id, reason)
    if receipt.verdict is Verdict.REJECTED:
        state = IntentState.EXPIRED if receipt.code == Reason.EXPIRED else IntentState.REJECTED
        return Settlement(state, row.not_before, now, None, why(receipt))
    if receipt.verdict is Verdict.AMBIGUOUS:
        # Until its provider was asked, a message is on its way still; `rescue` asks when the lease has run out.
        state = IntentState.AMBIGUOUS if receipt.code == OUTCOME_UNKNOWN else IntentState.SENDING
        return Settlement(state, row.not_before, None, receipt.provider_id, why(receipt))
    return _try_again(row, receipt, now)


def _try_again(row: Claimed, receipt: Receipt, now: Instant) -> Settlement:
    """When a message that was certainly not taken leaves once more, if it does."""
    if receipt.code == NOT_ACCEPTED:
        return Settlement(IntentState.READY, row.not_before, None, None, receipt.code, untried=1)
    if receipt.retry_after:
        return Settlement(IntentState.READY, now + receipt.retry_after, None, None, why(receipt), untried=1)
    if row.attempts >= ATTEMPTS:
        return Settlement(IntentState.DEAD, row.not_before, now, None, why(receipt))
    return Settlement(IntentState.READY, now + backoff(row.attempts, row.contact_id), None, None, why(receipt))


def backoff(attempts: int, salt: int) -> int:
    """Milliseconds until the next attempt: doubling from a minute to an hour, spread by up to a quarter.

    The spread comes from the contact, not from dice, so that a replay computes the same.
    """
    base = min(FIRST_RETRY << (attempts - 1), LONGEST_RETRY)
    return base + base * (salt * 2654435761 % 1024) // 4096


def why(receipt: Receipt) -> str:
    """What a reader is told of a receipt: the provider's own word, and what it means."""
    return f"{receipt.code}: {receipt.detail}" if receipt.detail else receipt.code
