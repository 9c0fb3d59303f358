"""Rings over PostgreSQL: LISTEN and NOTIFY, between machines.

A ring only makes a node look sooner: one that gets lost while a connection is broken costs a few seconds, for nodes of
a cluster look now and then without being told (`Node.look_every`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import sqlalchemy as sa

from conductor_dsl.shared.errors import DatabaseError

CHANNEL = "conductor"
RECONNECT = 5.0
"""Seconds until a broken connection is made anew."""


class NotifyDoorbell:
    """Listens in a thread of its own, with a connection of its own, which is made anew when it breaks."""

    def __init__(self, engine: sa.Engine, on_ring: Callable[[], None]) -> None:
        self._engine, self._on_ring = engine, on_ring
        self._closing = threading.Event()
        self._listening = threading.Event()
        self._thread = threading.Thread(target=self._run, name="doorbell", daemon=True)

    def open(self) -> None:
        """Begin to listen; from the end of this call on no ring is missed."""
        self._thread.start()
        self._listening.wait(RECONNECT)

    def close(self) -> None:
        """Stop listening."""
        self._closing.set()
        # Where the database is gone nobody listens, and whoever waits to listen again is woken by `_closing`.
        with suppress(DatabaseError):
            notify(self._engine)
        self._thread.join(RECONNECT)

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                self._listen()
            except Exception:  # noqa: BLE001  (of the driver's own kinds; the bell meets them, too, and tells of them)
                self._closing.wait(RECONNECT)

    def _listen(self) -> None:
        pooled = self._engine.raw_connection()
        connection: Any = pooled.driver_connection
        try:
            connection.autocommit = True
            connection.execute(f"LISTEN {CHANNEL}")
            self._listening.set()
            # Something may have come while nobody listened.
            self._on_ring()
            for _ in connection.notifies():
                if self._closing.is_set():
                    return
                self._on_ring()
        finally:
            # It listens, so it must not go back into the pool.
            pooled.invalidate()


def notify(engine: sa.Engine) -> None:
    """Ring at every node, outside of any transaction: one with a NOTIFY in it would make others wait at its commit."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"NOTIFY {CHANNEL}")


def count_notified(engine: sa.Engine) -> int:
    """How many nodes listen, on all machines: what a connection that listens has said last is that it does."""
    listening = sa.text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query = 'LISTEN " + CHANNEL + "'"
    )
    with engine.connect() as connection:
        return int(connection.scalar(listening) or 0)
