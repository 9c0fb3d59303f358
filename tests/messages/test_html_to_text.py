"""The text part of an e-mail."""

from __future__ import annotations

import pytest

from conductor_dsl.messages.html_to_text import html_to_text, is_html


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<h1>Hi</h1><p>We <b>miss</b>\n  you.</p><p>Bye</p>", "Hi\n\nWe miss you.\n\nBye"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<ul><li>One</li><li>Two</li></ul><p>x</p>", "- One\n- Two\n\nx"),
        ('<p><a href="https://x.example/?a=1&amp;b=2">Shop</a>.</p>', "Shop (https://x.example/?a=1&b=2)."),
        ('<a href="https://x.example">https://x.example</a>', "https://x.example"),
        ('<a href="mailto:a@x.example">a@x.example</a> <a href="#top">Top</a>', "a@x.example Top"),
        (
            '<a href="https://x.example"><img src="i.png" alt="Sale"></a><img src="p.gif" alt="">',
            "Sale (https://x.example)",
        ),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("<head><title>T</title><style>p{}</style></head><script>x()</script>y", "y"),
        ("<div style='display: none'>peek<br><img src=x></div><div>seen</div>", "seen"),
        ("Tom &amp; Zo&euml; &lt;3", "Tom & Zoë <3"),
        (
            "<p>Hi {{ a | default: 'b' }}</p><a href='{{ shop_url }}/x'>go</a>",
            "Hi {{ a | default: 'b' }}\n\ngo ({{ shop_url }}/x)",
        ),
        ("<p>{% if a %}x{% endif %}</p>", "{% if a %}x{% endif %}"),
        ("<p>never closed", "never closed"),
        ("", ""),
    ],
)
def test_html_becomes_readable_text(html: str, text: str) -> None:
    assert html_to_text(html) == text


@pytest.mark.parametrize(
    ("body", "expected"),
    [("<p>x</p>", True), ("x<br>", True), ("<!DOCTYPE html>x", True), ("a < b and b > c", False), ("I <3 you", False)],
)
def test_html_is_known_by_its_tags(body: str, expected: bool) -> None:
    assert is_html(body) is expected
