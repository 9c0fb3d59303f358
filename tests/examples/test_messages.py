"""The e-mails of the examples are built as e-mail programs want them, for narrow and wide windows, light and dark."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from conductor_dsl.messages.html_to_text import html_to_text
from conductor_dsl.messages.saved_messages import load_saved_messages

EXAMPLES = Path(__file__).parents[2] / "examples"
EMAILS = {
    f"{folder.parent.name}/{name}": message
    for folder in sorted(EXAMPLES.glob("*/messages"))
    for name, message in load_saved_messages(folder).items()
}
CLIPPED_AT = 102_400
"""Bytes of HTML behind which Gmail shows no more."""
VOID = frozenset({"br", "img", "meta", "hr"})

each_email = pytest.mark.parametrize("name", EMAILS)


class Elements(HTMLParser):
    """Every element with its attributes; `open` are those that are not closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.feed(re.sub(r"\{%.*?%\}", "", html))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag, tag

    def of(self, tag: str) -> list[dict[str, str]]:
        return [attributes for each, attributes in self.found if each == tag]


@each_email
def test_every_element_is_closed(name: str) -> None:
    assert Elements(EMAILS[name].body).open == []


@each_email
def test_tables_are_for_the_layout_and_say_so_to_screen_readers(name: str) -> None:
    tables = Elements(EMAILS[name].body).of("table")
    assert tables and all(table.get("role") == "presentation" for table in tables)


@each_email
def test_pictures_have_alternative_texts_and_come_from_the_catalogue(name: str) -> None:
    for picture in Elements(EMAILS[name].body).of("img"):
        assert picture["alt"] and picture["src"].startswith("{{ event.")


@each_email
def test_links_lead_to_the_shop_and_say_where(name: str) -> None:
    body = EMAILS[name].body
    links = Elements(body).of("a")
    assert len(links) >= 2
    assert all(
        link["href"].startswith(("{{ shop_url }}", "{{ unsubscribe_url }}", "{{ event.url }}")) for link in links
    )
    assert not re.search(r">\s*(?:click here|here|read more)\s*</a>", body, re.IGNORECASE)


@each_email
def test_it_fits_a_narrow_window_and_a_wide_one(name: str) -> None:
    body = EMAILS[name].body
    assert 'name="viewport" content="width=device-width, initial-scale=1"' in body
    assert "max-width: 600px" in body and "@media (max-width: 599px)" in body
    fixed = [int(width) for width in re.findall(r'width="(\d+)"', body)]
    assert max(fixed) <= 600


@each_email
def test_it_has_colours_for_the_dark(name: str) -> None:
    body = EMAILS[name].body
    assert 'name="color-scheme" content="light dark"' in body
    dark = body.partition("@media (prefers-color-scheme: dark)")[2].partition("</style>")[0]
    assert {".page", ".card", ".ink", ".muted"} <= set(re.findall(r"\.\w+", dark))


@each_email
def test_it_has_one_headline_a_language_and_a_title(name: str) -> None:
    body = EMAILS[name].body
    elements = Elements(body)
    assert len(elements.of("h1")) == 1
    assert elements.of("html")[0]["lang"] == "en"
    assert re.search(r"<title>[^<]+</title>", body)


@each_email
def test_its_first_lines_fit_a_telephone(name: str) -> None:
    message = EMAILS[name]
    subject = re.sub(r"\{\{.*?\}\}", "12345678", message.subject)
    assert 10 <= len(subject) <= 60
    assert 20 <= len(message.preheader) <= 100
    assert message.preheader != message.subject


@each_email
def test_it_is_small_and_says_the_same_in_plain_text(name: str) -> None:
    body = EMAILS[name].body
    assert len(body.encode()) < CLIPPED_AT / 5
    text = html_to_text(body)
    assert len(text) > 200 and "<" not in text


@each_email
def test_small_print_can_be_read_on_its_ground(name: str) -> None:
    for ground, ink in coloured_texts(EMAILS[name].body):
        assert contrast(ground, ink) >= 4.5, (ground, ink)


def coloured_texts(body: str) -> Iterator[tuple[str, str]]:
    """Pairs of a ground and the colour of a text that stands on it, where one element names both."""
    for _, attributes in Elements(body).found:
        ink = re.search(r"(?<![-\w])color: (#[0-9a-f]{6})", attributes.get("style", ""))
        if ink and (ground := attributes.get("bgcolor")):
            yield ground, ink[1]


def contrast(one: str, other: str) -> float:
    """The contrast of two colours as WCAG 2 counts it."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return float(sum(share * value for share, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True)))
