"""Rescue: messages whose outcome is unknown are looked up, never simply sent again.

A dead node was sending them, or their provider did not answer; their lease has run out.

The provider knows what it accepted. If it can tell, accepted messages are settled and the others leave once more, with
the same key and the same bytes; if it cannot, they are held as ambiguous, because to skip is better than to double.
"""

from __future__ import annotations

from collections import defaultdict

from conductor_dsl.plugin.channels import OUTCOME_UNKNOWN, ChannelProvider, Receipt, Verdict
from conductor_dsl.runtime.dispatch import HANDED_BACK, Dispatched, Dispatcher, lease_from
from conductor_dsl.runtime.programs import Programs
from conductor_dsl.runtime.receipts import Outcome, settle_receipts
from conductor_dsl.shared.ids import dispatch_keys
from conductor_dsl.store.intents import Claimed, claim_stale

UNKNOWN = Receipt("", Verdict.AMBIGUOUS, code=OUTCOME_UNKNOWN)


def rescue_stale(dispatcher: Dispatcher, programs: Programs, limit: int) -> Dispatched | None:
    """Take over one batch whose lease has run out; None when there is none."""
    now = dispatcher.clock.now()
    with dispatcher.engine.begin() as connection:
        lease = lease_from(connection, dispatcher.node, now)
        claimed = claim_stale(connection, lease=lease, now=now, limit=limit)
    if not claimed:
        return None
    dispatcher.reached("rescue.claimed")
    outcomes = _look_up(dispatcher, programs.secret, claimed)
    with dispatcher.engine.begin() as connection:
        states = settle_receipts(connection, outcomes, node=dispatcher.node, now=dispatcher.clock.now())
    dispatcher.reached("rescue.settled")
    return Dispatched(states)


def _look_up(dispatcher: Dispatcher, secret: str, claimed: list[Claimed]) -> list[Outcome]:
    by_channel: dict[str, list[Claimed]] = defaultdict(list)
    for row in claimed:
        by_channel[row.channel].append(row)
    outcomes: list[Outcome] = []
    for channel, rows in by_channel.items():
        keys = dispatch_keys(secret, [row.key for row in rows])
        found = _ask(dispatcher.providers.get(channel), keys)
        answers = [UNKNOWN if found is None else found.get(key, HANDED_BACK) for key in keys]
        outcomes += zip(rows, answers, strict=True)
    return outcomes


def _ask(provider: ChannelProvider | None, keys: list[str]) -> dict[str, Receipt] | None:
    if provider is None:
        return None
    try:
        found = provider.look_up(keys)
    except Exception:  # noqa: BLE001  (a provider is a plugin; if it fails to answer, nothing is known)
        return None
    return None if found is None else dict(found)
