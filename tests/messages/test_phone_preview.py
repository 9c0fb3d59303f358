"""Previews keep their frame straight, whatever stands in the message."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conductor_dsl.messages.phone_preview import SCREEN, email_preview, sms_preview
from conductor_dsl.messages.text_width import pad, width, wrap

signs = [*"ab cé日👍\n", "👩‍👩‍👧", "🇩🇪", "e\u0301", "❤️"]
texts = st.lists(st.sampled_from(signs), max_size=120).map("".join)


def test_a_text_is_a_card_and_a_bubble_with_its_cost() -> None:
    assert sms_preview("34567", "We miss you, Ada! 15% off: https://x.example/back\nReply STOP", at="10:00") == (
        "┌────────────────────────────────────────┐\n"
        "│ ✉ 34567                          10:00 │\n"
        "│ We miss you, Ada! 15% off:             │\n"
        "│ https://x.example/back…                │\n"
        "└────────────────────────────────────────┘\n"
        "╭────────────────────────────╮\n"
        "│ We miss you, Ada! 15% off: │\n"
        "│ https://x.example/back     │\n"
        "│ Reply STOP                 │\n"
        "├────────────────────────────╯\n"
        "  1 part, 60 characters, GSM-7"
    )


def test_a_mail_is_a_line_in_the_inbox_and_its_text() -> None:
    assert email_preview("Shop <hello@shop.example>", "Hi 日本", "Hello,\n\nAda", at="10:00").split("\n") == [
        "┌────────────────────────────────────────┐",
        "│ Shop <hello@shop.example>        10:00 │",
        "│ Hi 日本                                │",
        "│ Hello, Ada                             │",
        "└────────────────────────────────────────┘",
        "  Hello,",
        "",
        "  Ada",
    ]


def test_the_character_that_makes_a_text_dear_is_named() -> None:
    assert sms_preview("34567", "ça va").endswith("1 part, 5 characters, UCS-2 because of `ç`")


@given(texts, texts)
def test_frames_are_straight(sender: str, text: str) -> None:
    lines = sms_preview(" ".join(sender.split()), text).split("\n")
    framed = [line for line in lines if line[:1] in "┌│└"]
    assert {width(line) for line in framed[:4]} <= {SCREEN}
    bubble = lines[lines.index(next(line for line in lines if line.startswith("╭"))) : -1]
    assert len({width(line) for line in bubble}) == 1


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("abc", 3),
        ("日本", 4),
        ("👍", 2),
        ("👩‍👩‍👧", 2),
        ("🇩🇪", 2),
        ("🇩🇪🇫🇷", 4),
        ("❤️", 2),
        ("e\u0301", 1),
        ("👍🏽", 2),
        ("", 0),
    ],
)
def test_the_width_of_a_text_is_what_a_terminal_draws(text: str, columns: int) -> None:
    assert width(text) == columns


@given(texts, st.integers(min_value=2, max_value=20))
def test_wrapping_keeps_all_but_white_space(text: str, columns: int) -> None:
    lines = wrap(text, columns)
    assert all(width(line) <= columns for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_a_text_that_is_too_wide_is_cut() -> None:
    assert pad("日本語", 5) == "日本…"
    assert pad("日本語", 4) == "日… "
