"""The quick reader of plain templates says what Liquid says, or nothing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conductor_dsl.messages.environment import LONGEST_TEMPLATE
from conductor_dsl.messages.plain_reading import read_plain
from conductor_dsl.messages.template_to_reading import read_template

PIECES = [
    "Hi ", "{{ ", " }}", "{{", "}}", "brand", "first_name", ".", "event", "[0]", "size", " | ", "default: ", "default",
    '"friend"', "'you'", '""', '"', "upcase", "{% if x %}", "{% endif %}", "{%", "%}", "{#", "{", "}", "\n", "-", "nil",
    "true", "1", ":", ",", "{{ a }}", "{{ a.b | default: 'c' }}", "é", " ",
]  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_a_plain_reading_is_what_liquid_reads(text: str) -> None:
    plain = read_plain(text)
    assert plain is None or plain == read_template(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no gaps",
        '{{ brand }}: hi, {{first_name | default: "friend"}}! {{ shop_url }}/back',
        "{{ event.total }} {x}}",
    ],
)
def test_everyday_templates_are_plain(text: str) -> None:
    assert read_plain(text) == read_template(text)


@pytest.mark.parametrize("text", ["{{ a | upcase }}", "{% if a %}x{% endif %}", "{{ a", "{{- a }}", "{{ a.size }}"])
def test_anything_else_is_left_to_liquid(text: str) -> None:
    assert read_plain(text) is None


def test_a_template_that_liquid_finds_too_long_is_left_to_liquid() -> None:
    assert read_plain("a" * (LONGEST_TEMPLATE + 1)) is None
