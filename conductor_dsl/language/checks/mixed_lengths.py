"""CDX503: days and full days of hours in one thread, which part when the clocks change."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.language.bound import BoundFile, Scalar, chain_steps
from conductor_dsl.language.diagnostics import Diagnostic, info
from conductor_dsl.language.signatures import Kind
from conductor_dsl.language.vocabulary import Context
from conductor_dsl.shared.clock import DAY
from conductor_dsl.shared.duration import Duration


def check_mixed_lengths(file: BoundFile, _: Context) -> Iterator[Diagnostic]:
    """Every wait of 24, 48, ... hours in a thread that waits for days, too."""
    for conversation in file.conversations:
        for thread in conversation.threads:
            waits = [
                step.phrase.get("duration")
                for step in chain_steps(thread.chain)
                if step.signature and step.signature.waits
            ]
            lengths = [
                (each, Duration.parse(str(each.value)))
                for each in waits
                if isinstance(each, Scalar) and each.kind is Kind.DURATION
            ]
            if any(not length.is_elapsed for _, length in lengths):
                for written, length in lengths:
                    if length.is_elapsed and length.millis and length.millis % DAY == 0:
                        yield _finding(written, length)


def _finding(written: Scalar, length: Duration) -> Diagnostic:
    days = f"{length.millis // DAY}d"
    message = f"`{written.value}` ends at another time of day than `{days}` when the clocks change"
    hint = f"write `{days}`, as elsewhere in this thread, which keeps the time of day"
    return info("CDX503", written.span, message, hint)
