"""A log that is only ever added to: JSON lines, on the disk before anybody is answered."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from conductor_dsl.shared.errors import ConfigError

Entry = dict[str, Any]


class Log:
    """Adds entries, from any thread; those that wait for the disk at one time share one wait."""

    def __init__(self, path: Path) -> None:
        """Raises ConfigError for a file that cannot be written."""
        try:
            self._file = path.open("ab+")
        except OSError as problem:
            raise ConfigError(f"cannot write `{path}`: {(problem.strerror or str(problem)).lower()}") from None
        self._writing, self._syncing = threading.Lock(), threading.Lock()
        self._written = self._synced = 0
        _cut_unfinished(self._file.fileno())

    def add(self, entry: Entry) -> int:
        """Write an entry; returns what to `wait` for. The order of calls is the order of the lines."""
        line = json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"
        with self._writing:
            self._file.write(line)
            self._file.flush()
            self._written += 1
            return self._written

    def wait(self, number: int) -> None:
        """Return once the entry is on the disk."""
        with self._syncing:
            if self._synced < number:
                written = self._written
                os.fsync(self._file.fileno())
                self._synced = written

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def read_log(path: Path) -> Iterator[Entry]:
    """The entries of a log; a last line that a crash has cut is passed over, other damage raises ConfigError."""
    if not path.exists():
        return
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.endswith(b"\n"):
                return
            try:
                entry = json.loads(line)
            except ValueError:
                entry = None
            if not isinstance(entry, dict) or "kind" not in entry:
                raise ConfigError(f"{path}:{number}: not an entry of a log of messages", hint="name another file")
            yield entry


def _cut_unfinished(file: int) -> None:
    """Take away what a crash has left of a last line."""
    end = size = os.fstat(file).st_size
    while end:
        start = max(0, end - 4096)
        found = os.pread(file, end - start, start).rfind(b"\n")
        if found >= 0:
            end = start + found + 1
            break
        end = start
    if end < size:
        os.ftruncate(file, end)
