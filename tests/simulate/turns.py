"""Turns: every node runs in a thread of its own, and only one thread runs at a time, when the simulation says so.

So the real engine runs as it is, and what comes between two of its steps is decided by dice and not by a scheduler of
the machine. A thread gives way only where no transaction is open.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from conductor_dsl.shared.clock import Instant


class Killed(BaseException):
    """The process of a node ends here: nothing that it would still have done is done."""


class Timeline:
    """What time it is in the simulated world, in milliseconds."""

    def __init__(self, now: Instant) -> None:
        self.now = now


class SkewedClock:
    """The clock of one machine, which is a little ahead or behind."""

    def __init__(self, time: Timeline, ahead: int) -> None:
        self._time, self.ahead = time, ahead

    def now(self) -> Instant:
        """What this machine takes for the time."""
        return self._time.now + self.ahead


class Turn:
    """Something that runs until it gives way, and goes on when it is resumed.

    `wake_at` is from when on it wants to be resumed. `held` counts the connections it has in hand: with one, it gives
    way to nobody.
    """

    def __init__(self, work: Callable[[], None], wake_at: Instant) -> None:
        self.wake_at = wake_at
        self.is_over = False
        self.held = 0
        self._work = work
        self._killed = False
        self._problem: BaseException | None = None
        self._go, self._back = threading.Semaphore(0), threading.Semaphore(0)
        self._thread = threading.Thread(target=self._run, daemon=True)

    def resume(self, *, kill: bool = False) -> None:
        """Let it run until it gives way or is over; or let it die where it stands. Raises what it raised."""
        self._killed = kill
        if self._thread.ident is None:
            if kill:
                self.is_over = True
                return
            self._thread.start()
        else:
            self._go.release()
        self._back.acquire()
        if self._problem is not None:
            raise self._problem

    def give_way(self, until: Instant) -> None:
        """In its own thread: let others run until an instant at the earliest. Raises Killed if that was the end."""
        if self.held:
            return
        self.wake_at = until
        self._back.release()
        self._go.acquire()
        if self._killed:
            raise Killed

    @property
    def is_current(self) -> bool:
        """Whether the code that asks runs in this turn."""
        return threading.current_thread() is self._thread

    def _run(self) -> None:
        try:
            self._work()
        except Killed:
            pass
        except BaseException as problem:  # noqa: BLE001  (it is raised again in the thread of the simulation)
            self._problem = problem
        finally:
            self.is_over = True
            self._back.release()
