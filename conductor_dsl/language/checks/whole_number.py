"""CDX021: a count that is no whole number above zero."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.language.bound import BoundFile, Scalar
from conductor_dsl.language.checks.walk import named_values, phrases
from conductor_dsl.language.diagnostics import Diagnostic, error
from conductor_dsl.language.signatures import Kind
from conductor_dsl.language.vocabulary import Context

COUNTS = ("limit", "count")
MOST = 1_000_000


def check_whole_number(file: BoundFile, _: Context) -> Iterator[Diagnostic]:
    """Every count that cannot be counted."""
    for conversation in file.conversations:
        for phrase in phrases(conversation):
            for name, value in named_values(phrase):
                if name in COUNTS and isinstance(value, Scalar) and value.kind is Kind.NUMBER:
                    count = value.value
                    if not isinstance(count, int) or not 1 <= count <= MOST:
                        yield error("CDX021", value.span, f"`{count}` is not a count", "write a whole number from 1 on")
