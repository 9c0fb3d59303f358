"""The text part of an e-mail, from its HTML."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_SPACED = frozenset({"blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "ol", "p", "table", "ul"})
_BLOCKS = _SPACED | {"article", "center", "dd", "div", "dl", "dt", "footer", "header", "li", "pre", "section", "tr"}
_HIDDEN = frozenset({"head", "script", "style", "template", "title"})
VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
"""Elements that have no end tag."""
_TAG = re.compile(
    r"<(?:!doctype|html|body|table|div|p|br|a|span|h[1-6]|img|ul|ol|strong|b|em|i)\b[^>]*>", re.IGNORECASE
)


def is_html(body: str) -> bool:
    """Whether the body of an e-mail is written in HTML."""
    return _TAG.search(body) is not None


def html_to_text(html: str) -> str:
    """Readable text: paragraphs, bullets, links as `text (url)`, images by their alternative text.

    Hidden parts are left out. Liquid tags pass unharmed, so that a template gives a template.
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    text = re.sub(r"[^\S\n]*\n[^\S\n]*", "\n", "".join(reader.out))
    return re.sub(r"\n{3,}", "\n\n", text).strip()


class _Reader(HTMLParser):
    """Collects text; `hidden` counts the open elements inside a hidden one, itself included."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self.hidden = 0
        self.links: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        given = {name: value or "" for name, value in attrs}
        if self.hidden or tag in _HIDDEN or _is_hidden(given):
            self.hidden += tag not in VOID
            return
        self._break(tag)
        if tag == "li":
            self.out.append("- ")
        elif tag == "a":
            self.links.append((given.get("href", ""), len(self.out)))
        elif tag == "img" and given.get("alt"):
            self.handle_data(given["alt"])

    def handle_endtag(self, tag: str) -> None:
        """Close an element."""
        if self.hidden:
            self.hidden -= tag not in VOID
            return
        if tag == "a" and self.links:
            self._link(*self.links.pop())
        elif tag in ("td", "th"):
            self.out.append(" ")
        elif tag in _BLOCKS:
            self._break(tag)

    def handle_data(self, data: str) -> None:
        """Text; runs of white space are one space."""
        if self.hidden:
            return
        text = re.sub(r"[\s\u200b\u200c\u00ad]+", " ", data)
        at_start = not self.out or self.out[-1].endswith(("\n", " "))
        self.out.append(text.lstrip(" ") if at_start else text)

    def _break(self, tag: str) -> None:
        if tag == "br":
            self.out.append("\n")
        elif tag in _BLOCKS and self.out:
            tail = "".join(self.out[-4:]).rstrip(" ")
            there = len(tail) - len(tail.rstrip("\n"))
            self.out.append("\n" * ((2 if tag in _SPACED else 1) - there))

    def _link(self, href: str, start: int) -> None:
        label = "".join(self.out[start:]).strip()
        target = href.removeprefix("mailto:").removeprefix("tel:")
        if target and not target.startswith("#") and target != label:
            self.out.append(f" ({target})" if label else target)


def _is_hidden(given: dict[str, str]) -> bool:
    style = given.get("style", "").replace(" ", "").lower()
    return "hidden" in given or "display:none" in style or given.get("aria-hidden") == "true"
