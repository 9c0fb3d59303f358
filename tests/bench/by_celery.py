"""The winback as Celery would have it: a task for each step of each contact, in Redis, with the messages in PostgreSQL.

Redis is the one of this machine, started for the occasion on a socket, and writes its log through every second, as it
does by default where it keeps one. The worker is one process with some threads, as everybody here is one process.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import celery
import redis

from tests.bench.job_ledger import Ledger
from tests.bench.shop import STEPS
from tests.bench.stages import ROOT
from tests.bench.worker import Done, Play

THREADS = 10
PATIENCE = 600
"""Seconds after which contacts that have not ended are taken for lost."""
LOOK_EVERY = 0.02
_ENDED = "ended"


def prepare(url: str, _options: Mapping[str, Any]) -> Play:
    """Start Redis and a worker; returns what is to be timed: it plays to the end and gives how many steps were done."""
    home = Path(tempfile.mkdtemp(prefix="cdx-redis-"))
    socket = home / "redis.sock"
    options = ("--port", "0", "--unixsocket", socket, "--dir", home, "--appendonly", "yes", "--save", "")
    server = subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL)
    store = redis.Redis(unix_socket_path=str(socket))
    _wait_until(socket.exists)
    command = [sys.executable, "-m", "tests.bench.by_celery", url, str(socket)]
    worker = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    app = make_app(url, str(socket))
    _wait_until(app.control.ping)
    ledger = Ledger(url)

    def play() -> Done:
        passing = ledger.passing()
        for contact in passing:
            app.tasks["send_sms"].delay(contact)
        _wait_until(lambda: int(store.get(_ENDED) or 0) == len(passing))
        for process in (worker, server):  # waited for, so that their CPU counts
            process.kill()
            process.wait()
        shutil.rmtree(home, ignore_errors=True)
        ledger.check(len(passing))
        return Done(STEPS * len(passing))

    return play


def make_app(url: str, socket: str) -> Any:
    """The tasks, for the worker and for whoever begins."""
    app, ledger, store = (
        celery.Celery(broker=f"redis+socket://{socket}"),
        Ledger(url),
        redis.Redis(unix_socket_path=socket),
    )
    app.conf.update(task_acks_late=True, task_ignore_result=True, worker_prefetch_multiplier=4)

    def send_sms(contact: int) -> None:
        ledger.send_sms(contact)
        app.tasks["wait"].delay(contact)

    def wait(contact: int) -> None:
        app.tasks["send_email"].delay(contact)

    def send_email(contact: int) -> None:
        ledger.send_email(contact)
        app.tasks["end"].delay(contact)

    def end(_contact: int) -> None:
        store.incr(_ENDED)

    for task in (send_sms, wait, send_email, end):
        app.task(task, name=task.__name__)
    app.finalize()
    return app


def _wait_until(done: Any) -> None:
    deadline = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not done after {PATIENCE} s")
        time.sleep(LOOK_EVERY)


if __name__ == "__main__":
    make_app(*sys.argv[1:]).worker_main(
        ["worker", "--pool", "threads", "-c", str(THREADS), "--without-gossip", "--without-mingle"]
    )
