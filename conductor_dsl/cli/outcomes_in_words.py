"""Outcomes of tests for people: a line for each as it is played, every failure with its path, and the counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from conductor_dsl.language.diagnostics import Severity
from conductor_dsl.language.report.counts import counted
from conductor_dsl.language.report.look import Look, printable
from conductor_dsl.runtime.rehearse.nouns import Failure, Outcome


@dataclass(frozen=True, slots=True)
class Telling:
    """How to tell of each test when it has been played, and of all at the end (outcomes, look, milliseconds)."""

    each: Callable[[Outcome, Look], str]
    all: Callable[[Sequence[Outcome], Look, int], str]


def _each_fully(outcome: Outcome, look: Look) -> str:
    mark = look.severity(Severity.ERROR, "FAIL") if outcome.failures else look.good("ok")
    gap = "  " if outcome.failures else "    "
    return f"{mark}{gap}{printable(outcome.place)}  {printable(outcome.test.name)}\n"


def _all_fully(outcomes: Sequence[Outcome], look: Look, millis: int) -> str:
    lines = [line for outcome in outcomes if outcome.failures for line in _failed(outcome, look)]
    return "".join(f"{line}\n" for line in [*lines, "", _counts(outcomes, look, millis)])


def _failed(outcome: Outcome, look: Look) -> Iterator[str]:
    """Everything about a test that has failed."""
    yield ""
    yield look.bold(printable(outcome.test.name))
    for failure in outcome.failures:
        place = look.dim(f"{printable(outcome.source.name)}:{failure.line}:")
        yield f"  {place} expected {look.bold(printable(failure.expected))}"
        yield f"  {' ' * len(_place(outcome, failure))}       got {printable(failure.got)}"
    yield from (f"  {printable(line)}" for line in outcome.paths)


def _place(outcome: Outcome, failure: Failure) -> str:
    return printable(f"{outcome.source.name}:{failure.line}")


def _each_concisely(outcome: Outcome, look: Look) -> str:
    """A line for each expectation that did not come true, which editors can follow."""
    return "".join(
        f"{look.bold(f'{_place(outcome, each)}:')} {printable(outcome.test.name)}: "
        f"expected {printable(each.expected)}, got {printable(each.got)}\n"
        for each in outcome.failures
    )


def _all_concisely(outcomes: Sequence[Outcome], look: Look, millis: int) -> str:
    return f"{_counts(outcomes, look, millis)}\n"


def _counts(outcomes: Sequence[Outcome], look: Look, millis: int) -> str:
    """`12 tests passed in 0.5 s`, or `2 of 12 tests failed in 0.5 s`."""
    failed = sum(bool(outcome.failures) for outcome in outcomes)
    tests, took = counted(len(outcomes), "test"), f"in {millis / 1_000:.1f} s"
    if failed:
        return look.severity(Severity.ERROR, f"{failed} of {tests} failed {took}")
    return look.good(f"{tests} passed {took}")


TELLINGS: Mapping[str, Telling] = MappingProxyType(
    {"full": Telling(_each_fully, _all_fully), "concise": Telling(_each_concisely, _all_concisely)}
)
"""The formats of `conductor test --format` for people."""
