"""Settling: what became of messages is written down while the node decides about the next ones.

That takes the database a third as long as to decide, and needs nothing of the node. So where two connections may write
side by side, a thread does it. Only one batch is being settled at a time: the next one leaves afterwards, and what may
be about the same messages waits. What is written meanwhile is claimed only afterwards, so that a crash leaves no more
than one batch in doubt.
"""

from __future__ import annotations

from concurrent.futures import Future, wait
from enum import Enum
from threading import Thread

from conductor_dsl.runtime.dispatch import Dispatched, Settle
from conductor_dsl.store.connect import Engine, two_may_write

LAST_WAIT = 5.0
"""Seconds for which whoever closes it waits. A transaction that takes longer is given up with the process, and its
messages are looked up when their lease has run out."""


class Sent(Enum):
    """What is known of a batch that is still being settled."""

    SENT = "sent"


class Settling:
    """Settles batches of messages that have been sent: at once, or `beside` whatever the node does then."""

    def __init__(self, *, beside: bool = False) -> None:
        self._beside = beside
        self._current: Future[Dispatched] | None = None

    def begin(self, settle: Settle) -> Dispatched | Sent:
        """Let a batch be settled; returns what became of it, or that it was sent where the rest is to be taken later.

        The batch before must have been taken.
        """
        if not self._beside:
            return settle()
        self._current = Future()
        # A daemon, for the process must be able to end though the database keeps the thread waiting.
        Thread(target=_keep, args=(settle, self._current), name="settling", daemon=True).start()
        return Sent.SENT

    @property
    def is_going(self) -> bool:
        """Whether a batch is not settled yet."""
        return self._current is not None and not self._current.done()

    def take(self) -> Dispatched | None:
        """Wait until the batch is settled, and say what became of it; None where there is none.

        Raises whatever has kept it from being settled: its messages stay in doubt until their lease has run out.
        """
        current, self._current = self._current, None
        return None if current is None else current.result()

    def close(self) -> None:
        """Wait for the batch, but not for ever."""
        if self._current is not None:
            wait([self._current], LAST_WAIT)


def _keep(settle: Settle, outcome: Future[Dispatched]) -> None:
    try:
        outcome.set_result(settle())
    except BaseException as problem:  # noqa: BLE001  (it is raised where the batch is taken)
        outcome.set_exception(problem)


def settling_on(engine: Engine) -> Settling:
    """How to settle on a database."""
    return Settling(beside=two_may_write(engine))
