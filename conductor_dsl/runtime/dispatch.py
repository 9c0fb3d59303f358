"""Dispatch: messages leave in batches, each with a committed intent behind it.

Three moments: a transaction that marks the batch as being sent, the call to the provider, a transaction that writes
down what became of it. A crash between them leaves messages whose outcome is unknown; `rescue` resolves those.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from conductor_dsl.plugin.contracts import ChannelProvider, Outgoing, Receipt, Verdict
from conductor_dsl.program.states import Reason
from conductor_dsl.runtime.intent_to_message import intent_to_message
from conductor_dsl.runtime.programs import Programs
from conductor_dsl.runtime.receipts import NOT_ACCEPTED, settle_receipts
from conductor_dsl.shared.clock import SECOND, Clock, Instant
from conductor_dsl.store.intents import claim_ready

LEASE = 12 * SECOND
"""How long a node may take over one batch before another looks after it; so a killed node's work is taken over within
15 s."""


@dataclass(frozen=True, slots=True)
class Dispatched:
    """A batch that has been sent: how many messages came to which state."""

    states: Mapping[str, int]

    @property
    def count(self) -> int:
        """How many messages there were."""
        return sum(self.states.values())


@dataclass(frozen=True, slots=True)
class Dispatcher:
    """What dispatching needs: the database, who sends, who carries, and what time it is."""

    engine: sa.Engine
    node: str
    providers: Mapping[str, ChannelProvider]
    clock: Clock
    reached: Callable[[str], None]
    """Called at named points of the way, where tests crash the process."""


def dispatch_ready(dispatcher: Dispatcher, programs: Programs, limit: int) -> Dispatched | None:
    """Send one batch of messages that may leave now; None when there is none."""
    now = dispatcher.clock.now()
    with dispatcher.engine.begin() as connection:
        claimed = claim_ready(connection, node=dispatcher.node, now=now, lease_until=now + LEASE, limit=limit)
    if not claimed:
        return None
    dispatcher.reached("dispatch.claimed")
    outcomes = send_claimed(dispatcher, programs, claimed)
    dispatcher.reached("dispatch.sent")
    with dispatcher.engine.begin() as connection:
        states = settle_receipts(connection, programs, outcomes, node=dispatcher.node, now=dispatcher.clock.now())
    dispatcher.reached("dispatch.settled")
    return Dispatched(Counter(states))


def send_claimed(
    dispatcher: Dispatcher, programs: Programs, claimed: Sequence[sa.Row[Any]]
) -> list[tuple[sa.Row[Any], Receipt]]:
    """Render and send claimed intents; one receipt for each, whatever happens."""
    now = dispatcher.clock.now()
    settled: list[tuple[sa.Row[Any], Receipt]] = []
    ready: list[tuple[sa.Row[Any], Outgoing]] = []
    for row in claimed:
        prepared = _prepare(row, programs, now)
        if isinstance(prepared, Receipt):
            settled.append((row, prepared))
        else:
            ready.append((row, prepared))
    for channel, group in groupby(sorted(ready, key=_channel), key=_channel):
        settled += _send_channel(dispatcher, channel, list(group))
    return settled


def _channel(pair: tuple[sa.Row[Any], Outgoing]) -> str:
    return pair[1].channel


def _prepare(row: sa.Row[Any], programs: Programs, now: Instant) -> Outgoing | Receipt:
    """The message, or why it cannot leave: one template that fails must not keep back the rest of the batch."""
    if row.expires_at <= now:
        return Receipt("", Verdict.REJECTED, code=Reason.EXPIRED)
    try:
        return intent_to_message(row, programs, now)
    except Exception as problem:  # noqa: BLE001  (a template is the shop's, and may raise anything)
        return Receipt("", Verdict.REJECTED, code=Reason.RENDER_ERROR, detail=str(problem))


def _send_channel(
    dispatcher: Dispatcher, channel: str, pairs: list[tuple[sa.Row[Any], Outgoing]]
) -> Iterable[tuple[sa.Row[Any], Receipt]]:
    provider = dispatcher.providers.get(channel)
    if provider is None:
        return [(row, Receipt(out.key, Verdict.TRANSIENT, code="no_provider")) for row, out in pairs]
    if any(row.lease_until <= dispatcher.clock.now() for row, _ in pairs):
        # The lease ran out before the first byte left (the machine slept, say): whoever holds it now will send.
        return [(row, Receipt(out.key, Verdict.TRANSIENT, code=NOT_ACCEPTED)) for row, out in pairs]
    try:
        receipts = {receipt.key: receipt for receipt in provider.send([out for _, out in pairs])}
    except Exception as problem:  # noqa: BLE001  (a provider is a plugin, and may raise anything)
        unknown = Receipt("", Verdict.AMBIGUOUS, code=type(problem).__name__, detail=str(problem))
        return [(row, unknown) for row, _ in pairs]
    silent = Receipt("", Verdict.AMBIGUOUS, code="no_receipt")
    return [(row, receipts.get(out.key, silent)) for row, out in pairs]
