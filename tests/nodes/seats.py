"""Seats: so many nodes at once, and whoever ends is followed by the next; everything that ends is accounted for."""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from conductor_dsl.shared.clock import Instant, SystemClock
from tests.nodes.life import Orders, fork, spawn

SPAWNED = 15
"""Every so many lives one begins as a new process rather than as a fork."""


@dataclass(slots=True)
class Life:
    """A life that has begun; `heard` is what it has reported: the name of its node, and when it killed itself."""

    number: int
    pid: int
    handle: int
    report: int
    orders: Orders
    kill_at: float
    heard: str = ""
    died_at: Instant = 0
    code: int = 0

    @property
    def node(self) -> str:
        """The name of its node; empty as long as it has not come so far."""
        while (
            self.report >= 0
            and select.select([self.report], [], [], 0)[0]
            and (more := os.read(self.report, 100).decode())
        ):
            self.heard += more
        return self.heard.partition(" ")[0]

    @property
    def was_killed(self) -> bool:
        """Whether it came to the end that was meant for it."""
        return self.code == -signal.SIGKILL


@dataclass(slots=True)
class Seats:
    """Who lives, who has lived, and how the next one is to die."""

    count: int
    orders: Callable[[int], tuple[Orders, float]]
    """What the life of a number is told, and after how many seconds it is killed if it has not killed itself."""
    spawn_every: int = SPAWNED
    living: list[Life] = field(default_factory=list)
    past: list[Life] = field(default_factory=list)
    begun: int = 0

    def fill(self) -> None:
        """Begin a life for each seat that is free."""
        while len(self.living) < self.count:
            self.begun += 1
            orders, length = self.orders(self.begun)
            pid, report = (spawn if self.begun % self.spawn_every == 0 else fork)(orders)
            kill_at = time.monotonic() + length
            self.living.append(Life(self.begun, pid, os.pidfd_open(pid), report, orders, kill_at))

    def wait(self, until: float) -> None:
        """Wait until an instant of the monotonic clock or until a life ends, and kill those whose time has come."""
        at = min([until, *(life.kill_at for life in self.living)])
        handles = {life.handle: life for life in self.living}
        ended, _, _ = select.select(list(handles), [], [], max(0.0, at - time.monotonic()))
        for handle in ended:
            self._bury(handles[handle])
        for life in list(self.living):
            if life.kill_at <= time.monotonic():
                life.died_at = SystemClock().now()
                os.kill(life.pid, signal.SIGKILL)
                self._bury(life)

    def stop(self, number: int, within: float) -> None:
        """Send a signal to everybody, and wait for the end of all; whoever takes longer is killed."""
        for life in self.living:
            os.kill(life.pid, number)
            life.kill_at = time.monotonic() + within
        while self.living:
            self.wait(time.monotonic() + within)

    def clear(self) -> None:
        """Kill everybody."""
        for life in self.living:
            life.kill_at = 0.0
        while self.living:
            self.wait(0.0)

    def _bury(self, life: Life) -> None:
        life.code = os.waitstatus_to_exitcode(os.waitpid(life.pid, 0)[1])
        # A life that has killed itself has said when, for it may have lain there for a moment.
        own = life.node and life.heard.partition(" ")[2]
        life.died_at = int(own) if own else life.died_at or SystemClock().now()
        os.close(life.report)
        life.report = -1
        os.close(life.handle)
        self.living.remove(life)
        self.past.append(life)


def said_file(folder: Path, number: int) -> str:
    """Where a life of this number says what it says."""
    return str(folder / f"life-{number:04}.txt")
