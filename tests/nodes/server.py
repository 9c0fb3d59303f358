"""A PostgreSQL of a story's own, with nothing relaxed, for it is made to crash and start again."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.databases import execute, start_server, version_of

OPTIONS = "-c max_connections=200"
"""Everything else as it comes: what was committed must be there after a crash."""
_PR_SET_CHILD_SUBREAPER = 36


class Server:
    """A running server; `home` holds its data and its socket."""

    def __init__(self, home: Path, control: Callable[..., None]) -> None:
        self._home, self._control = home, control

    def url(self, name: str) -> str:
        """The URL of a database."""
        return f"postgresql+psycopg://postgres@/{name}?host={self._home}"

    def new_database(self, name: str) -> str:
        """Make a database; returns its URL."""
        execute(self.url("postgres"), f"CREATE DATABASE {name} TEMPLATE template0")
        return self.url(name)

    def version(self) -> str:
        """Its name and number."""
        return version_of(self.url("postgres"))

    def crash(self, *, kill: bool) -> None:
        """End it without any tidying: as it does by itself when told to at once, or by SIGKILL of all its processes."""
        postmaster = int((self._home / "data" / "postmaster.pid").read_text().split()[0])
        family = [postmaster]
        if kill:
            # While it is stopped it begins no other process, and buries none.
            os.kill(postmaster, signal.SIGSTOP)
            family += _children(postmaster)
            for pid in family:
                os.kill(pid, signal.SIGKILL)
        else:
            self._control("stop", "-m", "immediate")
        # A process that nobody has asked about still counts as alive, and the next start would be refused.
        for pid in family:
            os.waitpid(pid, 0)

    def start(self) -> None:
        """Start it again, and return once it has put its files in order and answers."""
        self._control("start")


@contextmanager
def private_server() -> Iterator[Server]:
    """A new one in a temporary folder, gone in the end."""
    _adopt_orphans()
    # Short, for it is part of the name of a socket, and other users must be able to enter it.
    home = Path(tempfile.mkdtemp(prefix="cdx-pg-"))
    try:
        control = start_server(home, OPTIONS)
        try:
            yield Server(home, control)
        finally:
            control("stop", "-m", "immediate")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _adopt_orphans() -> None:
    """Become the parent of the server, which leaves its own, so that its end can be waited for."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _children(parent: int) -> list[int]:
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [pid for pid in pids if _parent(pid) == parent]


def _parent(pid: int) -> int:
    """The parent of a process, 0 where there is none any more."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return int(text.rpartition(")")[2].split()[1])
