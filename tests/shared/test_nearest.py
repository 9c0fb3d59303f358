"""The nearest name is a help, never a guess out of nothing."""

from __future__ import annotations

import pytest

from conductor_dsl.shared.nearest import did_you_mean, nearest

KNOWN = ("email", "sms", "wait", "Winback texts", "America/New_York")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("emial", "email"),
        ("EMAIL", "email"),
        ("smss", "sms"),
        ("winback text", "Winback texts"),
        ("America/NewYork", "America/New_York"),
        ("xyzzy", None),
        ("", None),
    ],
)
def test_a_near_name_is_found_and_a_far_one_is_not(written: str, meant: str | None) -> None:
    assert nearest(written, KNOWN) == meant


def test_the_hint_is_a_question_or_nothing() -> None:
    assert did_you_mean("emial", KNOWN) == "did you mean `email`?"
    assert did_you_mean("xyzzy", KNOWN) is None
    assert did_you_mean("email", ()) is None
