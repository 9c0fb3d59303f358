"""The winback as DBOS Transact would have it: a workflow for each contact, whose steps are durable, on either database.

Tuned: the workflows are begun by some threads, so that the database and Python work side by side. The wait is its
durable sleep, of no time.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from dbos import DBOS

from tests.bench.job_ledger import Ledger
from tests.bench.shop import STEPS
from tests.bench.worker import Done, Play

THREADS = 4


def prepare(url: str, _options: Mapping[str, Any]) -> Play:
    """Make its tables; returns what is to be timed: it plays to the end and gives how many steps were done."""
    ledger = Ledger(url)
    settings: Any = {"name": "winback", "system_database_url": url, "log_level": "ERROR", "run_admin_server": False}
    DBOS(config=settings)
    send_sms, send_email = _as_step(ledger.send_sms), _as_step(ledger.send_email)

    def winback(contact: int) -> int:
        send_sms(contact)
        DBOS.sleep(0)
        send_email(contact)
        return contact

    play = DBOS.workflow(name="winback")(winback)
    DBOS.launch()
    logging.getLogger("dbos").setLevel(logging.ERROR)
    return lambda: _play(play, ledger)


def _as_step(send: Callable[[int], None]) -> Any:
    """A durable step; DBOS writes an attribute on it, which a method cannot have."""

    def step(contact: int) -> None:
        send(contact)

    return DBOS.step(name=send.__name__)(step)


def _play(play: Any, ledger: Ledger) -> Done:
    with ThreadPoolExecutor(THREADS) as threads:
        ended = list(threads.map(play, ledger.passing()))
    DBOS.destroy()
    ledger.check(len(ended))
    return Done(STEPS * len(ended))
