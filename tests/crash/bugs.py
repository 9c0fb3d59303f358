"""Two classic mistakes to put in place of our way of sending, to show that the crash test would notice them.

Each is made on both ways out: with messages that have waited, and with those that leave as soon as they are written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from unittest.mock import patch

import sqlalchemy as sa

from conductor_dsl.plugin.channels import Receipt, Verdict
from conductor_dsl.runtime import node as node_module
from conductor_dsl.runtime.advance import Advanced, advance
from conductor_dsl.runtime.dispatch import Dispatched, Dispatcher, Settle, lease_from, send_claimed
from conductor_dsl.runtime.node import Node
from conductor_dsl.runtime.operate.frame import Frame
from conductor_dsl.runtime.programs import Loaded, Programs
from conductor_dsl.runtime.receipts import settle_receipts
from conductor_dsl.store.intents import Claimed, Lease, claim_ready, claimed_under


def _claim(dispatcher: Dispatcher, connection: sa.Connection, limit: int) -> tuple[list[Claimed], Lease]:
    now = dispatcher.clock.now()
    lease = lease_from(connection, dispatcher.node, now)
    return claim_ready(connection, lease=lease, now=now, limit=limit), lease


def _send_then_settle(
    dispatcher: Dispatcher, programs: Programs, claimed: Sequence[Claimed], lease: Lease, connection: sa.Connection
) -> Dispatched:
    """Send within the transaction that claims: a crash before its commit forgets that anything was sent."""
    dispatcher.reached("dispatch.claimed")
    outcomes = send_claimed(dispatcher, programs, claimed, lease.until)
    dispatcher.reached("dispatch.sent")
    now = dispatcher.clock.now()
    return Dispatched(settle_receipts(connection, outcomes, node=dispatcher.node, now=now))


@contextmanager
def send_then_mark() -> Iterator[None]:
    """What a message has come to is written down together with the message, after it was sent."""
    advance_step = Node._advance_step

    def dispatch(dispatcher: Dispatcher, programs: Programs, limit: int) -> Settle | None:
        with dispatcher.engine.begin() as connection:
            claimed, lease = _claim(dispatcher, connection, limit)
            done = _send_then_settle(dispatcher, programs, claimed, lease, connection) if claimed else None
        dispatcher.reached("dispatch.settled")
        return (lambda: done) if done else None

    def step_of(node: Node, loaded: Loaded, programs: Programs, step: int, *, at_once: bool) -> Advanced | None:
        def advance_and_send(frame: Frame, step: int, limit: int) -> Advanced | None:
            done = advance(frame, step, limit)
            if frame.lease and (claimed := claimed_under(frame.connection, frame.lease)):
                _send_then_settle(node._dispatcher(loaded.lane), programs, claimed, frame.lease, frame.connection)
            return done

        with patch.object(node_module, "advance", advance_and_send):
            return advance_step(node, loaded, programs, step, at_once=at_once)

    with patch.object(node_module, "dispatch_ready", dispatch), patch.object(Node, "_advance_step", step_of):
        yield


@contextmanager
def mark_then_send() -> Iterator[None]:
    """Write down that the messages were accepted, and send them after: a crash between the two loses them."""

    def dispatch(dispatcher: Dispatcher, programs: Programs, limit: int) -> Settle | None:
        with dispatcher.engine.begin() as connection:
            claimed, lease = _claim(dispatcher, connection, limit)
        return deliver(dispatcher, programs, claimed, lease) if claimed else None

    def deliver(dispatcher: Dispatcher, programs: Programs, claimed: Sequence[Claimed], lease: Lease) -> Settle:
        outcomes = [(row, Receipt("", Verdict.ACCEPTED)) for row in claimed]
        with dispatcher.engine.begin() as connection:
            now = dispatcher.clock.now()
            states = settle_receipts(connection, outcomes, node=dispatcher.node, now=now)
        dispatcher.reached("dispatch.claimed")
        send_claimed(dispatcher, programs, claimed, lease.until)
        dispatcher.reached("dispatch.sent")
        dispatcher.reached("dispatch.settled")
        return lambda: Dispatched(states)

    with patch.object(node_module, "dispatch_ready", dispatch), patch.object(node_module, "deliver", deliver):
        yield


MISTAKES: Mapping[str, Callable[[], AbstractContextManager[None]]] = {
    "": nullcontext,
    "send_then_mark": send_then_mark,
    "mark_then_send": mark_then_send,
}
"""Our way of sending, and the mistakes by name: each is made while it is entered."""
