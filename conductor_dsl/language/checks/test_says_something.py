"""CDX030: a test that cannot be run, or that could never fail."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.language.bound import BoundFile
from conductor_dsl.language.bound_tests import BoundTest
from conductor_dsl.language.diagnostics import Diagnostic, error
from conductor_dsl.language.vocabulary import Context


def check_test_says_something(file: BoundFile, _: Context) -> Iterator[Diagnostic]:
    """Every test without a contact, a beginning or an expectation, or with two beginnings."""
    for test in file.tests:
        problem = None if test.broken else _problem(test, file)
        if problem:
            yield error("CDX030", test.name_span, *problem)


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
