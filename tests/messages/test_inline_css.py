"""Style sheets go into the elements of a template once; what comes out is what inlining each message would give."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conductor_dsl.messages import inline_css
from conductor_dsl.messages.inline_css import inline_rendered, inline_template
from conductor_dsl.messages.preheader import with_preheader
from conductor_dsl.messages.sample_values import sample_values
from conductor_dsl.messages.saved_messages import load_saved_messages
from conductor_dsl.messages.template_to_reading import paths
from conductor_dsl.messages.template_to_renderer import compile_template

EXAMPLES = Path(__file__).parents[2] / "examples"
CSS = "p { color: red } .a { margin: 1px } div.a p { color: blue } td { padding: 2px } a:hover { color: green }"
VALUES = (
    {"x": True, "y": True, "items": ["1", "2"], "name": '<b>"Zoë" & Co</b>'},
    {"x": False, "y": True, "items": [], "name": ""},
    {"x": True, "y": False, "items": ["1"], "name": "'"},
)


class Styled(HTMLParser):
    """What there is in a page: elements with their attributes and styles, and text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[object] = []
        self._in_style = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_style = tag == "style"
        styles = {part.strip() for name, value in attrs if name == "style" for part in (value or "").split(";")} - {""}
        rest = sorted((name, value or "") for name, value in attrs if name != "style")
        if tag not in ("html", "head", "body", "tbody", "style"):
            self.found.append((tag, rest, sorted(styles)))

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False
        if tag not in ("html", "head", "body", "tbody", "style"):
            self.found.append(tag)

    def handle_data(self, data: str) -> None:
        if data.strip() and not self._in_style:
            self.found.append(" ".join(data.split()))


def assert_alike(template: str, inlined: str, values: object) -> None:
    """Rendering the inlined template gives what inlining the rendered template gives."""
    once = compile_template(inlined, html=True)(values)  # type: ignore[arg-type]
    each = inline_rendered(compile_template(template, html=True)(values))  # type: ignore[arg-type]
    assert Styled(once).found == Styled(each).found


def page(body: str, css: str = CSS) -> str:
    return f"<html><head><style>{css}</style></head><body>{body}</body></html>"


def saved() -> list[tuple[str, str]]:
    return [
        (f"{folder.parent.name}/{name}", with_preheader(message.body, message.preheader))
        for folder in sorted(EXAMPLES.glob("*/messages"))
        for name, message in load_saved_messages(folder).items()
        if "<style" in message.body
    ]


@pytest.mark.parametrize(("name", "body"), saved(), ids=lambda each: each if "/" in each[:30] else "")
def test_every_example_is_inlined_once_and_comes_out_the_same(name: str, body: str) -> None:
    inlined = inline_template(body)
    assert inlined is not None and inlined != body
    assert body.count("@media") == inlined.count("@media")
    read = paths(body)
    flat = dict(zip(read, sample_values(read, {}), strict=True))
    assert_alike(body, inlined, {path: value for path, value in flat.items() if "." not in path})


def test_rules_go_into_elements_and_the_rest_stays() -> None:
    css = "p { color: red } @media (max-width: 5px) { p { color: blue !important } } a:hover { color: green }"
    inlined = inline_template(page('<p>Hi {{ name | default: "you" }}</p>', css))
    assert inlined is not None
    assert '<p style="color: red;">Hi {{ name | default: "you" }}</p>' in inlined
    assert "@media" in inlined and "a:hover" in inlined and "p { color: red" not in inlined


def test_a_style_of_the_element_itself_comes_last() -> None:
    inlined = inline_template(page('<p style="margin: 0">Hi</p>'))
    assert inlined is not None and '<p style="color: red;margin: 0">' in inlined


def test_a_piece_of_html_gets_no_frame() -> None:
    inlined = inline_template(f"<style>{CSS}</style><table><tr><td>{{{{ name }}}}</td></tr></table>")
    assert inlined is not None and inlined.endswith('<table><tr><td style="padding: 2px;">{{ name }}</td></tr></table>')


@pytest.mark.parametrize(
    "html", ["<p>Hi</p>", "Hi", "<style></style><p>Hi</p>", page("<p><![if !mso]>Hi<![endif]></p>")]
)
def test_without_a_style_sheet_nothing_changes(html: str) -> None:
    assert inline_template(html) == html


def test_without_css_inline_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inline_css, "_inliner", lambda: None)
    assert inline_template(page("<p>Hi</p>")) == inline_rendered(page("<p>Hi</p>")) == page("<p>Hi</p>")


@pytest.mark.parametrize(
    "body",
    [
        '{% if x %}<div class="a">{% endif %}<p>Hi</p>{% if x %}</div>{% endif %}',
        '{% if x %}<div class="a">{% else %}<div>{% endif %}<p>Hi</p></div>',
        "{% if x %}<p class=a>{% else %}<p>{% endif %}Hi</p>",
        '<p class="{{ name }}">Hi</p>',
        '<p class="{% if x %}a{% endif %}">Hi</p>',
        '<p style="color: {{ name }}">Hi</p>',
        '<p {% if x %}class="a"{% endif %}>Hi</p>',
        "<{{ name }}>Hi</{{ name }}>",
        "<p>Hi<p>there {{ name }}",
        '{% capture z %}<p>{{ name }}</p>{% endcapture %}<div class="a">{{ z }}</div>',
        "<table>{{ name }}<tr><td>{% if x %}</td></tr></table>{% endif %}",
        "<p>cdxliquid0x {{ name }}</p>",
        "{% raw %}{% if x %}<p>{% endraw %}</p>",
    ],
)
def test_where_liquid_decides_about_elements_each_message_is_inlined(body: str) -> None:
    assert inline_template(page(body)) is None


@pytest.mark.parametrize("css", ["p:first-child { color: red }", "p + p { color: red }", "p:not(.a) { color: red }"])
def test_rules_about_neighbours_wait_for_the_message_if_it_can_have_others(css: str) -> None:
    assert inline_template(page("{% if x %}<p>A</p>{% endif %}<p>B</p>", css)) is None
    assert inline_template(page("<p>A</p><p>B {{ name }}</p>", css)) is not None


def test_rules_about_attributes_wait_for_the_message_if_liquid_is_in_them() -> None:
    css = 'a[href^="https"] { color: red }'
    assert inline_template(page('<a href="{{ name }}">B</a>', css)) is None
    assert inline_template(page('<a href="https://a.example">{{ name }}</a>', css)) is not None


def test_liquid_in_a_style_sheet_waits_for_the_message() -> None:
    assert inline_template(page("<p>Hi</p>", "p { color: {{ name }} }")) is None


LEAVES = st.sampled_from(
    """
    Hi {{ name }}
    <p>{{ name }}</p>
    <p class="a">x</p>
    <p class="a">{% if x %}x{% endif %}</p>
    <a href='/?a={{ name }}&amp;b=1'>l</a>
    <br>
    <p>open
    <img alt="{{ name }}">
    {% assign z = name %}
    <!-- {{ name }} -->
    {% for i in items %}<p>{{ i }}</p>{% endfor %}
    <table>{% for i in items %}<tr><td>{{ i }}</td></tr>{% endfor %}</table>
    </div>
    <div class="a">
    """.strip().splitlines()
)
WRAPPERS = st.sampled_from(
    """
    <div class="a">@</div>
    <div>@</div>
    <table><tr><td>@</td></tr></table>
    {% if x %}@{% endif %}
    {% unless y %}@{% endunless %}
    {% if y %}@{% else %}<p>else</p>{% endif %}
    {% case x %}{% when true %}@{% else %}no{% endcase %}
    {% for i in items %}@{% endfor %}
    {% comment %}@{% endcomment %}
    """.strip().splitlines()
)
BODIES = st.recursive(
    LEAVES,
    lambda inner: st.lists(
        st.builds(lambda each, body: each.replace("@", body), WRAPPERS, inner) | inner, max_size=3
    ).map("".join),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(BODIES)
def test_what_is_inlined_once_is_what_each_message_would_be(body: str) -> None:
    inlined = inline_template(page(body))
    if inlined is not None:
        for values in VALUES:
            assert_alike(page(body), inlined, values)
