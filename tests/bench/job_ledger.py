"""What a job of a scheduler or of a queue does to a contact: it writes a message down, lets it leave, and marks it.

Everybody who plays the winback with a job for each step shares it. The key of a message is unique, so that a job which
runs twice sends once. One connection for each thread on PostgreSQL; SQLite has one writer, and so one connection.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Sequence
from typing import Any

from tests.bench.by_hand_postgres import connect_by_hand
from tests.bench.shop import NOW, QUIET, SENT, email_by_hand, sms_by_hand

PRAGMAS = ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA temp_store=MEMORY", "PRAGMA cache_size=-65536")
_TABLE = """
CREATE TABLE IF NOT EXISTS by_job_message (
    contact_id BIGINT, step TEXT, address TEXT NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL,
    state TEXT NOT NULL, PRIMARY KEY (contact_id, step)
)
"""


class Ledger:
    """The messages of jobs in a database, by its URL."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = threading.Lock()
        self._own = threading.local()
        self._shared = _open_sqlite(url) if url.startswith("sqlite") else None
        self._do(_TABLE)

    def passing(self) -> list[int]:
        """Who passes the gate."""
        return [row[0] for row in self._do("SELECT id FROM contact WHERE last_order_at <= ? ORDER BY id", NOW - QUIET)]

    def send_sms(self, contact: int) -> None:
        """Send somebody the text."""
        first_name, mobile = self._contact(contact, "mobile")
        self._send((contact, "sms", mobile, *sms_by_hand(first_name)))

    def send_email(self, contact: int) -> None:
        """Send somebody the e-mail."""
        first_name, address = self._contact(contact, "email")
        self._send((contact, "email", address, *email_by_hand(first_name)))

    def check(self, ended: int) -> None:
        """Everybody who has ended has had both messages."""
        [(accepted,)] = self._do("SELECT count(*) FROM by_job_message WHERE state = 'accepted'")
        assert accepted == SENT * ended, (ended, accepted)

    def _contact(self, contact: int, address: str) -> tuple[str | None, str]:
        [(first_name, to)] = self._do(f"SELECT first_name, {address} FROM contact WHERE id = ?", contact)
        return first_name, to

    def _send(self, message: tuple[int, str, str, str, str]) -> None:
        self._do("INSERT INTO by_job_message VALUES (?, ?, ?, ?, ?, 'ready')", *message)
        self._do("UPDATE by_job_message SET state = 'accepted' WHERE contact_id = ? AND step = ?", *message[:2])

    def _do(self, statement: str, *values: object) -> Sequence[Any]:
        if self._shared is not None:
            with self._lock:
                return self._shared.execute(statement, values).fetchall()
        if not hasattr(self._own, "connection"):
            self._own.connection = connect_by_hand(self._url)
            self._own.connection.autocommit = True
        cursor = self._own.connection.execute(statement.replace("?", "%s"), values)
        return cursor.fetchall() if cursor.description else []


def _open_sqlite(url: str) -> sqlite3.Connection:
    path = url.removeprefix("sqlite:///")
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
    for pragma in PRAGMAS:
        database.execute(pragma)
    return database
