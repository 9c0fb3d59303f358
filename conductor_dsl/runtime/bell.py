"""Bell: rings the node at the earliest instant at which something is due, and never in between.

The schedule itself lives in our tables. APScheduler holds one date job in memory, for the next instant; when there is
nothing to wait for, it holds none. The only module that imports APScheduler.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger

from conductor_dsl.shared.clock import SECOND, Clock, Instant, to_datetime

_JOB = "next"
RETRY = 10 * SECOND
"""How long to wait after a ring that failed."""


class Bell:
    """Calls `ring` when it is due; `ring` does the work and returns the next instant, or None for "when woken".

    A ring that raises is told to `complain`, and tried again a little later.
    """

    def __init__(self, ring: Callable[[], Instant | None], clock: Clock, complain: Callable[[Exception], None]) -> None:
        self._ring = ring
        self._clock = clock
        self._complain = complain
        self._lock = Lock()
        self._woken = False
        self._scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(1)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone="UTC",
        )

    def start(self) -> None:
        """Begin, with a first ring at once."""
        self._scheduler.start()
        self.wake()

    def wake(self) -> None:
        """There is new work: ring now, or again as soon as the ring that is going on has ended."""
        with self._lock:
            self._woken = True
            self._set(self._clock.now())

    def stop(self) -> None:
        """Wait for the ring that is going on, and never ring again."""
        self._scheduler.shutdown(wait=True)

    def _on_ring(self) -> None:
        with self._lock:
            self._woken = False
        next_at = self._ring_safely()
        with self._lock:
            # Whoever woke the bell meanwhile has set the job already, and to an earlier instant.
            if not self._woken and next_at is not None and self._scheduler.running:
                self._set(next_at)

    def _ring_safely(self) -> Instant | None:
        try:
            return self._ring()
        except Exception as problem:  # noqa: BLE001  (a full disk must not silence the bell for good)
            self._complain(problem)
            return self._clock.now() + RETRY

    def _set(self, at: Instant) -> None:
        trigger = DateTrigger(to_datetime(at))
        self._scheduler.add_job(self._on_ring, trigger, id=_JOB, replace_existing=True)
