"""A few thousand scripts of the million that `make fuzz` judges, and that the judge is awake."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conductor_dsl.language.check import check
from conductor_dsl.language.diagnostics import Diagnostic, Report, error
from conductor_dsl.language.format import format_source
from conductor_dsl.language.source import Source, Span
from conductor_dsl.language.vocabulary import Context
from tests.fuzz import judge as judging
from tests.fuzz.fuzz import fuzz, script
from tests.fuzz.judge import judge
from tests.language.contexts import project

SENTENCE = "when order_count >= 1 -> wait 3d -> end"


def test_no_script_breaks_the_checker_or_the_formatter() -> None:
    assert list(fuzz(range(1_000), project())) == []


def test_a_number_gives_the_same_script_again() -> None:
    assert [script(number, project()) for number in range(60)] == [script(number, project()) for number in range(60)]


def test_scripts_use_every_word_there_is() -> None:
    text = " ".join(script(number, project()) for number in range(0, 6_000, 3)).split()
    vocabulary = project().vocabulary
    assert {*vocabulary.steps, *vocabulary.predicates} <= set(text)


def test_many_scripts_have_no_syntax_errors() -> None:
    clean = 0
    for number in range(0, 300, 3):
        found = check(Source("a.cdx", script(number, project())), project()).report.findings
        clean += not any(finding.code == "CDX001" for finding in found)
    assert clean > 200 / 3


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda source: format_source(source).replace("3d", "4d"), "laid out it means something else"),
        (lambda source: source.text + "\n", "laid out twice it looks different"),
        (lambda source: format_source(source).replace("->", "}"), "laid out it cannot be read"),
    ],
)
def test_a_formatter_that_changes_something_is_caught(
    monkeypatch: pytest.MonkeyPatch, wrong: Callable[[Source], str], told: str
) -> None:
    monkeypatch.setattr(judging, "format_source", wrong)
    assert (judge(SENTENCE, project()) or "").startswith(told)


def test_a_finding_without_a_place_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    stray: Diagnostic = error("CDX001", Span(90, 99), "somewhere")

    def checked(source: Source, context: Context) -> object:
        return type("Checked", (), {"report": Report(source, (stray,))})

    monkeypatch.setattr(judging, "check", checked)
    assert (judge(SENTENCE, project()) or "").startswith("CDX001 has no place in the text")


def test_a_crash_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def crashed(source: Source, context: Context) -> object:
        raise KeyError("no_such")

    monkeypatch.setattr(judging, "check", crashed)
    assert judge(SENTENCE, project()) == "KeyError: 'no_such'"
