"""The winback as Procrastinate would have it: a job for each step of each contact, in PostgreSQL.

Tuned: the first jobs are deferred in batches, many jobs run at once, and those that are done are deleted. Its clock
cannot be moved, so the job behind the wait is due at once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

import procrastinate
import sqlalchemy as sa

from tests.bench.job_ledger import Ledger
from tests.bench.shop import STEPS
from tests.bench.worker import Done, Play

AT_ONCE = 10
FIRST_BATCH = 1_000


def prepare(url: str, _options: Mapping[str, Any]) -> Play:
    """Make its tables; returns what is to be timed: it plays to the end and gives how many steps were done."""
    logging.getLogger("procrastinate").setLevel(logging.ERROR)
    ledger, conninfo = Ledger(url), sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    asyncio.run(_make_tables(_app(conninfo)))
    return lambda: asyncio.run(_play(_app(conninfo), ledger))


def _app(conninfo: str) -> procrastinate.App:
    return procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=conninfo, min_size=4, max_size=AT_ONCE))


async def _make_tables(app: procrastinate.App) -> None:
    async with app.open_async():
        await app.schema_manager.apply_schema_async()


async def _play(app: procrastinate.App, ledger: Ledger) -> Done:
    passing = ledger.passing()
    ended: set[int] = set()

    async def send_sms(contact: int) -> None:
        await asyncio.to_thread(ledger.send_sms, contact)
        await steps["wait"].defer_async(contact=contact)

    async def wait(contact: int) -> None:
        await steps["send_email"].defer_async(contact=contact)

    async def send_email(contact: int) -> None:
        await asyncio.to_thread(ledger.send_email, contact)
        await steps["end"].defer_async(contact=contact)

    async def end(contact: int) -> None:
        ended.add(contact)

    steps = {step.__name__: app.task(step, name=step.__name__) for step in (send_sms, wait, send_email, end)}
    async with app.open_async():
        for first in range(0, len(passing), FIRST_BATCH):
            jobs = [{"contact": contact} for contact in passing[first : first + FIRST_BATCH]]
            await steps["send_sms"].batch_defer_async(*jobs)
        while len(ended) < len(passing):
            # The worker stops when nothing is waiting, though what runs may be about to defer more.
            await app.run_worker_async(
                concurrency=AT_ONCE,
                wait=False,
                install_signal_handlers=False,
                listen_notify=False,
                delete_jobs="successful",
            )
    ledger.check(len(ended))
    return Done(STEPS * len(ended))
