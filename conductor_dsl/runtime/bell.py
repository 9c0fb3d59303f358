"""Bell: rings the node at the earliest instant at which something is due, and never in between.

The schedule itself lives in our tables. APScheduler holds one date job in memory, for the next instant; when there is
nothing to wait for, it holds none. The only module that imports APScheduler.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Condition

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger

from conductor_dsl.shared.clock import MINUTE, SECOND, Clock, Instant, to_datetime, wall

_JOB = "next"
SOON, LATER, AT_FIRST = SECOND, 10 * SECOND, 10
"""How long to wait after a ring that failed: at first, so many times, and then. A database that is restarted is back
within seconds, and what a dead node held must be taken over within 15."""
TOLD_AGAIN = MINUTE
"""After so long a failure is told again although the one before had the same words."""


class Bell:
    """Calls `ring` when it is due; `ring` does the work and returns the next instant, or None for "when woken".

    A ring that raises is told to `complain`, once in a minute as long as it fails in the same words, and tried again a
    little later; `relieved` hears of the first that does not fail any more. One ring at a time: a second one waits.
    """

    def __init__(
        self,
        ring: Callable[[], Instant | None],
        clock: Clock,
        complain: Callable[[Exception], None],
        relieved: Callable[[], None] = lambda: None,
    ) -> None:
        self._ring = ring
        self._clock = clock
        self._complain, self._relieved = complain, relieved
        self._failures, self._trouble, self._told_at = 0, "", 0
        self._state = Condition()
        self._woken = self._ringing = self._stopped = False
        self._scheduler = BackgroundScheduler(
            # The scheduler throws away what is above `max_instances`, and a wake-up that is thrown away is work that
            # nobody does. There can be three: one that is ending, the next that was due, and one that was woken.
            executors={"default": ThreadPoolExecutor(1)},
            job_defaults={"coalesce": True, "max_instances": 3, "misfire_grace_time": None},
            timezone="UTC",
        )

    def start(self) -> None:
        """Begin, with a first ring at once."""
        self._scheduler.start()
        self.wake()

    def wake(self) -> None:
        """There is new work: ring now, or again as soon as the ring that is going on has ended."""
        with self._state:
            if not self._woken:
                self._woken = True
                self._set(self._clock.now())

    def stop(self, within: float) -> bool:
        """Never ring again, and wait so many seconds for the ring that is going on; whether it has ended."""
        with self._state:
            self._stopped = True
        self._scheduler.shutdown(wait=False)
        with self._state:
            return self._state.wait_for(lambda: not self._ringing, within)

    def _on_ring(self) -> None:
        with self._state:
            if self._stopped:
                return
            self._woken, self._ringing = False, True
        next_at = self._ring_safely()
        with self._state:
            self._ringing = False
            self._state.notify_all()
            # Whoever woke the bell meanwhile has set the job already, and to an earlier instant.
            if not self._woken and next_at is not None and not self._stopped:
                self._set(next_at)

    def _ring_safely(self) -> Instant | None:
        try:
            next_at = self._ring()
        except Exception as problem:  # noqa: BLE001  (a full disk must not silence the bell for good)
            return self._clock.now() + self._wait_after(problem)
        if self._failures:
            self._failures, self._trouble = 0, ""
            self._relieved()
        return next_at

    def _wait_after(self, problem: Exception) -> int:
        """Tell of a failure unless it was told just now, and how many milliseconds to wait."""
        now = self._clock.now()
        if str(problem) != self._trouble or now >= self._told_at + TOLD_AGAIN:
            self._trouble, self._told_at = str(problem), now
            self._complain(problem)
        self._failures += 1
        return SOON if self._failures <= AT_FIRST else LATER

    def _set(self, at: Instant) -> None:
        # APScheduler goes by the machine's clock, which may show another time than ours.
        trigger = DateTrigger(to_datetime(wall() + max(at - self._clock.now(), 0)))
        self._scheduler.add_job(self._on_ring, trigger, id=_JOB, replace_existing=True)
