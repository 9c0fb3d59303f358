"""Import a file: batch by batch, each in one transaction, so that it may be stopped and repeated at any point.

Whatever the file tells anew takes its effect in the transaction that stores it. Repeating an import changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import sqlalchemy as sa

from conductor_dsl.runtime.doorbell import ring
from conductor_dsl.runtime.ingest.check_columns import check_columns, column_warnings
from conductor_dsl.runtime.ingest.check_text import check_text
from conductor_dsl.runtime.ingest.file_to_rows import csv_to_rows, first_object, jsonl_to_rows, read_header
from conductor_dsl.runtime.ingest.kinds import KINDS, Kind
from conductor_dsl.runtime.ingest.notes import Notes
from conductor_dsl.runtime.ingest.nouns import BadRow, ImportOptions, ImportResult, Row
from conductor_dsl.runtime.ingest.open_source import CSV, Source, copied, open_source
from conductor_dsl.runtime.ingest.rejects import Rejects
from conductor_dsl.runtime.programs import Programs
from conductor_dsl.shared.clock import Clock, Instant
from conductor_dsl.shared.collecting_later import collecting_later
from conductor_dsl.shared.errors import ImportFileError

BATCH = 10_000
"""Rows in one transaction."""

Progress = Callable[[int, int], None]
"""Told after every batch how many bytes of how many have been read."""


def ingest_file(
    engine: sa.Engine,
    programs: Programs,
    kind: str,
    path: Path,
    *,
    clock: Clock,
    options: ImportOptions | None = None,
    format_: str | None = None,
    rejects_path: Path | None = None,
    progress: Progress | None = None,
) -> ImportResult:
    """Import a file of a kind in `KINDS`; `csv` or `jsonl` by its name or `format_`.

    Rows that cannot be stored go to `rejects_path`, by default FILE.rejects.csv (or .jsonl). Raises ImportFileError,
    before anything is stored, where the file as a whole cannot be imported.
    """
    with open_source(path, format_) as source:
        rejects = rejects_path or path.with_name(f"{path.stem}.rejects.{source.format}")
        if rejects.exists() and path.samefile(rejects):
            raise ImportFileError(f"`{path}` would be overwritten by its own rejects", hint="choose another path")
        work = Ingest(engine, programs, kind, source, clock=clock, options=options, progress=progress)
        return work.run(rejects)


def ingest_stream(
    engine: sa.Engine,
    programs: Programs,
    kind: str,
    stream: BinaryIO,
    *,
    clock: Clock,
    options: ImportOptions | None = None,
    format_: str = CSV,
    rejects_path: Path | None = None,
    progress: Progress | None = None,
) -> ImportResult:
    """Import what a stream gives, as `ingest_file`; rejected rows go to `stdin.rejects.csv` (or .jsonl) by default."""
    with copied(stream, "<stdin>", format_) as source:
        work = Ingest(engine, programs, kind, source, clock=clock, options=options, progress=progress)
        return work.run(rejects_path or Path(f"stdin.rejects.{format_}"))


class Ingest:
    """One import of one open file."""

    def __init__(
        self,
        engine: sa.Engine,
        programs: Programs,
        kind: str,
        source: Source,
        *,
        clock: Clock,
        options: ImportOptions | None = None,
        progress: Progress | None = None,
    ) -> None:
        self._engine, self._programs, self._clock = engine, programs, clock
        self._kind: Kind = KINDS[kind]
        self._source = source
        self._options = options or ImportOptions()
        self._progress = progress
        self._notes = Notes(self._options.events)

    def run(self, rejects_path: Path) -> ImportResult:
        """Import the whole file; as `ingest_file`."""
        header, delimiter = read_header(self._source) if self._source.format == CSV else ([], ",")
        check_text(self._source, delimiter)
        columns = header or first_object(self._source)
        if self._source.format == CSV:
            check_columns(self._source.name, header, self._kind)
            rows = csv_to_rows(self._source, header, delimiter)
        else:
            rows = jsonl_to_rows(self._source)
        warnings = column_warnings(columns, self._kind, self._options)
        with Rejects(rejects_path, self._source.format, header, delimiter) as rejects:
            read, stored = self._all_batches(rows, rejects)
        unchanged = read - stored - rejects.count
        kept = rejects_path if rejects.count else None
        return ImportResult(read, stored, unchanged, rejects.count, kept, (*warnings, *self._notes.warnings()))

    def _all_batches(self, rows: Iterator[Row], rejects: Rejects) -> tuple[int, int]:
        """How many rows were read, and how many of them told something new."""
        read = stored = 0
        while True:
            with collecting_later():
                batch = list(islice(rows, BATCH))
                new = self._batch(batch, rejects) if batch else 0
            if not batch:
                return read, stored
            read, stored = read + len(batch), stored + new
            if new:
                ring(self._engine)
            if self._progress:
                self._progress(self._source.stream.tell(), self._source.size)

    def _batch(self, batch: list[Row], rejects: Rejects) -> int:
        """Store a batch, and let it take its effect; returns how many rows told something new."""
        items, reasons = self._read(batch, self._clock.now())
        with self._engine.begin() as connection:
            # Asked only now: until here another writer may have kept us waiting.
            now = self._clock.now()
            stored, unknown = self._kind.store(connection, items, now)
            too_old = self._kind.settle(connection, self._programs, now) if stored else 0
            # Before the commit: what cannot be kept here must not be passed over there.
            for number, reason in sorted((reasons | unknown).items()):
                rejects.add(batch[number], reason)
            rejects.flush()
        self._notes.add(items, too_old)
        return stored

    def _read(self, batch: list[Row], now: Instant) -> tuple[list[tuple[int, object]], dict[int, str]]:
        """The rows that can be stored, and why others cannot, by their numbers in the batch."""
        row_to_item, options = self._kind.row_to_item, self._options
        items: list[tuple[int, object]] = []
        reasons: dict[int, str] = {}
        for number, row in enumerate(batch):
            if row.values is None:
                reasons[number] = row.problem
                continue
            try:
                items.append((number, row_to_item(row.values, options, now)))
            except BadRow as problem:
                reasons[number] = str(problem)
        return items, reasons
