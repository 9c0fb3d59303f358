"""The exporters write what they get, and keep none of it."""

from __future__ import annotations

import csv
import json
import tracemalloc
from collections.abc import Iterator
from io import BytesIO, StringIO
from typing import Any

import pytest

from conductor_dsl.api import Exporter, build_host

COLUMNS = ("contact", "reason", "attempts")
ROWS: list[dict[str, Any]] = [
    {"contact": "Zoë, Müller", "reason": 'said "no"\nand left', "attempts": 2},
    {"contact": "日本", "reason": None, "attempts": 0},
]


def exporter(name: str) -> Exporter:
    return build_host().exporters[name]


def written(name: str, *batches: list[dict[str, Any]]) -> str:
    file = BytesIO()
    exporter(name).write(COLUMNS, iter(batches), file)
    assert not file.closed
    return file.getvalue().decode()


def test_csv_has_the_names_first_and_every_cell_as_it_was() -> None:
    text = written("csv", ROWS[:1], ROWS[1:])
    assert text.startswith("contact,reason,attempts\r\n")
    read = list(csv.DictReader(StringIO(text, newline="")))
    assert read == [
        {"contact": "Zoë, Müller", "reason": 'said "no"\nand left', "attempts": "2"},
        {"contact": "日本", "reason": "", "attempts": "0"},
    ]


def test_json_lines_hold_an_object_each() -> None:
    text = written("jsonl", ROWS[:1], ROWS[1:])
    assert [json.loads(line) for line in text.splitlines()] == ROWS
    assert list(json.loads(text.splitlines()[0])) == list(COLUMNS)


def test_nothing_gives_no_rows() -> None:
    assert written("csv") == "contact,reason,attempts\r\n"
    assert written("jsonl") == ""


@pytest.mark.parametrize("name", ["csv", "jsonl"])
def test_an_export_takes_the_same_memory_whatever_its_size(name: str) -> None:
    assert peak(name, batches=40) < 1.5 * peak(name, batches=4)


class Nowhere(BytesIO):
    """A file that keeps nothing."""

    def write(self, data: Any, /) -> int:
        return len(data)


def peak(name: str, batches: int) -> int:
    """The most memory that an export takes."""

    def rows() -> Iterator[list[dict[str, Any]]]:
        for number in range(batches):
            yield [{"contact": f"{number}-{each}", "reason": "x" * 50, "attempts": each} for each in range(500)]

    write = exporter(name).write
    tracemalloc.start()
    try:
        write(COLUMNS, rows(), Nowhere())
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
