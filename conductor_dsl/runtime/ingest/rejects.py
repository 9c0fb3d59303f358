"""The rows that could not be stored, kept as they were written, beside the file they came from."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import IO, Any

from conductor_dsl.runtime.ingest.file_to_rows import OWN_COLUMNS
from conductor_dsl.runtime.ingest.nouns import Row
from conductor_dsl.runtime.ingest.open_source import CSV
from conductor_dsl.shared.errors import ImportFileError


class Rejects:
    """A file of rejected rows, in the format of the import.

    Each row carries its line and the reason (`_line`, `_reason`), which a later import of the mended file passes over.
    The file of an earlier run goes away at once, and a new one is made with the first row.
    """

    def __init__(self, path: Path, format_: str, header: list[str], delimiter: str) -> None:
        self.path = path
        self.count = 0
        self._format, self._header, self._delimiter = format_, header, delimiter
        self._own = {number for number, name in enumerate(header) if name in OWN_COLUMNS}
        self._file: IO[str] | None = None
        self._writer: Any = None

    def __enter__(self) -> Rejects:
        try:
            self.path.unlink(missing_ok=True)
        except OSError as problem:
            raise self._unwritable(problem) from None
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, row: Row, reason: str) -> None:
        """Keep a row; raises ImportFileError where the file cannot be written."""
        try:
            file = self._file or self._open()
            if self._format == CSV:
                self._writer.writerow([row.line, reason, *self._cells(row)])
            else:
                file.write(_as_object(row, reason) + "\n")
        except OSError as problem:
            raise self._unwritable(problem) from None
        self.count += 1

    def flush(self) -> None:
        """Hand what was added to the operating system."""
        if self._file is not None:
            self._file.flush()

    def _open(self) -> IO[str]:
        self._file = self.path.open("w", encoding="utf-8", newline="")
        if self._format == CSV:
            # The default line end makes the writer quote every cell that contains a part of it.
            self._writer = csv.writer(self._file, delimiter=self._delimiter)
            self._writer.writerow([*OWN_COLUMNS, *(name for name in self._header if name not in OWN_COLUMNS)])
        return self._file

    def _cells(self, row: Row) -> list[str]:
        """What was written, without what an earlier rejects file said about it."""
        if isinstance(row.original, str):
            return [row.original]
        return [cell for number, cell in enumerate(row.original) if number not in self._own]

    def _unwritable(self, problem: OSError) -> ImportFileError:
        reason = (problem.strerror or "unknown reason").lower()
        return ImportFileError(f"cannot write `{self.path}`: {reason}", hint="name another place with `--rejects PATH`")


def _as_object(row: Row, reason: str) -> str:
    """A line of JSON with the object that was rejected, or with its text where it is none."""
    own: dict[str, object] = {"_line": row.line, "_reason": reason}
    return json.dumps(own | ({"_text": row.original} if row.values is None else row.values))
