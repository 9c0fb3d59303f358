"""The language reference is true: its scripts check, its broken ones break, its vocabulary is what is installed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conductor_dsl.language.parse import parse
from conductor_dsl.language.reference import vocabulary_to_markdown
from conductor_dsl.language.source import Source
from tests.language.contexts import check_text, complaints, project

REFERENCE = Path(__file__).parents[2] / "grammar" / "README.md"
TEXT = REFERENCE.read_text(encoding="utf-8")
BLOCK = re.compile(r"^```cdx(?: broken (CDX\d{3}))?\n(.*?)^```", re.MULTILINE | re.DOTALL)
MARK = "<!-- vocabulary -->\n\n"


def blocks() -> list[tuple[str, str]]:
    return [(match[1] or "", match[2]) for match in BLOCK.finditer(TEXT)]


@pytest.mark.parametrize("script", [script for code, script in blocks() if not code])
def test_a_script_of_the_reference_checks_clean(script: str) -> None:
    assert complaints(script) == []


@pytest.mark.parametrize(("code", "script"), [block for block in blocks() if block[0]])
def test_a_broken_script_has_the_finding_it_shows(code: str, script: str) -> None:
    assert parse(Source("a.cdx", script))[1] == ()
    assert complaints(script, code) == [code]


def test_the_vocabulary_section_follows_from_the_signatures() -> None:
    written = TEXT.partition(MARK)[2]
    expected = vocabulary_to_markdown(project().vocabulary)
    assert written == expected, f"write this behind the mark in {REFERENCE.name}:\n{expected}"


def test_every_example_of_a_signature_checks() -> None:
    vocabulary = project().vocabulary
    for trigger in vocabulary.triggers.values():
        assert not check_text(f"{trigger.example} -> end").report.has_errors, trigger.example
    for predicate in vocabulary.predicates.values():
        text = f'when {predicate.example} -> split "subject line" {{ 50% {{ end }} 50% {{ end }} }}'
        assert not check_text(text).report.has_errors, predicate.example
    for step in vocabulary.steps.values():
        text = f"""field tier text field won_back boolean field offer text event points.earned {{ points number }}
            conversation "A" {{
              thread "T" on order.placed {{ sms "x" as "Reminder" -> wait 1d -> {step.example} }}
              thread "Buyers" on order.placed {{ end }}
            }}
            conversation "Loyalty" {{ thread "T" on order.placed {{ end }} }}"""
        assert set(complaints(text)) <= {"CDX102"}, step.example
