"""Templates as functions: the short way agrees with Liquid, and neither can run away."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from liquid import BoundTemplate

from conductor_dsl.messages.simple_template import simple_pieces
from conductor_dsl.messages.template_to_reading import parse, paths
from conductor_dsl.messages.template_to_renderer import TemplateError, compile_positional, compile_template

FILTERS = ["upcase", "downcase", "capitalize", "strip", "default: 'x'", "default: '<b>'", "default: 3", "append: '&'"]
texts = st.text(alphabet="aBß éİ&<>\"'👍\n", max_size=8) | st.sampled_from(["", " ", "<a href='x'>&\"", "ßİ👩‍👩‍👧"])
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("bc"), inner), max_leaves=4
)
literals = st.text(alphabet="xyé\n<& ", max_size=4)
gaps = st.builds(
    lambda path, filters, trim: f"{{{{{trim} " + " | ".join([path, *filters]) + " }}",
    st.sampled_from(["a", "b", "a.b", "a.b.c", "missing"]),
    st.lists(st.sampled_from(FILTERS), max_size=3),
    st.sampled_from(["", "-"]),
)
templates = st.lists(literals | gaps, max_size=5).map("".join)


def by_liquid(text: str, given_values: dict[str, Any], *, html: bool) -> str:
    """What Liquid makes of it, with nothing of ours between."""
    template = parse(text, html=html)
    assert isinstance(template, BoundTemplate)
    assert simple_pieces(template.nodes, html=html) is not None
    return template.render(given_values)


@given(text=templates, given_values=st.dictionaries(st.sampled_from("ab"), values), html=st.booleans())
def test_the_short_way_gives_what_liquid_gives(text: str, given_values: dict[str, Any], html: bool) -> None:
    expected = by_liquid(text, given_values, html=html)
    assert compile_template(text, html=html)(given_values) == expected


@given(text=templates, given_values=st.dictionaries(st.sampled_from("ab"), scalars), html=st.booleans())
def test_values_in_order_give_what_named_values_give(text: str, given_values: dict[str, Any], html: bool) -> None:
    needed = [path for path in paths(text) if path != "b"]
    row = [given_values.get(path) for path in needed]
    constants = {"b": given_values.get("b")}
    named = {"a": given_values.get("a"), **constants} if "a" in needed else constants
    assert compile_positional(text, needed, constants, html=html)(row) == compile_template(text, html=html)(named)


def test_a_template_with_tags_is_rendered_from_values_in_order() -> None:
    text = "{% for i in event.items %}{{ i.title }},{% endfor %}{{ brand }}"
    render = compile_positional(text, ("event.items",), {"brand": "Shop"})
    assert render([[{"title": "A"}, {"title": "B"}]]) == "A,B,Shop"


def test_a_part_of_a_whole_value_is_found() -> None:
    assert compile_positional("{{ event.total }}", ("event",), {})([{"total": 9}]) == "9"


def test_what_is_missing_prints_as_nothing() -> None:
    assert compile_template("a{{ b }}{{ c.d }}{% if e %}{% endif %}f")({}) == "af"


def test_html_escapes_values_and_not_what_the_author_wrote() -> None:
    render = compile_template("<b>{{ a }}</b>{{ c | default: '<i>' }}{% if a %}{{ a }}{% endif %}", html=True)
    assert render({"a": "<x>&\"'"}) == "<b>&lt;x&gt;&amp;&#34;&#39;</b><i>&lt;x&gt;&amp;&#34;&#39;"


def test_nothing_in_a_template_reads_the_clock() -> None:
    assert compile_template("{% if true %}{{ now }}{{ today }}{{ x | date: '%Y' }}{% endif %}")({"x": "now"}) == "now"


@pytest.mark.parametrize(
    ("value", "text"),
    [("2026-03-02T10:00:00Z", "02.03.2026"), (1_772_445_600_000, "02.03.2026"), ("soon", "soon"), (None, "")],
)
def test_a_date_is_an_iso_text_or_an_instant(value: object, text: str) -> None:
    assert compile_template("{{ x | date: '%d.%m.%Y' }}")({"x": value}) == text


@pytest.mark.parametrize(
    "text",
    [
        "{% for i in (1..99999999999) %}x{% endfor %}",
        "{% for i in (1..5000) %}{% for j in (1..5000) %}x{% endfor %}{% endfor %}",
        "{% assign x = 'xxxxxxxx' %}" + "{% assign x = x | append: x %}" * 40,
        "{% for i in (1..9000) %}" + "x" * 1_000 + "{% endfor %}",
        "{{ a | divided_by: 0 }}",
    ],
)
def test_a_template_that_would_run_away_is_stopped(text: str) -> None:
    with pytest.raises(TemplateError, match="cannot be rendered"):
        compile_template(text)({"a": 1})


@pytest.mark.parametrize(
    "text", ["{% if %}", "{{ (1..9) | join }}", "{% for i in (1..99999999999) reversed %}{% endfor %}"]
)
def test_a_template_that_cannot_be_read_is_not_compiled(text: str) -> None:
    with pytest.raises(TemplateError, match="cannot be read"):
        compile_template(text)
    with pytest.raises(TemplateError, match="cannot be read"):
        compile_positional(text, (), {})
