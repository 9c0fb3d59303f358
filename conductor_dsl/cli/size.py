"""`conductor size`: how large the database is, by table, by contact and by run, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from conductor_dsl.cli.open_settings import open_settings
from conductor_dsl.runtime.size_to_advice import in_bytes, size_to_advice
from conductor_dsl.store.connect import connect, reading
from conductor_dsl.store.sizes import DatabaseSize, TableSize, database_size

OF_RUNS = ("run", "intent", "history", "parcel")
"""The tables that grow with the runs."""


@click.command("size")
@click.argument("folder", type=click.Path(path_type=Path), default=Path(), metavar="[DIR]")
def command(folder: Path) -> None:
    """Tell how large the database of the project in DIR is: bytes by table, a contact and a run; and what to do.

    It reads all of it, while messages may be sent.
    """
    engine = connect(open_settings(folder).database_url)
    try:
        with reading(engine) as connection:
            size = database_size(connection)
    finally:
        engine.dispose()
    click.echo("\n".join([*_in_words(size), *size_to_advice(size)]))


def _in_words(size: DatabaseSize) -> Iterator[str]:
    beside = [f"{in_bytes(size.free)} of it free"] if size.free is not None else []
    beside += [f"{in_bytes(size.log)} of log beside it"] if size.log is not None else []
    yield ", ".join([in_bytes(size.bytes), *beside])
    for row in _aligned(("table", "rows", "dead", "table", "indexes"), *map(_row, size.tables)):
        yield f"  {row}"
    contacts, runs = size.rows_of("contact"), size.rows_of("run")
    if contacts:
        yield f"a contact takes {size.bytes / contacts:,.0f} B of {in_bytes(size.bytes)}: {contacts:,} contacts"
    if runs:
        own = sum(table.total for table in size.tables if table.name in OF_RUNS)
        yield f"a run takes {own / runs:,.0f} B with its messages and history: {runs:,} runs"


def _row(table: TableSize) -> tuple[str, ...]:
    dead = "" if table.dead is None else f"{table.dead:,}"
    return table.name, f"{table.rows:,}", dead, in_bytes(table.bytes), in_bytes(sum(table.indexes.values()))


def _aligned(*rows: tuple[str, ...]) -> Iterator[str]:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for first, *rest in rows:
        cells = (f"{cell:>{width}}" for cell, width in zip(rest, widths[1:], strict=True))
        yield "  ".join([f"{first:<{widths[0]}}", *cells])
