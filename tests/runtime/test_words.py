"""Reasons in words: every one has some, and comes about in a test."""

from __future__ import annotations

from pathlib import Path

import pytest

from conductor_dsl.program.states import HistoryKind, Reason
from conductor_dsl.runtime.words import WORDS, in_words

TESTS = Path(__file__).parents[1]


@pytest.mark.parametrize("what", [*Reason])
def test_every_reason_has_words_of_its_own(what: str) -> None:
    assert in_words(what) != what
    assert list(WORDS.values()).count(WORDS[what]) == 1


def test_a_reason_stands_behind_what_happened() -> None:
    told = in_words(HistoryKind.DEFERRED, Reason.STATE_WINDOW)
    assert told == "had to wait first: the hours of their state"


def test_every_reason_comes_about_in_a_test_of_the_engine() -> None:
    texts = "".join(path.read_text(encoding="utf-8") for path in (TESTS / "conformance").glob("test_*.py"))
    assert [reason.value for reason in Reason if f'"{reason}' not in texts] == []
