"""Rings on one machine, for SQLite.

A node listens on a loopback port and keeps its number in the table `node`. A ring is an empty datagram; one that gets
lost, or reaches a process that has taken over the port, does no harm.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from contextlib import suppress

import sqlalchemy as sa

from conductor_dsl.shared.errors import DatabaseError
from conductor_dsl.store.connect import reading
from conductor_dsl.store.in_use import LOOPBACK, is_alive, is_listening
from conductor_dsl.store.node_tables import node

_STOP = b"stop"


class LoopbackDoorbell:
    """Listens until closed, and calls `on_ring` for every ring."""

    def __init__(self, engine: sa.Engine, name: str, on_ring: Callable[[], None]) -> None:
        self._engine = engine
        self._name = name
        self._on_ring = on_ring
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((LOOPBACK, 0))
        self._thread = threading.Thread(target=self._listen, name="doorbell", daemon=True)

    def open(self) -> None:
        """Make the port known and begin to listen; forgets nodes of this machine that have died."""
        port = self._socket.getsockname()[1]
        with self._engine.begin() as connection:
            for row in connection.execute(sa.select(node)).all():
                if not is_alive(row.pid):
                    connection.execute(sa.delete(node).where(node.c.id == row.id))
            values = {"id": self._name, "pid": os.getpid(), "bell_port": port}
            connection.execute(sa.insert(node).values(values))
        self._thread.start()

    def close(self) -> None:
        """Stop listening and forget the port; if the database fails just now, whoever opens next forgets it."""
        with suppress(DatabaseError), self._engine.begin() as connection:
            connection.execute(sa.delete(node).where(node.c.id == self._name))
        self._socket.sendto(_STOP, self._socket.getsockname())
        self._thread.join()
        self._socket.close()

    def _listen(self) -> None:
        while True:
            word, sender = self._socket.recvfrom(16)
            if word == _STOP and sender == self._socket.getsockname():
                return
            self._on_ring()


def ring_loopback(engine: sa.Engine) -> int:
    """Tell every node of the database that there is new work; returns how many were told."""
    with reading(engine) as connection:  # a read that need not wait for anybody's write
        ports = list(connection.scalars(sa.select(node.c.bell_port)))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bell:
        for port in ports:
            with suppress(OSError):
                bell.sendto(b"", (LOOPBACK, port))
    return len(ports)


def count_loopback(engine: sa.Engine) -> int:
    """How many nodes of this machine listen; a row of one that is gone, as in a copy of a database, does not count."""
    with reading(engine) as connection:
        rows = connection.execute(sa.select(node.c.pid, node.c.bell_port)).all()
    return sum(is_listening(row.pid, row.bell_port) for row in rows)
