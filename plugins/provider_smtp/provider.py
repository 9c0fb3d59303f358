"""E-mails over SMTP: a few lanes, each with a connection of its own, share a batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

from conductor_dsl.api import Clock, Heard, Outgoing, Receipt
from conductor_plugins.provider_smtp.batch import Batch
from conductor_plugins.provider_smtp.failure_to_receipt import failure_to_receipt
from conductor_plugins.provider_smtp.lane import Lane
from conductor_plugins.provider_smtp.late_answers import LateAnswers
from conductor_plugins.provider_smtp.settings import SmtpSettings
from conductor_plugins.provider_smtp.wire import Failure

_WORTH_A_LANE = 5
"""Messages for which another connection is opened: to open one takes as long as to send a few."""


class SmtpProvider:
    """Hands messages to a mail server; which of them it has already, no server can tell."""

    def __init__(self, settings: SmtpSettings, clock: Clock, hear: Callable[[Heard], None]) -> None:
        self._clock = clock
        late = LateAnswers(hear, settings.connections)
        self._lanes = [Lane(settings, clock, late) for _ in range(settings.connections)]
        self._sending = Lock()

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        """Hand over every message for which there is time; one receipt for each.

        The first connection is made before anything else: if that fails, it fails for everybody alike, and the server
        is asked once.
        """
        shared = Batch(batch, self._clock)
        if not batch:
            return []
        with self._sending:
            try:
                self._lanes[0].connect(shared)
            except Failure as failure:
                shared.stop(failure_to_receipt("", failure))
            else:
                _run(shared, self._lanes[: -(-len(batch) // _WORTH_A_LANE)])
        receipts: list[Receipt] = shared.receipts()
        return receipts

    def look_up(self, keys: Sequence[str]) -> Mapping[str, Receipt] | None:  # noqa: ARG002  (SMTP has no such question)
        """Nothing: a server does not tell what it has taken."""
        return None

    def close(self) -> None:
        """Say goodbye to the server."""
        for lane in self._lanes:
            lane.close()


def _run(shared: Batch, lanes: Sequence[Lane]) -> None:
    """Let every lane take its part; what is left when the last has lost its connection waits for the server.

    A lane that finds no connection gives its message back, maybe when the others have ended already; so one of them
    goes on with what is left.
    """
    with ThreadPoolExecutor(len(lanes), "smtp") as threads:
        failures = list(threads.map(lambda lane: lane.run(shared), lanes))
    first, *_ = failures
    if first is not None and all(failures):
        shared.stop(failure_to_receipt("", first))
    elif any(failures):
        lanes[failures.index(None)].run(shared)
