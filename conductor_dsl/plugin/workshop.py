"""Workshop: a process of its own for the functions of steps, so that whatever they do to it does not reach the node.

A function may end its process, crash it, never come back, or eat memory: then the process is ended, with all that it
has begun, and the next call gets a new one. It begins with the first call, and ends when nobody holds the other end of
its pipe any more.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Any, Protocol

from conductor_dsl.plugin.contracts import Arguments
from conductor_dsl.plugin.host import Host
from conductor_dsl.shared.errors import in_a_line

Rows = Sequence[Mapping[str, Any]]

BEGINS_WITHIN = 60.0
"""Seconds that a new process may take to import all plugins."""
_CHILD = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from conductor_dsl.plugin.workshop_child import work
work(int(sys.argv[2]), int(sys.argv[3]))
"""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a call may take: seconds, and megabytes of address space of the process as a whole."""

    seconds: float = 60.0
    megabytes: int = 1_024


class Caller(Protocol):
    """Calls the functions of steps. What comes of a call is why it failed, in a few words; empty where it did not."""

    limits: Limits

    def call(self, host: Host, step: str, rows: Rows, arguments: Arguments, seconds: float) -> Future[str]:
        """Begin to call the function of a step over rows; it may take so many seconds. One call at a time."""

    def close(self) -> None:
        """End whatever is going on."""


class InProcess:
    """Calls in this process, and waits: for rehearsals, in which nothing is to be protected but the author's time."""

    limits = Limits()

    def call(self, host: Host, step: str, rows: Rows, arguments: Arguments, seconds: float) -> Future[str]:  # noqa: ARG002 - the time of an author
        """Call, and give what came of it."""
        outcome: Future[str] = Future()
        outcome.set_result(call_function(host, step, rows, arguments))
        return outcome

    def close(self) -> None:
        """Nothing goes on."""


class Workshop:
    """Calls in a process of its own."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._waiter = ThreadPoolExecutor(1, "workshop")
        self._child: subprocess.Popen[bytes] | None = None
        self._pipe: Connection | None = None

    def call(self, host: Host, step: str, rows: Rows, arguments: Arguments, seconds: float) -> Future[str]:  # noqa: ARG002 - it has its own
        """Begin to call; another thread waits for what comes of it."""
        return self._waiter.submit(self._call, json.dumps([step, rows, arguments, seconds]).encode(), seconds)

    def close(self) -> None:
        """End the process, in whatever it is."""
        if self._child is not None:
            _kill(self._child)
        self._waiter.shutdown()
        self._drop()

    def _call(self, question: bytes, seconds: float) -> str:
        is_new, (child, pipe) = self._child is None, self._running()
        try:
            # Until it has imported all plugins it cannot be called, and that is not the function's time.
            if is_new and not (pipe.poll(BEGINS_WITHIN) and pipe.recv_bytes()):
                raise EOFError
            pipe.send_bytes(question)
            told = pipe.recv_bytes().decode() if pipe.poll(seconds) else f"it took longer than {seconds:.3g} s"
        except (EOFError, OSError):
            _kill(child)
            told = _ending(child.wait())
        if told:
            # Whatever went wrong may have left something behind that would harm the next one.
            self._drop()
        return told

    def _running(self) -> tuple[subprocess.Popen[bytes], Connection]:
        if self._child is None or self._pipe is None:
            self._pipe, theirs = Pipe()
            path, fd = json.dumps([entry or str(Path.cwd()) for entry in sys.path]), str(theirs.fileno())
            command = [sys.executable, "-c", _CHILD, path, fd, str(self.limits.megabytes)]
            with theirs:
                # A session of its own: Ctrl-C is for the node, and what the function has begun can be ended with it.
                self._child = subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()], start_new_session=True
                )
        return self._child, self._pipe

    def _drop(self) -> None:
        if self._child is not None:
            _kill(self._child)
            self._child.wait()
        if self._pipe is not None:
            self._pipe.close()
        self._child = self._pipe = None


def call_function(host: Host, step: str, rows: Rows, arguments: Arguments) -> str:
    """Call the function of a step; why it failed, empty where it did not."""
    function = host.steps[step].function if step in host.steps else None
    if function is None:
        return "it has nothing to call; its plugin must give a `function`"
    try:
        function(rows, arguments)
    except MemoryError:
        return "it needed more memory than it may have"
    except (Exception, SystemExit) as problem:  # noqa: BLE001  (it is the code of a plugin)
        return in_a_line(problem)
    return ""


def _ending(code: int) -> str:
    """How a process ended that should not have."""
    return f"it was ended by {signal.Signals(-code).name}" if code < 0 else f"it ended its process with code {code}"


def _kill(child: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
