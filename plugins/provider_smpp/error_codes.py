"""What the words of carriers mean."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from conductor_dsl.api import ErrorTable, read_error_table


@cache
def error_table() -> ErrorTable:
    """The meanings of statuses and states."""
    return read_error_table(files(__package__).joinpath("errors.toml").read_text(encoding="utf-8"))
