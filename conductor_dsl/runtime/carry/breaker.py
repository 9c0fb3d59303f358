"""Breaker: a provider that fails is left alone for a moment, and a sender that is told to wait waits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conductor_dsl.language.web_address import host_of
from conductor_dsl.plugin.channels import NOT_ACCEPTED, WEBHOOK, ChannelProvider, Outgoing, Receipt, Verdict
from conductor_dsl.shared.clock import SECOND, Clock, Instant

FAILURES = 20
"""So many messages in a row that nobody took open the breaker."""
PAUSE = 5 * SECOND
"""For so long nothing is sent; then one message tries it."""
PAUSED, WAITING = "provider_paused", "sender_paused"
_TROUBLE = (Verdict.TRANSIENT, Verdict.AMBIGUOUS)


@dataclass(slots=True)
class Circuit:
    """How the messages to one other side have fared of late: to a provider, or to a host that is called through it."""

    failures: int = 0
    closed_from: Instant | None = None

    def admits(self, count: int, now: Instant) -> int:
        """How many messages may be sent now: all of them, the one that tries it, or none."""
        if self.closed_from is None:
            return count
        return min(count, 1) if now >= self.closed_from else 0

    def rest(self, now: Instant) -> Receipt:
        """The receipt of what is not admitted."""
        return _keep(PAUSED, max((self.closed_from or now) - now, SECOND))

    def count(self, verdict: Verdict) -> None:
        """Count failures in a row; the first message that anybody takes a decision on ends the row."""
        self.failures = self.failures + 1 if verdict in _TROUBLE else 0

    def turn(self, now: Instant) -> None:
        """Open or close it, by what has been counted."""
        if not self.failures:
            self.closed_from = None
        elif self.failures >= FAILURES or self.closed_from is not None:
            self.closed_from = now + PAUSE


class Breaker:
    """Sends to a provider unless it is in trouble; what is kept back was certainly not accepted, and has not failed.

    One that goes down is so asked once every five seconds, and not once for each message that waits. Each host that
    webhooks call has a circuit of its own, for they have nothing to do with each other.
    """

    def __init__(self, provider: ChannelProvider, clock: Clock) -> None:
        self._provider = provider
        self._clock = clock
        self._circuits: dict[str, Circuit] = defaultdict(Circuit)
        self._senders: dict[str, Instant] = {}

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        """Send those of the batch that may be sent now; a call that raises does so here, too."""
        now = self._clock.now()
        kept = {out.key: _keep(WAITING, self._senders[_sender(out)] - now) for out in batch if self._waits(out, now)}
        sides: dict[str, list[Outgoing]] = defaultdict(list)
        for out in batch:
            if out.key not in kept:
                sides[_side(out)].append(out)
        trial: list[Outgoing] = []
        for side, free in sides.items():
            circuit = self._circuits[side]
            admitted = circuit.admits(len(free), now)
            trial += free[:admitted]
            kept |= {out.key: circuit.rest(now) for out in free[admitted:]}
        return [*self._try(trial, now), *(receipt._replace(key=key) for key, receipt in kept.items())]

    def _waits(self, out: Outgoing, now: Instant) -> bool:
        return self._senders.get(_sender(out), now) > now

    def _try(self, batch: Sequence[Outgoing], now: Instant) -> Sequence[Receipt]:
        if not batch:
            return ()
        try:
            receipts = self._provider.send(batch)
        except Exception:
            self._count([(out, Verdict.AMBIGUOUS) for out in batch], batch, now)
            raise
        sent = {out.key: out for out in batch}
        known = [(sent[receipt.key], receipt) for receipt in receipts if receipt.key in sent]
        for out, receipt in known:
            if receipt.retry_after:
                until = now + receipt.retry_after
                self._senders[_sender(out)] = max(until, self._senders.get(_sender(out), 0))
        # What was given back for want of time says nothing of the provider.
        tried = [(out, each.verdict) for out, each in known if not each.retry_after and each.code != NOT_ACCEPTED]
        self._count(tried, batch, now)
        return receipts

    def _count(self, verdicts: Sequence[tuple[Outgoing, Verdict]], batch: Sequence[Outgoing], now: Instant) -> None:
        for out, verdict in verdicts:
            self._circuits[_side(out)].count(verdict)
        for side in {_side(out) for out in batch}:
            self._circuits[side].turn(now)

    def look_up(self, keys: Sequence[str]) -> Mapping[str, Receipt] | None:
        """What the provider says; a question does no harm."""
        return self._provider.look_up(keys)

    def close(self) -> None:
        """Close the provider."""
        self._provider.close()


def _keep(code: str, retry_after: int) -> Receipt:
    return Receipt("", Verdict.TRANSIENT, code=code, retry_after=retry_after)


def _side(out: Outgoing) -> str:
    """With whom a message may fail together with others: with all of the provider, or with those to the same host."""
    return host_of(out.to) if out.channel == WEBHOOK else ""


def _sender(out: Outgoing) -> str:
    """Who waits when a message has to wait: its sender; calls have none, and wait for their host."""
    return out.sender or _side(out)
