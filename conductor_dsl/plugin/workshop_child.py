"""The process of a workshop: takes calls from its pipe, one after the other, until nobody is there any more."""

from __future__ import annotations

import faulthandler
import json
import os
import resource
from multiprocessing.connection import Connection

from conductor_dsl.plugin.host import build_host
from conductor_dsl.plugin.workshop import call_function

MEGABYTE = 1_048_576
READY = b"ready"
GRACE = 5.0
"""Seconds that a call may last longer than it should where nobody is there to end it: the node may be dead."""


def work(fd: int, megabytes: int) -> None:
    """Answer calls; the process may have so much address space."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    host = build_host()
    resource.setrlimit(resource.RLIMIT_AS, (megabytes * MEGABYTE, megabytes * MEGABYTE))
    with Connection(fd) as pipe, open(os.devnull, "w") as nowhere:  # noqa: PTH123 - it is no file
        pipe.send_bytes(READY)
        while True:
            try:
                step, rows, arguments, seconds = json.loads(pipe.recv_bytes())
            except EOFError:
                return
            faulthandler.dump_traceback_later(seconds + GRACE, exit=True, file=nowhere)
            told = call_function(host, step, rows, arguments)
            faulthandler.cancel_dump_traceback_later()
            pipe.send_bytes(told.encode())
