"""Doorbell: another process tells the nodes of a database that there is new work, so that they need not ask for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import sqlalchemy as sa

from conductor_dsl.runtime.loopback import LoopbackDoorbell, count_loopback, ring_loopback
from conductor_dsl.runtime.notify import NotifyDoorbell, count_notified, notify


class Doorbell(Protocol):
    """Listens from `open` to `close`, and calls what it was made with for every ring."""

    def open(self) -> None:
        """Begin to listen."""

    def close(self) -> None:
        """Stop listening."""


def make_doorbell(engine: sa.Engine, name: str, on_ring: Callable[[], None]) -> Doorbell:
    """The doorbell of a node: PostgreSQL carries rings itself, from any machine; else they go over a local port."""
    if engine.dialect.name == "postgresql":
        return NotifyDoorbell(engine, on_ring)
    return LoopbackDoorbell(engine, name, on_ring)


def ring(engine: sa.Engine) -> None:
    """Tell every node of the database that there is new work."""
    if engine.dialect.name == "postgresql":
        notify(engine)
    else:
        ring_loopback(engine)


def count_listening(engine: sa.Engine) -> int:
    """How many nodes of the database are running: of those on PostgreSQL on all machines, else on this one."""
    return count_notified(engine) if engine.dialect.name == "postgresql" else count_loopback(engine)
