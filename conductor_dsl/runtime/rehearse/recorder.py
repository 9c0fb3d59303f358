"""The provider of a rehearsal: it keeps what it is given, and refuses what the test says; nothing leaves."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from conductor_dsl.plugin.channels import Outgoing, Receipt, Verdict
from conductor_dsl.shared.clock import Clock, Instant

REFUSED = "refused"


class Recorder:
    """Carries the messages of every channel to nowhere.

    `refused` are pairs of a contact's id and a step.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.refused: Collection[tuple[str, str]] = frozenset()
        self.taken: list[tuple[Instant, Outgoing, bool]] = []

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        """Take every message but those of refused steps."""
        return [self._take(message) for message in batch]

    def _take(self, message: Outgoing) -> Receipt:
        is_good = (message.contact, message.step) not in self.refused
        self.taken.append((self._clock.now(), message, is_good))
        if is_good:
            return Receipt(message.key, Verdict.ACCEPTED, provider_id=f"rehearsal-{message.key}")
        return Receipt(message.key, Verdict.REJECTED, code=REFUSED)

    def look_up(self, keys: Sequence[str]) -> Mapping[str, Receipt]:
        """What was taken."""
        good = {message.key for _, message, is_good in self.taken if is_good}
        return {key: Receipt(key, Verdict.ACCEPTED) for key in keys if key in good}

    def close(self) -> None:
        """Nothing to let go of."""
