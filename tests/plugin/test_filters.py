"""Filters of plugins: checked where they are written, kept within bounds where they are rendered."""

from __future__ import annotations

import pytest

from conductor_dsl.api import TemplateFilter
from conductor_dsl.messages.template_to_reading import paths, read_template
from conductor_dsl.messages.template_to_renderer import TemplateError, compile_positional, compile_template


def in_dollars(points: object, rate: object = 100) -> str:
    return f"${int(str(points)) / int(str(rate)):.2f}"


def star(value: object) -> str:
    return f"<b>{value}</b>"


def ends(_value: object) -> str:
    raise SystemError("no more")


FILTERS = (
    TemplateFilter("in_dollars", in_dollars, "points as money", longest=12),
    TemplateFilter("star", star, "in bold", html=True),
    TemplateFilter("or_friend", lambda value: value or "friend", "a friend without a name", fills=True),
    TemplateFilter("many", lambda value: str(value) * 100, "very much", longest=50),
    TemplateFilter("ends", ends, "fails"),
)


def render(text: str, *, html: bool = False, **values: object) -> str:
    return compile_template(text, FILTERS, html=html)(values)


def test_a_filter_of_a_plugin_renders() -> None:
    assert render("You have {{ points | in_dollars }}.", points=1250) == "You have $12.50."
    assert render("{{ points | in_dollars: 10 }}", points=1250) == "$125.00"
    assert compile_positional("{{ points | in_dollars }}", ("points",), {}, FILTERS)([300]) == "$3.00"


def test_a_filter_without_its_plugin_is_a_problem_with_its_place() -> None:
    reading = read_template("Hi {{ points | in_dolars }}", FILTERS)
    assert reading.problem == "there is no filter `in_dolars`, did you mean `in_dollars`?"
    assert reading.problem_offset == len("Hi {{ points | ")
    assert read_template("{{ points | in_dollars }}").problem is not None
    assert read_template("{{ points | in_dollars }}", FILTERS).problem is None


@pytest.mark.parametrize("written", ["in_dollars: 1, 2", "in_dollars: by: 3", "star: 1"])
def test_arguments_that_a_filter_does_not_take_are_a_problem(written: str) -> None:
    problem = read_template(f"{{{{ points | {written} }}}}", FILTERS).problem
    assert problem == f"the filter `{written.partition(':')[0]}` does not take what stands behind it"


def test_a_value_that_a_filter_fills_needs_no_default() -> None:
    assert [use.has_default for use in read_template("{{ name | or_friend }}", FILTERS).variables] == [True]
    assert [use.has_default for use in read_template("{{ name | star }}", FILTERS).variables] == [False]
    assert paths("{{ name | or_friend }}", FILTERS) == ("name",)


def test_what_a_filter_gives_is_escaped_in_html() -> None:
    assert render("{{ name | or_friend }}", html=True, name="<script>") == "&lt;script&gt;"


def test_html_from_a_filter_stays_and_what_the_contact_wrote_in_it_does_not() -> None:
    assert render("{{ name | star }}", html=True, name="<i>Ada</i>") == "<b>&lt;i&gt;Ada&lt;/i&gt;</b>"
    assert render("{{ name | star }}", name="Ada") == "Ada"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{ name | many }}", "the filter `many` gave more than 50 characters"),
        ("{{ name | ends }}", "the filter `ends` failed: no more"),
        ("{{ name | in_dollars }}", "the filter `in_dollars` failed"),
    ],
)
def test_a_filter_that_goes_wrong_spoils_its_message_only(text: str, message: str) -> None:
    with pytest.raises(TemplateError, match=message):
        render(text, name="Ada")
