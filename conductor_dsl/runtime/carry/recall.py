"""Recall: providers that ask what became of messages which the database may have forgotten, before they send any.

After a database was put back from a backup, a message that looks new may have left before. `Recalling` sends nothing at
all, for the time that is gone through again; `Wary` sends, but asks first of whatever the lost time may have had.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conductor_dsl.plugin.channels import (
    NOT_ACCEPTED,
    OUTCOME_UNKNOWN,
    ChannelProvider,
    Outgoing,
    Recaller,
    Receipt,
    Verdict,
)
from conductor_dsl.shared.clock import SECOND, Clock, Instant
from conductor_dsl.shared.ids import visit_of

NOT_SENT_BEFORE = "not_sent_before"
"""The code of a message that certainly did not leave in the time that was lost."""
ASKED_LATER = Receipt("", Verdict.AMBIGUOUS, code="asked_later", detail="its provider could not be asked")
UNKNOWN = Receipt("", Verdict.AMBIGUOUS, code=OUTCOME_UNKNOWN, detail="it may have left before the database was lost")


class Recalling:
    """Finds out for each message whether it left since an instant, and sends none.

    What did not leave waits until `until`, when the time that was lost is over.
    """

    def __init__(self, provider: ChannelProvider, clock: Clock, since: Instant, until: Instant) -> None:
        self._provider, self._clock = provider, clock
        self._since, self._until = since, until

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        """One receipt for each: what became of it, or that it is to wait."""
        found = recall(self._provider, batch, self._since)
        if found is None:
            return [UNKNOWN._replace(key=out.key) for out in batch]
        wait = max(self._until - self._clock.now(), SECOND)
        waits = Receipt("", Verdict.TRANSIENT, code=NOT_SENT_BEFORE, retry_after=wait)
        return [found.get(out.key) or waits._replace(key=out.key) for out in batch]

    def look_up(self, keys: Sequence[str]) -> Mapping[str, Receipt] | None:
        """What the provider says; if it cannot be asked now, it is asked again later."""
        try:
            return self._provider.look_up(keys)
        except Exception:  # noqa: BLE001  (a provider is a plugin; nothing is decided while it cannot be asked)
            return {key: ASKED_LATER._replace(key=key) for key in keys}

    def close(self) -> None:
        """Close the provider."""
        self._provider.close()


class Wary:
    """Sends, but asks first whether a message left since an instant, if its run is older than the recovery.

    Going through the lost time again takes other ways where nobody knows any more what had happened, and so comes to
    some messages later. For a while each is asked for once, of `asked`, the provider behind whatever stands before it;
    what cannot be told leaves.
    """

    def __init__(
        self,
        provider: ChannelProvider,
        clock: Clock,
        *,
        asked: ChannelProvider,
        since: Instant,
        until: Instant,
        era: int,
    ) -> None:
        self._provider, self._clock, self._of = provider, clock, asked
        self._since, self._until, self._era = since, until, era
        self._asked: set[str] = set()

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        """One receipt for each; if asking took long, what is to be sent goes back and leaves with the next batch."""
        began = self._clock.now()
        old = [out for out in batch if self._is_asked_for(out)] if began < self._until else []
        if not old:
            return self._provider.send(batch)
        found = recall(self._of, old, self._since) or {}
        self._asked.update(out.key for out in old if out.key not in found)
        rest = [out for out in batch if out.key not in found]
        if self._clock.now() - began > SECOND:
            return [*found.values(), *(Receipt(out.key, Verdict.TRANSIENT, code=NOT_ACCEPTED) for out in rest)]
        return [*found.values(), *(self._provider.send(rest) if rest else ())]

    def _is_asked_for(self, out: Outgoing) -> bool:
        visit = visit_of(out.key)
        return visit is not None and visit < self._era and out.key not in self._asked

    def look_up(self, keys: Sequence[str]) -> Mapping[str, Receipt] | None:
        """What the provider says."""
        return self._provider.look_up(keys)

    def close(self) -> None:
        """Close the provider."""
        self._provider.close()


def recall(provider: ChannelProvider, batch: Sequence[Outgoing], since: Instant) -> dict[str, Receipt] | None:
    """What became of messages that may have left since an instant; who is left out did not. None: cannot tell."""
    try:
        if isinstance(provider, Recaller):
            found = provider.recall(batch, since)
        else:
            found = provider.look_up([out.key for out in batch])
    except Exception:  # noqa: BLE001  (a provider is a plugin; nothing is decided while it cannot be asked)
        return {out.key: ASKED_LATER._replace(key=out.key) for out in batch}
    return None if found is None else dict(found)
