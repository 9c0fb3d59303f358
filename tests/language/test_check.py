"""Every check finds what its case file says, on the lines where it says so, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from conductor_dsl.language.check import check
from conductor_dsl.language.checks import CHECKS
from conductor_dsl.language.diagnostics import Severity
from conductor_dsl.language.source import Source
from tests.language.contexts import bare_folder, check_text, findings, hints, is_broken

FOLDER = Path(__file__).parent.parent / "cases" / "checks"
EXPECTED = re.compile(r'## (\^?)(CDX\d{3}) "([^"]*)"')
"""What a line should be told; with `^`, what the line above should."""
FIXED_SENTENCE = 'when no_order_within 60d -> sms "..." on_invalid pass -> wait 3d -> email saved:"Winback1" -> end'


def cases() -> Iterator[object]:
    for path in sorted(FOLDER.glob("*.cdx")):
        whole = path.read_text(encoding="utf-8")
        codes = frozenset(match[2] for match in EXPECTED.finditer(whole))
        for part in re.split(r"^--- ", whole, flags=re.MULTILINE)[1:]:
            title, _, text = part.partition("\n")
            yield pytest.param(text, codes, id=f"{path.stem}: {title}")


@pytest.mark.parametrize(("text", "codes"), list(cases()))
def test_a_case_has_exactly_the_findings_that_stand_in_it(text: str, codes: frozenset[str]) -> None:
    """Of the codes that its file is about, and of those with which no script runs."""
    report = check_text(text).report
    here = [each for each in report.findings if each.code in codes or is_broken(each)]
    found = [(report.source.position(each.span.start).line, each.code, each.message) for each in here]
    expected = [
        (number - len(match[1]), match[2], match[3])
        for number, line in enumerate(text.splitlines(), 1)
        for match in EXPECTED.finditer(line)
    ]
    shown = "\n".join(f"line {line}: {code} {message}" for line, code, message in found)
    assert sorted(each[:2] for each in found) == sorted(each[:2] for each in expected), shown
    for line, code, words in expected:
        assert any(each[:2] == (line, code) and words in each[2] for each in found), shown


@pytest.mark.parametrize("run", CHECKS, ids=lambda run: run.__name__)
def test_every_check_has_a_case_file_with_bad_and_good_cases(run: object) -> None:
    path = FOLDER / f"{run.__module__.rpartition('.')[2]}.cdx"
    parts = path.read_text(encoding="utf-8").split("\n--- ")
    assert any(EXPECTED.search(part) for part in parts)
    assert any(not EXPECTED.search(part) for part in parts)


def test_the_fixed_sentence_checks_clean() -> None:
    assert findings(FIXED_SENTENCE) == []


def test_a_folder_without_settings_says_that_it_has_none_and_which_file_to_write() -> None:
    text = 'when no_order_within 60d -> sms "x" from code:"1" list list:"L" -> email saved:"Winback1" -> end'
    report = check(Source("a.cdx", text), bare_folder()).report
    assert [finding.hint for finding in report.findings] == [
        "move the script into a project's folder; `conductor init DIR` makes one",
        "move the script into a project's folder; `conductor init DIR` makes one",
        "create `messages/Winback1.html`",
    ]


def test_several_mistakes_are_found_in_one_run() -> None:
    text = 'when no_order_whitin 60d -> smz "x" -> wait 3 days -> email saved:"Winback3" -> end'
    assert [code for code, _ in findings(text)] == ["CDX005", "CDX005", "CDX112", "CDX012"]


def test_hints_name_the_nearest_word() -> None:
    assert hints('when no_order_within 60d -> sms "x" on_invlid pass -> end') == ["did you mean `on_invalid`?"]
    assert hints('when no_order_within 60d -> email saved:"winback1" -> end') == ["did you mean `Winback1`?"]
    assert hints("when no_order_whitin 60d -> end") == ["did you mean `no_order_within`?"]


def test_a_syntax_error_does_not_hide_the_findings_behind_it() -> None:
    codes = [
        code for code, _ in findings('when no_order_within 60d -> sms "x" = = -> -> emial saved:"Winback1" -> end')
    ]
    assert "CDX005" in codes


def test_only_errors_keep_a_script_from_running() -> None:
    report = check_text('when no_order_within 60d -> sms "Hi {{ first_name }}" -> end').report
    assert [finding.severity for finding in report.findings] == [Severity.WARNING]
    assert not report.has_errors


@pytest.mark.parametrize("text", ["", "->", "{", "conversation", '"', "when", "when (", "x" * 1000, "on on on -> end"])
def test_broken_texts_are_findings_and_never_exceptions(text: str) -> None:
    assert check_text(text).report.has_errors


def test_what_cannot_be_read_has_no_echo_in_the_checks_of_paths() -> None:
    report = check_text('when order_count > 5 -> sms "Come back!" -> wait 3d -> end;').report
    assert [finding.code for finding in report.findings] == ["CDX001"]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("on order placed -> end", "write `order.placed`"),
        ("field born date on born -> end", "each year on that day is `on anniversary of born`"),
        (
            "on anniversary birthday -> end",
            "write it as in `on anniversary of first_order before 7d at 09:00`",
        ),
        ("when order_count > 1 -> wait until Tuesday 10:00 -> end", "write `tuesday`"),
        ('when order_count > 1 -> sms "x" from 34567 -> end', 'write `code:"34567"`'),
        ("when order_count => 1 -> end", "write `>=`"),
        ("when order_count >= 1 then wait 1d -> end", "write `->` before the next step"),
        ('field tier text when order_count >= 1 -> set tier "Gold" -> end', "write `tier = ...`"),
        ("on every month at 08:00 for order_count > 1 -> end", "write `1mo`"),
        (
            "when order_count > 1 -> split { 50% { end } 50% { end } }",
            'write it as in `split "subject line" { 50% { sms "Hello!" } 50% "B" { sms "Hi!" } }`',
        ),
        ('when order_count >= 1 -> goto "Last" -> end', 'write `step:"Last"`'),
    ],
)
def test_a_mistake_has_one_error_with_its_remedy(text: str, hint: str) -> None:
    errors = [finding for finding in check_text(text).report.findings if is_broken(finding)]
    assert [finding.hint for finding in errors] == [hint]
