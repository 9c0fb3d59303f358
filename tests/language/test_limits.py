"""What is too big or too strange to read."""

from __future__ import annotations

import pytest

from conductor_dsl.language.ast import File
from conductor_dsl.language.diagnostics import Diagnostic
from conductor_dsl.language.parse import parse
from conductor_dsl.language.source import Source
from tests.language.contexts import check_text


def findings(text: str) -> tuple[Diagnostic, ...]:
    return parse(Source("script.cdx", text))[1]


def nested(depth: int) -> str:
    return "when a -> " + "if b { " * depth + "end" + " }" * depth


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("#" + "é" * 524_288, "the file is longer than 1 MiB"),
        (nested(65), "brackets are nested more than 64 deep"),
        ("(" * 10_000, "brackets are nested more than 64 deep"),
        ("when a" + "\n-> end" * 10_001, "the file has more than 10000 statements"),
        (f'when a -> sms "{"x" * 65_536}"', "the text is longer than 64 KiB"),
        ("a " * 200_001, "the file has more than 200000 words and signs"),
    ],
    ids=["bytes", "blocks", "brackets", "statements", "text", "words"],
)
def test_a_script_beyond_a_limit_is_not_read(text: str, message: str) -> None:
    file, found = parse(Source("script.cdx", text))
    assert file is None
    assert [(finding.code, finding.message) for finding in found] == [("CDX002", message)]


def test_a_script_within_the_limits_is_read() -> None:
    assert findings(nested(64)) == ()
    assert findings('when a -> sms "' + "{" * 100 + '"') == ()


def test_the_finding_about_nesting_points_at_the_bracket_that_is_too_deep() -> None:
    text = nested(65)
    assert findings(text)[0].span.start == text.index("end") - 2


def test_invisible_characters_are_refused_with_their_names() -> None:
    found = findings('when a -> sms "x\u202ey" -> end \x00 # \x1a\r bell\x07')
    assert [finding.code for finding in found] == ["CDX004"] * 5
    assert found[0].message == "`U+202E` (right-to-left override) is not allowed in a script"
    assert [finding.span.start for finding in found] == [16, 27, 31, 32, 38]


def test_half_a_surrogate_pair_is_refused() -> None:
    assert [finding.code for finding in findings('when a -> sms "\ud83d" -> end')] == ["CDX004"]


def test_a_byte_order_mark_and_the_line_ends_of_windows_mean_nothing() -> None:
    assert findings("\ufeffwhen a\r\n-> end\r\n") == ()


@pytest.mark.parametrize("text", ["", " \n\t", "# only a comment\n"])
def test_an_empty_script_holds_no_conversation(text: str) -> None:
    file, found = parse(Source("script.cdx", text))
    assert isinstance(file, File)
    assert file.items == ()
    assert [(finding.code, finding.span.start) for finding in found] == [("CDX003", 0)]


def test_a_time_that_is_too_long_is_found_once_and_stands_for_a_short_one() -> None:
    found = check_text("when order_count >= 1 -> wait 999999w -> end").report.findings
    assert [(each.code, each.message) for each in found if each.is_error] == [
        ("CDX001", "`999999w` is too long a time")
    ]
