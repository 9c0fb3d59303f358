"""A batch that several lanes share: each takes the next message when it is free, as long as there is time."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from threading import Lock

from conductor_dsl.api import NOT_ACCEPTED, Clock, Outgoing, Receipt, Verdict
from conductor_plugins.provider_smtp.session import Hours

BEGIN_WITHIN, TALK_WITHIN, END_WITHIN = 1_500, 2_500, 3_500
"""Milliseconds from the start of a call: the last message begins, the last is handed over, the last is answered.

A node hands over the last of a batch 4 s before its lease is over. What has not begun goes back to it, and comes again
at once."""


class Batch:
    """Messages, and what has become of them."""

    def __init__(self, messages: Sequence[Outgoing], clock: Clock) -> None:
        start = clock.now()
        self.hours = Hours(start + TALK_WITHIN, start + END_WITHIN)
        self._begin_until, self._clock = start + BEGIN_WITHIN, clock
        self._waiting = deque(messages)
        self._receipts: list[Receipt] = []
        self._stopped: dict[str, Receipt] = {}
        self._all_stopped: Receipt | None = None
        self._lock = Lock()

    def take(self) -> Outgoing | None:
        """The next message to send; None when there is none, when all senders must wait, or when time is up."""
        with self._lock:
            if self._all_stopped is not None or self._clock.now() >= self._begin_until:
                return None
            while self._waiting:
                message = self._waiting.popleft()
                stopped = self._stopped.get(message.sender)
                if stopped is None:
                    return message
                self._receipts.append(stopped._replace(key=message.key))
            return None

    def put_back(self, message: Outgoing) -> None:
        """Leave a message to the other lanes."""
        with self._lock:
            self._waiting.appendleft(message)

    def give(self, receipt: Receipt) -> None:
        """What became of a message."""
        with self._lock:
            self._receipts.append(receipt)

    def stop(self, receipt: Receipt, sender: str | None = None) -> None:
        """What one message was told goes for all that have not begun, or for those of one sender."""
        with self._lock:
            if sender is None:
                self._all_stopped = receipt
            else:
                self._stopped[sender] = receipt

    def receipts(self) -> list[Receipt]:
        """One for each message, once every lane has ended."""
        back = self._all_stopped or Receipt("", Verdict.TRANSIENT, code=NOT_ACCEPTED)
        rest = [self._stopped.get(message.sender, back)._replace(key=message.key) for message in self._waiting]
        return self._receipts + rest
