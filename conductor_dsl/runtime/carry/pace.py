"""Pace: no sender sends more in a second than it may, on all nodes together. Texts count by their segments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from conductor_dsl.plugin.channels import NOT_ACCEPTED, ChannelProvider, Outgoing, Receipt, Verdict
from conductor_dsl.shared.clock import SECOND, Clock
from conductor_dsl.shared.segments import segments
from conductor_dsl.store.paces import Want, take_slots

LATER = "sender_pace"
PATIENCE = SECOND // 2
"""For so long slots may be waited for; after that the node's hold on its messages may be too short for a call."""


class Paced:
    """Sends of a batch what the rates of its senders allow now; the rest was not sent, and has not failed.

    `rates` are how many segments of texts, or e-mails, a sender may send in a second.
    """

    def __init__(self, provider: ChannelProvider, engine: sa.Engine, clock: Clock, rates: Mapping[str, int]) -> None:
        self._provider, self._engine, self._clock, self._rates = provider, engine, clock, rates

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        """Take slots for the batch, on every node in the same row, and send what got one.

        If others kept the row for long, nothing is sent: the messages may be somebody else's before the call is over.
        """
        asked_at = self._clock.now()
        waits = self._waits(batch)
        now = [out for out in batch if not waits.get(out.key)]
        later = [Receipt(key, Verdict.TRANSIENT, code=LATER, retry_after=wait) for key, wait in waits.items() if wait]
        if self._clock.now() - asked_at >= PATIENCE:
            return [*(Receipt(out.key, Verdict.TRANSIENT, code=NOT_ACCEPTED) for out in now), *later]
        return [*(self._provider.send(now) if now else ()), *later]

    def _waits(self, batch: Sequence[Outgoing]) -> dict[str, int]:
        """How many milliseconds each message that has a rate should wait; 0 for now."""
        wants: dict[str, list[Want]] = defaultdict(list)
        for out in batch:
            if out.sender in self._rates:
                wants[out.sender].append(Want(out.key, _size(out)))
        if not wants:
            return {}
        with self._engine.begin() as connection:
            return take_slots(connection, wants, self._rates, self._clock.now())

    def look_up(self, keys: Sequence[str]) -> Mapping[str, Receipt] | None:
        """What the provider says."""
        return self._provider.look_up(keys)

    def close(self) -> None:
        """Close the provider."""
        self._provider.close()


def _size(out: Outgoing) -> int:
    return max(segments(out.text).segments, 1) if out.channel == "sms" else 1
