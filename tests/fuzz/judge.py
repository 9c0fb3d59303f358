"""What must hold of any script whatever: it is read, checked and laid out without a crash, and errors have a place."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from conductor_dsl.language.check import check
from conductor_dsl.language.format import format_source
from conductor_dsl.language.parse import parse
from conductor_dsl.language.source import Source
from conductor_dsl.language.vocabulary import Context
from tests.language.strategies import without_spans

PATIENCE = 10
"""Seconds of work that one script may take; thousands of times what it takes."""


def judge(text: str, context: Context) -> str | None:
    """What is wrong with how a script is treated; None where all is well."""
    try:
        with _patience():
            return _judge(Source("fuzz.cdx", text), context)
    except Exception as problem:  # noqa: BLE001 - whatever comes out is the finding
        return f"{type(problem).__name__}: {problem}"


def _judge(source: Source, context: Context) -> str | None:
    report = check(source, context).report
    for finding in report.findings:
        if not 0 <= finding.span.start <= finding.span.end <= len(source.text):
            return f"{finding.code} has no place in the text: {finding.span}"
        position = source.position(finding.span.start)
        if position.line < 1 or not finding.message:
            return f"{finding.code} says nothing, or nowhere"
    return _judge_layout(source)


def _judge_layout(source: Source) -> str | None:
    file, findings = parse(source)
    if file is None or any(finding.code != "CDX003" for finding in findings):
        return None
    once = format_source(source)
    laid_out = Source("fuzz.cdx", once)
    again, more = parse(laid_out)
    if again is None or any(finding.code != "CDX003" for finding in more):
        return f"laid out it cannot be read: {more}"
    if without_spans(file) != without_spans(again):
        return "laid out it means something else"
    return None if format_source(laid_out) == once else "laid out twice it looks different"


@contextmanager
def _patience() -> Iterator[None]:
    def give_up(_signal: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"not done after {PATIENCE} s")

    before = signal.signal(signal.SIGPROF, give_up)
    signal.setitimer(signal.ITIMER_PROF, PATIENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
