"""Breaker: a provider that fails is left alone for a moment, and a sender that is told to wait waits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from conductor_dsl.plugin.channels import ChannelProvider, Outgoing, Receipt, Verdict
from conductor_dsl.shared.clock import SECOND, Clock, Instant

FAILURES = 20
"""So many messages in a row that nobody took open the breaker."""
PAUSE = 5 * SECOND
"""For so long nothing is sent; then one message tries it."""
PAUSED, WAITING = "provider_paused", "sender_paused"
_TROUBLE = (Verdict.TRANSIENT, Verdict.AMBIGUOUS)


class Breaker:
    """Sends to a provider unless it is in trouble; what is kept back was certainly not accepted, and has not failed.

    One that goes down is so asked once every five seconds, and not once for each message that waits.
    """

    def __init__(self, provider: ChannelProvider, clock: Clock) -> None:
        self._provider = provider
        self._clock = clock
        self._failures = 0
        self._closed_from: Instant | None = None
        self._senders: dict[str, Instant] = {}

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        """Send those of the batch that may be sent now; a call that raises does so here, too."""
        now = self._clock.now()
        kept = {out.key: _keep(WAITING, self._senders[out.sender] - now) for out in batch if self._waits(out, now)}
        free = [out for out in batch if out.key not in kept]
        trial = free if self._closed_from is None else free[:1] if now >= self._closed_from else []
        left = _keep(PAUSED, max((self._closed_from or now) - now, SECOND))
        kept |= {out.key: left for out in free[len(trial) :]}
        return [*self._try(trial, now), *(receipt._replace(key=key) for key, receipt in kept.items())]

    def _waits(self, out: Outgoing, now: Instant) -> bool:
        return self._senders.get(out.sender, now) > now

    def _try(self, batch: Sequence[Outgoing], now: Instant) -> Sequence[Receipt]:
        if not batch:
            return ()
        try:
            receipts = self._provider.send(batch)
        except Exception:
            self._count([Verdict.AMBIGUOUS] * len(batch), now)
            raise
        senders = {out.key: out.sender for out in batch}
        for receipt in receipts:
            if receipt.retry_after and receipt.key in senders:
                until = now + receipt.retry_after
                self._senders[senders[receipt.key]] = max(until, self._senders.get(senders[receipt.key], 0))
        self._count([receipt.verdict for receipt in receipts if not receipt.retry_after], now)
        return receipts

    def _count(self, verdicts: Iterable[Verdict], now: Instant) -> None:
        """Count the failures in a row; the first message that anybody takes a decision on ends the row."""
        for verdict in verdicts:
            self._failures = self._failures + 1 if verdict in _TROUBLE else 0
        if not self._failures:
            self._closed_from = None
        elif self._failures >= FAILURES or self._closed_from is not None:
            self._closed_from = now + PAUSE

    def look_up(self, keys: Sequence[str]) -> Mapping[str, Receipt] | None:
        """What the provider says; a question does no harm."""
        return self._provider.look_up(keys)

    def close(self) -> None:
        """Close the provider."""
        self._provider.close()


def _keep(code: str, retry_after: int) -> Receipt:
    return Receipt("", Verdict.TRANSIENT, code=code, retry_after=retry_after)
