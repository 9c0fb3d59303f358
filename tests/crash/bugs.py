"""Two classic mistakes to put in place of our way of sending, to show that the crash test would notice them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

import sqlalchemy as sa

from conductor_dsl.plugin.channels import Receipt, Verdict
from conductor_dsl.runtime.dispatch import LEASE, Dispatched, Dispatcher, dispatch_ready, send_claimed
from conductor_dsl.runtime.programs import Programs
from conductor_dsl.runtime.receipts import settle_receipts
from conductor_dsl.store.intents import Claimed, claim_ready

Dispatch = Callable[[Dispatcher, Programs, int], Dispatched | None]


def send_then_mark(dispatcher: Dispatcher, programs: Programs, limit: int) -> Dispatched | None:
    """Send inside the transaction that claims: a crash before its commit forgets that anything was sent."""
    with dispatcher.engine.begin() as connection:
        claimed = _claim(dispatcher, connection, limit)
        if not claimed:
            return None
        dispatcher.reached("dispatch.claimed")
        outcomes = send_claimed(dispatcher, programs, claimed, dispatcher.clock.now() + LEASE)
        dispatcher.reached("dispatch.sent")
        now = dispatcher.clock.now()
        states = settle_receipts(connection, outcomes, node=dispatcher.node, now=now)
    dispatcher.reached("dispatch.settled")
    return Dispatched(Counter(states))


def mark_then_send(dispatcher: Dispatcher, programs: Programs, limit: int) -> Dispatched | None:
    """Write down that the messages were accepted, and send them after: a crash between the two loses them."""
    with dispatcher.engine.begin() as connection:
        claimed = _claim(dispatcher, connection, limit)
        if not claimed:
            return None
        outcomes = [(row, Receipt("", Verdict.ACCEPTED)) for row in claimed]
        now = dispatcher.clock.now()
        states = settle_receipts(connection, outcomes, node=dispatcher.node, now=now)
    dispatcher.reached("dispatch.claimed")
    send_claimed(dispatcher, programs, claimed, dispatcher.clock.now() + LEASE)
    dispatcher.reached("dispatch.sent")
    dispatcher.reached("dispatch.settled")
    return Dispatched(Counter(states))


def _claim(dispatcher: Dispatcher, connection: sa.Connection, limit: int) -> list[Claimed]:
    now = dispatcher.clock.now()
    return claim_ready(connection, node=dispatcher.node, now=now, lease_until=now + LEASE, limit=limit)


DISPATCHES: Mapping[str, Dispatch] = {
    "": dispatch_ready,
    "send_then_mark": send_then_mark,
    "mark_then_send": mark_then_send,
}
"""Our way of sending, and the mistakes by name."""
