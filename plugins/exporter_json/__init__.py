"""The exporter `jsonl`: a JSON object on each line, for programs."""

from __future__ import annotations

from collections.abc import Sequence
from json import JSONEncoder
from typing import BinaryIO

from conductor_dsl.api import Batches, Columns, Exporter, hookimpl

_encode = JSONEncoder(ensure_ascii=False).encode


def write(columns: Columns, batches: Batches, file: BinaryIO) -> None:
    """The members are in the order of the columns; what is missing is `null`."""
    for batch in batches:
        lines = (_encode({column: row[column] for column in columns}) for row in batch)
        file.write("".join(f"{line}\n" for line in lines).encode())


@hookimpl
def conductor_exporters() -> Sequence[Exporter]:
    """The exporter `jsonl`."""
    return (Exporter("jsonl", "a JSON object on each line", write),)
