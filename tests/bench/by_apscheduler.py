"""The winback as APScheduler 3.11 would have it: one job for each step of each contact, in its SQLAlchemy job store.

Tuned as far as it goes: the jobs are added while the scheduler is paused, nothing misfires, jobs keep to a pool. The
clock of APScheduler cannot be moved, so the job behind the wait is stored like any other and is due at once.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler

from tests.bench.shop import (
    BODY_BY_HAND,
    BRAND,
    NOW,
    QUIET,
    SENT,
    SHOP_URL,
    SMS_BY_HAND,
    SUBJECT_BY_HAND,
)

PRAGMAS = ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA temp_store=MEMORY", "PRAGMA cache_size=-65536")
WORKERS = 10
DUE = datetime(2020, 1, 1, tzinfo=UTC)
"""A date that has passed, so that a job is due as soon as it is stored."""
PATIENCE = 600
"""Seconds after which contacts that have not ended are taken for lost."""
_TABLE = """
CREATE TABLE by_job_message (
    contact_id INTEGER, step TEXT, address TEXT NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL,
    state TEXT NOT NULL, PRIMARY KEY (contact_id, step)
) WITHOUT ROWID
"""


@dataclass(frozen=True, slots=True)
class Desk:
    """What a job finds when it runs: the scheduler, the database, and how many contacts are still on their way."""

    scheduler: BackgroundScheduler
    database: sqlite3.Connection
    lock: threading.Lock
    under_way: set[int]
    all_ended: threading.Event


@cache
def desk(path: str) -> Desk:
    """The desk of a database; a job knows only the path, for it must fit into a pickle."""
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
    for pragma in PRAGMAS:
        database.execute(pragma)
    database.execute(_TABLE)
    return Desk(_scheduler(path), database, threading.Lock(), set(), threading.Event())


def _scheduler(path: str) -> BackgroundScheduler:
    engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": 30, "check_same_thread": False})
    sa.event.listen(engine, "connect", _configure)
    return BackgroundScheduler(
        jobstores={"default": SQLAlchemyJobStore(engine=engine)},
        executors={"default": ThreadPoolExecutor(WORKERS)},
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        timezone="UTC",
    )


def _configure(connection: Any, _record: object) -> None:
    for pragma in PRAGMAS:
        connection.execute(pragma)


def prepare(database: Path) -> Callable[[], int]:
    """Open the scheduler, paused; returns what is to be timed: it plays to the end and gives how many ended."""
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    path = str(database)
    desk(path).scheduler.start(paused=True)
    return lambda: _play(path)


def _play(path: str) -> int:
    at = desk(path)
    passing = at.database.execute("SELECT id FROM contact WHERE last_order_at <= ?", (NOW - QUIET,)).fetchall()
    at.under_way.update(id_ for (id_,) in passing)
    for (id_,) in passing:
        _next(at, send_sms, path, id_)
    at.scheduler.resume()
    if not at.all_ended.wait(PATIENCE):
        raise TimeoutError(f"{len(at.under_way)} contacts have not ended after {PATIENCE} s")
    at.scheduler.shutdown()
    accepted = at.database.execute("SELECT count(*) FROM by_job_message WHERE state = 'accepted'").fetchone()[0]
    assert accepted == SENT * len(passing), (len(passing), accepted)
    return len(passing)


def _next(at: Desk, step: Callable[[str, int], None], path: str, contact: int) -> None:
    at.scheduler.add_job(step, "date", run_date=DUE, args=(path, contact), id=f"{step.__name__}-{contact}")


def send_sms(path: str, contact: int) -> None:
    """The text; then the wait."""
    at = desk(path)
    first_name, mobile = _contact(at, contact, "mobile")
    body = SMS_BY_HAND.format(brand=BRAND, first_name=first_name or "friend", shop_url=SHOP_URL)
    _send(at, (contact, "sms", mobile, "", body))
    _next(at, wait, path, contact)


def wait(path: str, contact: int) -> None:
    """The wait, which is a job of its own; then the e-mail."""
    _next(desk(path), send_email, path, contact)


def send_email(path: str, contact: int) -> None:
    """The e-mail; then the end."""
    at = desk(path)
    first_name, address = _contact(at, contact, "email")
    subject = SUBJECT_BY_HAND.format(first_name=first_name or "Friend")
    body = BODY_BY_HAND.format(brand=BRAND, first_name=first_name or "friend", shop_url=SHOP_URL)
    _send(at, (contact, "email", address, subject, body))
    _next(at, end, path, contact)


def end(path: str, contact: int) -> None:
    """The end."""
    at = desk(path)
    with at.lock:
        at.under_way.discard(contact)
        if not at.under_way:
            at.all_ended.set()


def _contact(at: Desk, contact: int, address: str) -> tuple[str | None, str]:
    with at.lock:
        found = at.database.execute(f"SELECT first_name, {address} FROM contact WHERE id = ?", (contact,))
        first_name, to = found.fetchone()
    return first_name, to


def _send(at: Desk, message: tuple[int, str, str, str, str]) -> None:
    """Write the message down, let it leave, mark it; a key that is there already is not sent again."""
    with at.lock:
        at.database.execute("INSERT INTO by_job_message VALUES (?, ?, ?, ?, ?, 'ready')", message)
        at.database.execute(
            "UPDATE by_job_message SET state = 'accepted' WHERE contact_id = ? AND step = ?", message[:2]
        )
