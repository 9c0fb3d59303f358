"""Signals of the operating system as values that the main thread waits for."""

from __future__ import annotations

import signal
from queue import SimpleQueue

HEARD = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Signals:
    """From now on the signals SIGTERM, SIGINT and SIGHUP are queued instead of ending the process."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[signal.Signals] = SimpleQueue()
        for number in HEARD:
            signal.signal(number, lambda found, _frame: self._queue.put(signal.Signals(found)))

    def wait(self) -> signal.Signals:
        """The next signal, in the order of their coming."""
        return self._queue.get()
