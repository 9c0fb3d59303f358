"""A first pass over a file, so that what would spoil an import halfway is found before anything is stored."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import TextIOWrapper
from typing import BinaryIO

from conductor_dsl.runtime.ingest.open_source import CSV, Source
from conductor_dsl.shared.errors import ImportFileError

LONGEST_LINE = 1_048_576


def check_text(source: Source, delimiter: str) -> None:
    """Read the file to its end; raises ImportFileError where it is not UTF-8, or has a line or a cell without end."""
    source.stream.seek(0)
    text = as_text(source.stream)
    try:
        lines = _lines(source, text)
        if source.format == CSV:
            _check_quotes(source, lines, delimiter)
        else:
            for _ in lines:
                pass
    except UnicodeDecodeError:
        raise _not_utf8(source) from None
    finally:
        text.detach()


def as_text(stream: BinaryIO) -> TextIOWrapper:
    """The bytes as UTF-8 text with untouched line ends, without a byte order mark; detach it when done."""
    return TextIOWrapper(stream, encoding="utf-8-sig", newline="")


def _lines(source: Source, text: TextIOWrapper) -> Iterator[str]:
    number = 0
    while line := text.readline(LONGEST_LINE):
        number += 1
        if len(line) == LONGEST_LINE:
            raise ImportFileError(f"{source.name}:{number}: the line is longer than 1 MiB", hint="one row to a line")
        yield line


def _check_quotes(source: Source, lines: Iterator[str], delimiter: str) -> None:
    """Find a quotation mark that swallows the rest; other faults of a row are for later, and only cost that row."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        first = reader.line_num + 1
        try:
            next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            if "end of data" in str(problem):
                raise _open_quote(source, first) from None
            if "field limit" in str(problem):
                raise _endless_cell(source, first) from None


def _open_quote(source: Source, line: int) -> ImportFileError:
    hint = 'close it, or write `""` for a quotation mark inside a cell; nothing was imported'
    return ImportFileError(f"{source.name}:{line}: a quotation mark is never closed", hint=hint)


def _endless_cell(source: Source, line: int) -> ImportFileError:
    hint = "a quotation mark that is not closed swallows the rows behind it; nothing was imported"
    message = f"{source.name}:{line}: a cell is longer than {csv.field_size_limit():,} characters"
    return ImportFileError(message, hint=hint)


def _not_utf8(source: Source) -> ImportFileError:
    """Say in which line, which the decoder does not know."""
    source.stream.seek(0)
    hint = "save the file as UTF-8 (in a spreadsheet: `CSV UTF-8`); nothing was imported"
    for number, line in enumerate(source.stream, 1):
        try:
            line.decode()
        except UnicodeDecodeError as problem:
            byte = problem.object[problem.start]
            return ImportFileError(f"{source.name}:{number}: the byte `0x{byte:02X}` is not UTF-8 text", hint=hint)
    return ImportFileError(f"`{source.name}` is not UTF-8 text", hint=hint)
