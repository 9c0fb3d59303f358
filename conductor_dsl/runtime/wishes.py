"""Wishes: of what the staff asked to be told, by the steps of a program."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.program.operations import Note, Program, Send
from conductor_dsl.store.notices import NOTED


def wishes(program: Program) -> Iterator[tuple[str, int, str]]:
    """(address, step, outcome) for every wish."""
    for step, operation in enumerate(program.operations):
        if isinstance(operation, Send):
            yield from ((address, step, outcome) for address, outcome in operation.notices)
        elif isinstance(operation, Note):
            yield operation.address, step, NOTED
