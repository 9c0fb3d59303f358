"""What a template reads, with places, and why a template cannot be read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conductor_dsl.messages.template_to_reading import paths, read_template


def uses(text: str) -> list[tuple[str, int, bool]]:
    """The variables of a template that can be read."""
    reading = read_template(text)
    assert reading.problem is None
    return [(use.path, use.offset, use.has_default) for use in reading.variables]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello", []),
        ("Hi {{ first_name }}!", [("first_name", 6, False)]),
        ("{{a.b}} {{ a.b | upcase }}", [("a.b", 2, False), ("a.b", 11, False)]),
        ("{{ a | default: 'x' | upcase }}", [("a", 3, True)]),
        ("{{ a | default: b }}", [("a", 3, True), ("b", 16, False)]),
        ("{{ a | default: b | default: 'c' }}", [("a", 3, True), ("b", 16, True)]),
        ("é{{ a }}", [("a", 4, False)]),
        ("{% comment %}{{ a }}{% endcomment %}{% raw %}{{ b }}{% endraw %}", []),
        ("{{ a[b.c].d }}", [("a", 3, False), ("b.c", 5, False)]),
        ("{% liquid\n assign x = y | upcase\n echo x\n%}", [("y", 22, False)]),
        ("{% case a %}{% when 'x' or y %}{% endcase %}", [("a", 8, True), ("y", 27, True)]),
    ],
)
def test_every_variable_is_found_where_it_stands(text: str, expected: list[tuple[str, int, bool]]) -> None:
    assert uses(text) == expected


def test_a_loop_variable_is_what_the_loop_runs_over() -> None:
    inner = "{% for s in p.sizes %}{{ s }}{% endfor %}"
    text = f"{{% for p in order.products %}}{{{{ p.title }}}}{{{{ forloop.index }}}}{inner}{{% endfor %}}"
    assert [path for path, _, _ in uses(text)] == [
        "order.products",
        "order.products.[].title",
        "order.products.[].sizes",
        "order.products.[].sizes.[]",
    ]


def test_a_loop_variable_ends_with_its_loop() -> None:
    assert [path for path, _, _ in uses("{% for p in items %}{% endfor %}{{ p }}")] == ["items", "p"]


def test_an_assigned_name_is_what_it_was_assigned() -> None:
    assert uses("{% assign i = event.items[0] %}{{ i.title }}") == [
        ("event.items.[]", 14, True),
        ("event.items.[].title", 34, False),
    ]


def test_an_assigned_text_is_no_variable_of_the_project() -> None:
    assert [
        path for path, _, _ in uses("{% assign x = a | upcase %}{% capture y %}{% endcapture %}{{ x }}{{ y }}")
    ] == ["a"]


@pytest.mark.parametrize(
    ("condition", "guards"),
    [
        ("a", True),
        ("a and b", True),
        ("a != blank", True),
        ("a == 'Gold'", True),
        ("a > 3", True),
        ("a or b", False),
        ("a == blank", False),
        ("a != 'Gold'", False),
        ("b", False),
    ],
)
def test_a_condition_guards_what_it_tests(condition: str, guards: bool) -> None:
    printed = uses(f"{{% if {condition} %}}{{{{ a }}}}{{% endif %}}")[-1]
    assert (printed[0], printed[2]) == ("a", guards)


def test_a_condition_does_not_guard_what_stands_in_else() -> None:
    text = "{% if a %}{% else %}{{ a }}{% endif %}{% if b %}{% elsif c %}{{ c }}{% endif %}"
    assert [(path, safe) for path, _, safe in uses(text)] == [
        ("a", True),
        ("a", False),
        ("b", True),
        ("c", True),
        ("c", True),
    ]


@pytest.mark.parametrize(
    ("text", "problem", "offset"),
    [
        ("ab {% if a %}x", "`{% if %}` is never closed", 3),
        ("{% for a in b %}{% if a %}{% endif %}", "`{% for %}` is never closed", 0),
        ("a {% comment %}", "`{% comment %}` is never closed", 2),
        ("a {% raw %}", "`{% raw %}` is never closed", 5),
        ("{% if a %}{{ b }}{% endif %} {{ a | }} {{ c }}", "expected word, found nothing", 29),
        ("{{ }}", "expected a primitive expression, found nothing", 0),
        ("x {{ a", "expected `}}`, found end of file", 2),
        ("{% fore %}", "there is no tag `fore`, did you mean `for`?", 3),
        ("{% include 'x' %}", "there is no tag `include`", 3),
        ("{% endif %}", "`{% endif %}` has no tag that it belongs to", 3),
        ("{{ a | upcas }}", "there is no filter `upcas`, did you mean `upcase`?", 7),
        ("{{ a | safe }}", "there is no filter `safe`", 7),
        ("{{ a b }}", "expected end of expression, found word", 5),
        ("{{ (1..3) | join }}", "a range such as `(1..3)` can only stand in `for`", 3),
        ("{% assign x = (1..a) %}", "a range such as `(1..a)` can only stand in `for`", 14),
        ("{% tablerow i in (1..9) %}{% endtablerow %}", "a range such as `(1..9)` can only stand in `for`", 17),
        ("{% for i in (1..9) reversed %}{% endfor %}", "the range `(1..9)` cannot be reversed", 12),
        ("{{ 'now' | date: '%Y' }}", "`now` is not a date", 3),
    ],
)
def test_a_template_that_cannot_be_read_says_why_and_where(text: str, problem: str, offset: int) -> None:
    reading = read_template(text)
    assert (reading.problem, reading.problem_offset) == (problem, offset)
    assert paths(text) == ()


def test_a_range_may_stand_in_for() -> None:
    assert uses("{% for i in (1..n) %}{{ i }}{% endfor %}") == [("n", 16, True)]


def test_a_huge_template_and_a_deep_one_have_a_problem_and_no_traceback() -> None:
    assert "longer than" in (read_template("x" * 600_000).problem or "")
    assert read_template("{{ a" + "[a" * 3_000 + "]" * 3_000 + " }}").problem == "the template is nested too deeply"
    assert read_template("{% if a %}" * 100 + "{% endif %}" * 100).problem == "block nesting limit reached"


parts = [*"{}%| ab.'\"[]()1:,\n-", "{{", "}}", "{%", "%}", "if", "for", "in", "end", "raw"]


@given(st.lists(st.sampled_from(parts), max_size=40).map("".join))
def test_no_text_makes_the_reader_fail(text: str) -> None:
    reading = read_template(text)
    assert 0 <= reading.problem_offset <= len(text)
    assert all(0 <= use.offset < len(text) for use in reading.variables)


def test_the_values_of_a_template_are_distinct_and_in_order() -> None:
    text = "{{ b }}{{ a }}{{ b }}{% for i in event.items %}{{ i.title }}{% endfor %}{{ event.items.size }}{{ a.x }}"
    assert paths(text) == ("a", "b", "event.items")
