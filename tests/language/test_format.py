"""The formatter, tested three ways: golden pairs, an equal tree, and a second run that changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from conductor_dsl.language.format import format_source
from conductor_dsl.language.parse import parse
from conductor_dsl.language.source import Source
from tests.language.strategies import scripts, without_spans

CASES = sorted((Path(__file__).parents[1] / "cases" / "format").glob("*.cdx"))


def formatted(text: str) -> str:
    return format_source(Source("script.cdx", text))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_script_is_written_in_the_one_layout(path: Path) -> None:
    expected = path.with_suffix(".expected").read_text(encoding="utf-8")
    assert formatted(path.read_text(encoding="utf-8")) == expected
    assert formatted(expected) == expected


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(scripts())
def test_formatting_keeps_the_meaning_and_the_comments_and_settles_at_once(text: str) -> None:
    before, findings = parse(Source("script.cdx", text))
    assert before is not None
    assert not findings
    once = formatted(text)
    after, _ = parse(Source("script.cdx", once))
    assert after is not None
    assert without_spans(after) == without_spans(before)
    assert [comment.text for comment in after.comments] == [comment.text for comment in before.comments]
    assert formatted(once) == once


def test_a_text_is_kept_as_written_where_indenting_it_would_change_it() -> None:
    text = 'when a\n-> sms """  two\n\n"""\n'
    assert formatted(text) == text


def test_line_ends_of_windows_become_plain_ones() -> None:
    assert formatted('when a -> sms """\r\n  Hi\r\n  """ # end\r\n') == 'when a\n-> sms """\n     Hi\n   """  # end\n'


def test_no_line_is_longer_than_a_hundred_columns_where_it_can_be_broken() -> None:
    options = " ".join(f'option{number} "value {number}"' for number in range(30))
    text = formatted(f"when a -> sms {options} -> end")
    assert max(map(len, text.splitlines())) <= 100
    assert "option9\n" not in text


def test_only_comments_are_a_script_that_can_be_formatted() -> None:
    assert formatted("\n\n# one\n\n\n\n  # two") == "# one\n\n# two\n"


def test_a_script_with_a_syntax_error_is_not_formatted() -> None:
    with pytest.raises(ValueError, match="syntax errors"):
        formatted("when a -> -> end")


def test_a_comment_inside_a_reference_moves_once_only() -> None:
    once = formatted(f'on x -> y "{"a" * 40}" {{ ttotal subscribed list  # aside\n: "{"x" * 70}" , items z }}')
    assert formatted(once) == once
