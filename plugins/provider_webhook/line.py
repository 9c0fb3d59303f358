"""The calls that wait for one host, and whether that host is to be left alone."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from conductor_dsl.api import NOT_ACCEPTED, Instant, Outgoing, Receipt, Verdict

FAILURES = 5
"""So many calls in a row that came to nothing, and a host is left alone for a while."""
PAUSE = 30_000
"""Milliseconds."""
SLOW = 1.0
"""Seconds of an answer from which a host is slow."""
TURN = 5_000
"""Milliseconds after which calls of a slow host are tried for which there was no time."""


@dataclass(slots=True)
class Line:
    """What waits for a host now; how it has answered lately outlives the batch."""

    host: str
    waiting: deque[Outgoing] = field(default_factory=deque)
    failures: int = 0
    quiet_until: Instant = 0
    slowest: float = 0.0

    @property
    def margin(self) -> float:
        """Seconds that an answer should be given: twice what the slowest took of late."""
        return 2 * self.slowest + 0.25

    def note(self, receipt: Receipt, now: Instant, took: float) -> None:
        """Remember how the host answered, and how many seconds that took."""
        self.slowest = max(took, 0.9 * self.slowest)
        if receipt.verdict in (Verdict.ACCEPTED, Verdict.REJECTED):
            self.failures = 0
            return
        self.failures += 1
        if receipt.retry_after:
            self.quiet_until = max(self.quiet_until, now + receipt.retry_after)
        elif self.failures >= FAILURES:
            self.quiet_until = max(self.quiet_until, now + PAUSE)

    def put_off(self, key: str, now: Instant) -> Receipt | None:
        """The receipt of a call that is not made now, because its host is to be left alone; None if it is not."""
        left = self.quiet_until - now
        if left <= 0:
            return None
        return Receipt(key, Verdict.TRANSIENT, "", "host_rests", f"`{self.host}` is left alone", retry_after=left)

    def no_time(self, key: str) -> Receipt:
        """The receipt of a call for which there was no time in its batch; one to a quick host is made at once."""
        if self.slowest < SLOW:
            return Receipt(key, Verdict.TRANSIENT, code=NOT_ACCEPTED)
        return Receipt(key, Verdict.TRANSIENT, "", "host_slow", f"`{self.host}` is slow", retry_after=TURN)
