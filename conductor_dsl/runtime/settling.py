"""Settling: what became of messages is written down while the node decides about the next ones.

That takes the database as long as a third of what it takes to decide, and needs nothing of the node. So where two
connections may write side by side, a thread does it. No more than one batch is being settled: whoever is about to send
the next one, or to look up what is in doubt, waits for it, so that a crash leaves no more in doubt than before.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from enum import Enum

from conductor_dsl.runtime.dispatch import Dispatched, Settle
from conductor_dsl.store.connect import Engine, two_may_write


class Sent(Enum):
    """What is known of a batch that is still being settled."""

    SENT = "sent"


class Settling:
    """Settles batches of messages that have been sent: at once, or `beside` whatever the node does then."""

    def __init__(self, *, beside: bool = False) -> None:
        self._beside = beside
        self._thread: ThreadPoolExecutor | None = None
        self._current: Future[Dispatched] | None = None

    def begin(self, settle: Settle) -> Dispatched | Sent:
        """Let a batch be settled; returns what became of it, or that it was sent where the rest is to be taken later.

        The batch before must have been taken.
        """
        if not self._beside:
            return settle()
        # Not before: a process that is forked has none of its parent's threads.
        self._thread = self._thread or ThreadPoolExecutor(1, "settling")
        self._current = self._thread.submit(settle)
        return Sent.SENT

    def take(self) -> Dispatched | None:
        """Wait until the batch is settled; None where there is none.

        Raises whatever has kept it from being settled: its messages stay in doubt until their lease has run out.
        """
        current, self._current = self._current, None
        return None if current is None else current.result()

    def close(self) -> None:
        """Wait for the batch, and end the thread."""
        if self._thread is not None:
            self._thread.shutdown()


def settling_on(engine: Engine) -> Settling:
    """How to settle on a database."""
    return Settling(beside=two_may_write(engine))
