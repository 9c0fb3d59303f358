"""Which messages in a list are ours: never one too many, for that doubles a message."""

from __future__ import annotations

from email.utils import format_datetime
from typing import Any

import pytest

from conductor_dsl.shared.clock import to_datetime
from conductor_plugins.provider_twilio.attempts import Attempt, digest_of
from conductor_plugins.provider_twilio.match import MARGIN, Listed, match, to_listed

AT = 1_772_445_600_000


def attempt(key: str, text: str = "Hello", at: int = AT) -> Attempt:
    return Attempt(key, "+17175550100", "34567", digest_of(text), at)


def listed(sid: str, text: str = "Hello", at: int = AT + 1_000) -> Listed:
    return Listed(digest_of(text), at, {"sid": sid})


def found(attempts: list[Attempt], messages: list[Listed]) -> dict[str, tuple[str | None, bool]]:
    """By key: the name of the message, and whether that is sure."""
    matches = match(attempts, messages)
    return {each.attempt.key: (str(each.said["sid"]) if each.said else None, each.sure) for each in matches}


def test_a_message_with_the_same_text_is_ours() -> None:
    assert found([attempt("a")], [listed("1")]) == {"a": ("1", True)}


def test_nothing_in_the_list_is_certainly_nothing() -> None:
    assert found([attempt("a")], []) == {"a": (None, True)}


def test_another_text_may_be_ours_as_the_service_has_changed_it() -> None:
    assert found([attempt("a")], [listed("1", "Hello, friend")]) == {"a": (None, False)}


def test_what_came_long_before_is_not_ours() -> None:
    assert found([attempt("a")], [listed("1", at=AT - MARGIN - 1)]) == {"a": (None, True)}
    assert found([attempt("a")], [listed("1", at=AT - MARGIN)]) == {"a": ("1", True)}


def test_two_of_one_text_are_told_apart_by_their_order() -> None:
    messages = [listed("2", at=AT + 9_000), listed("1")]
    assert found([attempt("b", at=AT + 8_000), attempt("a")], messages) == {"a": ("1", True), "b": ("2", True)}


def test_one_message_for_two_keys_is_nobodys() -> None:
    assert found([attempt("a"), attempt("b")], [listed("1")]) == {"a": (None, False), "b": (None, False)}


def test_one_key_that_was_taken_twice_is_taken() -> None:
    assert found([attempt("a")], [listed("1"), listed("2")])["a"][1]


def test_texts_of_other_keys_that_ask_are_theirs() -> None:
    attempts, messages = [attempt("a"), attempt("b", "Bye")], [listed("2", "Bye")]
    assert found(attempts, messages) == {"a": (None, True), "b": ("2", True)}


@pytest.mark.parametrize(
    "change",
    [
        {"direction": "inbound"},
        {"direction": None},
        {"date_created": "yesterday"},
        {"date_created": None},
        {"body": ...},
    ],
)
def test_what_is_no_message_of_ours_is_passed_over(change: dict[str, Any]) -> None:
    said = {"direction": "outbound-api", "date_created": format_datetime(to_datetime(AT)), "body": "Hello", "sid": "1"}
    assert to_listed(said) == Listed(digest_of("Hello"), AT, said)
    changed = {name: value for name, value in (said | change).items() if value is not ...}
    assert to_listed(changed) is None
