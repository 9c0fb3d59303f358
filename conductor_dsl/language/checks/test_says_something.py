"""CDX030: a test that cannot be run, or that could never fail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from conductor_dsl.language.bound import BoundFile, Scalar
from conductor_dsl.language.bound_tests import BoundTest
from conductor_dsl.language.diagnostics import Diagnostic, error
from conductor_dsl.language.vocabulary import Context
from conductor_dsl.shared.clock import DAY
from conductor_dsl.shared.duration import PATTERN, Duration

LONGEST = 2_000
"""How many days a test may name, about five years and a half."""


def check_test_says_something(file: BoundFile, _: Context) -> Iterator[Diagnostic]:
    """Every test without a contact, a beginning or an expectation, or with two beginnings, and times too far ahead."""
    for test in file.tests:
        problem = None if test.broken else _problem(test, file)
        if problem:
            yield error("CDX030", test.name_span, *problem)
        elif not test.broken:
            yield from _too_late(test)


def _too_late(test: BoundTest) -> Iterator[Diagnostic]:
    """The times that lie further ahead than a test is played."""
    [at] = test.of("at")
    for statement in test.statements:
        for name in ("after", "until", "date"):
            value = statement.phrase.get(name)
            if isinstance(value, Scalar) and _days(str(value.value), at.text("date") or "") > LONGEST:
                hint = "let the test begin later"
                yield error("CDX030", value.span, f"`{value.value}` lies more than {LONGEST} days ahead", hint)


def _days(text: str, begins: str) -> int:
    """How many days after the beginning a time lies, about; what is no time has been found already."""
    try:
        if PATTERN.fullmatch(text):
            length = Duration.parse(text)
            return length.months * 30 + length.days + length.millis // DAY
        return (date.fromisoformat(text) - date.fromisoformat(begins)).days
    except ValueError:
        return 0


def _problem(test: BoundTest, file: BoundFile) -> tuple[str, str] | None:
    """What the test lacks, with the remedy."""
    if not file.conversations:
        return f"the test `{test.name}` has no conversation to play", "a test stands in the script that it is about"
    beginnings = len(list(test.of("at")))
    if not test.contacts:
        return (
            f"the test `{test.name}` has no contact",
            'say who it is about: `given contact { email "ada@example.com" }`',
        )
    if beginnings != 1:
        lacks = "does not say when it begins" if not beginnings else "begins more than once"
        return f"the test `{test.name}` {lacks}", "write one line such as `at 2026-03-02 10:00`"
    if not list(test.of("expect")):
        return f"the test `{test.name}` expects nothing", "say what must come of it: `expect email after 3d`"
    return None
