"""The exporter `csv`: a line for each row below a line with the names, for spreadsheets and databases."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import TextIOWrapper
from typing import BinaryIO

from conductor_dsl.api import Batches, Columns, Exporter, hookimpl


def write(columns: Columns, batches: Batches, file: BinaryIO) -> None:
    """UTF-8, as RFC 4180 has it; what is missing is an empty cell."""
    text = TextIOWrapper(file, encoding="utf-8", newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    for batch in batches:
        writer.writerows([row[column] for column in columns] for row in batch)
    text.detach()  # which flushes, and leaves the file to whoever opened it


@hookimpl
def conductor_exporters() -> Sequence[Exporter]:
    """The exporter `csv`."""
    return (Exporter("csv", "comma-separated values, with the names in the first line", write),)
