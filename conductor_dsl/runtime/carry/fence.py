"""Fence: what may be in another node's hands by now does not leave any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conductor_dsl.plugin.channels import NOT_ACCEPTED, ChannelProvider, Outgoing, Receipt, Verdict
from conductor_dsl.shared.clock import Clock


class Fenced:
    """Hands messages to a provider as long as the lease of their node leaves time, and gives back the others.

    It stands before the provider itself, with nothing in between that waits: the pace may wait for another node, a
    fallback for the first provider, and the process may be stopped and go on much later.
    """

    def __init__(self, provider: ChannelProvider, clock: Clock) -> None:
        self._provider, self._clock = provider, clock

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        """Send what is in time; the rest was certainly not accepted, and has not failed."""
        now = self._clock.now()
        late = [Receipt(out.key, Verdict.TRANSIENT, code=NOT_ACCEPTED) for out in batch if 0 < out.begin_by < now]
        if not late:
            return self._provider.send(batch)
        in_time = [out for out in batch if not 0 < out.begin_by < now]
        return [*(self._provider.send(in_time) if in_time else ()), *late]

    def look_up(self, keys: Sequence[str]) -> Mapping[str, Receipt] | None:
        """What the provider says; a question does no harm."""
        return self._provider.look_up(keys)

    def close(self) -> None:
        """Close the provider."""
        self._provider.close()
