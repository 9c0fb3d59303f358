"""Bounded: a provider that does not come back keeps its own messages waiting, and nobody else's."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any

from conductor_dsl.plugin.channels import ChannelProvider, Outgoing, Receipt, Verdict
from conductor_dsl.shared.clock import MINUTE

LONGEST = 12.0
"""Seconds for which a call is waited for: when they are over, the node has no say in its messages any more."""
STUCK = "provider_stuck"
Call = tuple[Callable[[], Any], Future[Any]]


class Bounded:
    """Calls a provider in a thread of its own, one call at a time, and waits so long.

    What comes of a call that takes longer is not known, and it cannot be ended; until it ends by itself nothing is
    given to the provider, and it is asked nothing. So a node loses one wait to a provider that loops or hangs.
    """

    def __init__(
        self, provider: ChannelProvider, name: str, warn: Callable[[str], None], longest: float = LONGEST
    ) -> None:
        self._provider, self._name, self._warn, self._longest = provider, name, warn, longest
        self._calls: SimpleQueue[Call | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._stuck: Future[Any] | None = None

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        """What the provider says; what is not given to it was certainly not accepted, and has not failed."""
        if self._is_stuck():
            return [Receipt(out.key, Verdict.TRANSIENT, code=STUCK, retry_after=MINUTE) for out in batch]
        receipts: Sequence[Receipt] = self._within(lambda: self._provider.send(batch))
        return receipts

    def look_up(self, keys: Sequence[str]) -> Mapping[str, Receipt] | None:
        """What the provider says; while it cannot be asked nothing is decided."""
        if self._is_stuck():
            return {key: Receipt(key, Verdict.AMBIGUOUS, code=STUCK) for key in keys}
        found: Mapping[str, Receipt] | None = self._within(lambda: self._provider.look_up(keys))
        return found

    def close(self) -> None:
        """Close the provider; a thread that is stuck ends with the process."""
        self._calls.put(None)
        self._provider.close()

    def _is_stuck(self) -> bool:
        return self._stuck is not None and not self._stuck.done()

    def _within(self, call: Callable[[], Any]) -> Any:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name=f"provider {self._name}", daemon=True)
            self._thread.start()
        answer: Future[Any] = Future()
        self._calls.put((call, answer))
        try:
            return answer.result(self._longest)
        except TimeoutError:
            if not answer.done():
                self._stuck = answer
                self._warn(f"warning: `{self._name}` has not come back for {self._longest:g} s; its messages wait")
            raise

    def _work(self) -> None:
        while (given := self._calls.get()) is not None:
            call, answer = given
            try:
                answer.set_result(call())
            except BaseException as problem:  # noqa: BLE001  (it is raised where it is waited for)
                answer.set_exception(problem)
