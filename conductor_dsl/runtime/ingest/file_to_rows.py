"""From an open file to its rows, one at a time, whatever is wrong with some of them."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from itertools import chain, islice, tee
from typing import Any, NoReturn

from conductor_dsl.runtime.ingest.check_text import LONGEST_LINE, as_text
from conductor_dsl.runtime.ingest.nouns import Row
from conductor_dsl.runtime.ingest.open_source import Source
from conductor_dsl.shared.errors import ImportFileError

OWN_COLUMNS = ("_line", "_reason")
"""What a rejects file says about its rows; passed over when the mended file is imported."""

_DELIMITERS = (",", ";", "\t")
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def read_header(source: Source) -> tuple[list[str], str]:
    """The columns of a CSV file and its delimiter, which is the most frequent of `,` `;` tab in the first row.

    Raises ImportFileError for columns without a name or with the same one. Where `check_text` is going to find
    something there are no columns.
    """
    source.stream.seek(0)
    text = as_text(source.stream)
    try:
        first = text.readline(LONGEST_LINE)
        delimiter = max(_DELIMITERS, key=first.count)
        cells = next(csv.reader(chain([first], text), delimiter=delimiter), [])
    except (UnicodeDecodeError, csv.Error):
        return [], ","
    finally:
        text.detach()
    return _checked_names(source, [cell.strip() for cell in cells]), delimiter


def _checked_names(source: Source, names: list[str]) -> list[str]:
    for number, name in enumerate(names, 1):
        if not name:
            hint = "the first line names the columns; remove the empty ones"
            raise ImportFileError(f"{source.name}:1: column {number} has no name", hint=hint)
        if name in names[: number - 1]:
            hint = "rename or remove one of them"
            raise ImportFileError(f"{source.name}:1: two columns are named `{name}`", hint=hint)
    return names


def csv_to_rows(source: Source, header: list[str], delimiter: str) -> Iterator[Row]:
    """The rows below the header; blank lines are passed over."""
    source.stream.seek(0)
    text = as_text(source.stream)
    # A row that cannot be read is kept as it was written: its lines come a second time from `written`.
    lines, written = tee(text)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    next(reader)
    _take(written, reader.line_num)
    has_own = any(name in OWN_COLUMNS for name in header)
    width = len(header)
    while True:
        before = reader.line_num
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error:
            told = f"a quoted cell goes wrong in {_line_range(before + 1, reader.line_num)}"
            yield Row(before + 1, _take(written, reader.line_num - before), None, told)
            continue
        original = next(written) if reader.line_num == before + 1 else _take(written, reader.line_num - before)
        if len(cells) != width:
            if cells:
                yield Row(before + 1, cells, None, f"not {width} cells, as the header has, but {len(cells)}")
        elif "\0" in original:
            yield Row(before + 1, cells, None, "a cell contains a NUL character")
        else:
            values: dict[str, object] = dict(zip(header, cells))  # noqa: B905 - of one length, and it is the hot path
            yield Row(before + 1, cells, _without_own(values) if has_own else values)
    text.detach()


def _take(lines: Iterator[str], count: int) -> str:
    """So many of the lines that follow, as one text."""
    return "".join(islice(lines, count))


def _line_range(first: int, last: int) -> str:
    return f"line {first}" if first == last else f"lines {first} to {last}"


def _without_own(values: dict[str, object]) -> dict[str, object]:
    for name in OWN_COLUMNS:
        values.pop(name, None)
    return values


def jsonl_to_rows(source: Source) -> Iterator[Row]:
    """One object a line; blank lines are passed over."""
    source.stream.seek(0)
    text = as_text(source.stream)
    for number, line in enumerate(text, 1):
        if not line.isspace():
            yield _line_to_row(number, line.strip())
    text.detach()


def first_object(source: Source) -> dict[str, object]:
    """The first object of a .jsonl file, empty where it cannot be read; ImportFileError where none can be meant."""
    source.stream.seek(0)
    text = as_text(source.stream)
    try:
        first = next((line for line in text if not line.isspace()), "{").strip()
    except UnicodeDecodeError:
        return {}
    finally:
        text.detach()
    if not first.startswith("{"):
        what = "is one JSON array" if first.startswith("[") else "does not begin with a JSON object"
        raise ImportFileError(f"`{source.name}` {what}", hint="a .jsonl file has one object a line, each in { }")
    return _line_to_row(1, first).values or {}


def _line_to_row(number: int, line: str) -> Row:
    try:
        values = json.loads(line, parse_constant=_refuse_constant)
    except json.JSONDecodeError as problem:
        return Row(number, line, None, f"not JSON: {problem.msg.lower()} in column {problem.colno}")
    except (ValueError, RecursionError):
        return Row(number, line, None, "not JSON that can be stored: a number out of range, or nested too deeply")
    if not isinstance(values, dict):
        return Row(number, line, None, "not a JSON object")
    if "\\u" in line and not _is_storable(values):
        return Row(number, line, None, "a text contains a NUL character or half a character")
    return Row(number, line, _without_own(values))


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _is_storable(values: dict[str, Any]) -> bool:
    """Whether databases accept the text: UTF-8 has no lone surrogates, and PostgreSQL no NUL."""
    try:
        written = json.dumps(values, ensure_ascii=False)
        written.encode()
    except UnicodeEncodeError:
        return False
    return _NUL.search(written) is None
