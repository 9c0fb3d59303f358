"""Who uses a database at this moment, for what must not be done beside them."""

from __future__ import annotations

import os
import socket

import sqlalchemy as sa

from conductor_dsl.store.connect import APPLICATION
from conductor_dsl.store.node_tables import node

LOOPBACK = "127.0.0.1"
"""Where the nodes of a machine hear of each other."""


def users_of(connection: sa.Connection) -> list[str]:
    """The programs that use a database beside this connection, in words.

    On PostgreSQL these are connections under our name, and under none, as older versions had; on SQLite the nodes of
    this machine.
    """
    if connection.dialect.name == "postgresql":
        return _sessions(connection)
    nodes = connection.execute(sa.select(node.c.pid, node.c.bell_port).order_by(node.c.pid)).all()
    return [f"process {row.pid}" for row in nodes if is_listening(row.pid, row.bell_port)]


def _sessions(connection: sa.Connection) -> list[str]:
    """Who is connected still after a moment: a connection that was closed takes a while to end at the server."""
    for _ in range(_LOOKS):
        found = connection.execute(_SESSIONS).all()
        if not found:
            break
        connection.execute(_LATER)
    return [f"`{row.name or APPLICATION}` from {row.place}" for row in found]


def is_alive(pid: int) -> bool:
    """Whether there is a process of this number on this machine."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def is_listening(pid: int, port: int) -> bool:
    """Whether a node of this machine is there; one that is gone, as in a copy of a database, may share its number."""
    return is_alive(pid) and _is_taken(port)


def _is_taken(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as trial:
        try:
            trial.bind((LOOPBACK, port))
        except OSError:
            return True
    return False


_LOOKS = 20
_LATER = sa.text("SELECT pg_sleep(0.1), pg_stat_clear_snapshot()")
_SESSIONS = sa.text(f"""
    SELECT application_name AS name, coalesce(host(client_addr), 'this machine') AS place FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
    AND (application_name = '' OR application_name LIKE '{APPLICATION}%') ORDER BY backend_start
""")
