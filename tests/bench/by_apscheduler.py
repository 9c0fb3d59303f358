"""The winback as APScheduler 3.11 would have it: one job for each step of each contact, in its SQLAlchemy job store.

Tuned as far as it goes: the jobs are added while the scheduler is paused, nothing misfires, jobs keep to a pool. The
clock of APScheduler cannot be moved, so the job behind the wait is stored like any other and is due at once.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler

from tests.bench.job_ledger import PRAGMAS, Ledger
from tests.bench.shop import STEPS
from tests.bench.worker import Done, Play

WORKERS = 10
DUE = datetime(2020, 1, 1, tzinfo=UTC)
"""A date that has passed, so that a job is due as soon as it is stored."""
PATIENCE = 600
"""Seconds after which contacts that have not ended are taken for lost."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What a job finds when it runs: the scheduler, the messages, and how many contacts are still on their way."""

    scheduler: BackgroundScheduler
    ledger: Ledger
    lock: threading.Lock
    under_way: set[int]
    all_ended: threading.Event


@cache
def desk(url: str) -> Desk:
    """The desk of a database; a job knows only the URL, for it must fit into a pickle."""
    return Desk(_scheduler(url), Ledger(url), threading.Lock(), set(), threading.Event())


def _scheduler(url: str) -> BackgroundScheduler:
    engine = sa.create_engine(url, connect_args={"timeout": 30, "check_same_thread": False})
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


def prepare(url: str, _options: Mapping[str, Any]) -> Play:
    """Open the scheduler, paused; returns what is to be timed: it plays to the end and gives the steps done."""
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    desk(url).scheduler.start(paused=True)
    return lambda: _play(url)


def _play(url: str) -> Done:
    at = desk(url)
    passing = at.ledger.passing()
    at.under_way.update(passing)
    for id_ in passing:
        _next(at, send_sms, url, id_)
    at.scheduler.resume()
    if not at.all_ended.wait(PATIENCE):
        raise TimeoutError(f"{len(at.under_way)} contacts have not ended after {PATIENCE} s")
    at.scheduler.shutdown()
    at.ledger.check(len(passing))
    return Done(STEPS * len(passing))


def _next(at: Desk, step: Callable[[str, int], None], url: str, contact: int) -> None:
    at.scheduler.add_job(step, "date", run_date=DUE, args=(url, contact), id=f"{step.__name__}-{contact}")


def send_sms(url: str, contact: int) -> None:
    """The text; then the wait."""
    at = desk(url)
    at.ledger.send_sms(contact)
    _next(at, wait, url, contact)


def wait(url: str, contact: int) -> None:
    """The wait, which is a job of its own; then the e-mail."""
    _next(desk(url), send_email, url, contact)


def send_email(url: str, contact: int) -> None:
    """The e-mail; then the end."""
    at = desk(url)
    at.ledger.send_email(contact)
    _next(at, end, url, contact)


def end(url: str, contact: int) -> None:
    """The end."""
    at = desk(url)
    with at.lock:
        at.under_way.discard(contact)
        if not at.under_way:
            at.all_ended.set()
