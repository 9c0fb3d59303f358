"""Liquid hidden from those who read HTML: comments stand for it between elements, words for it inside of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_LIQUID = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_TAG_NAME = re.compile(r"\{%-?\s*(\w+)")
_WORD = re.compile(r"cdxliquid(\d+)x")
_COMMENT = re.compile(r"<!--cdxliquid(\d+)x-->")
_MARKUP = re.compile(
    r"<!--.*?-->|<(title|style|script|textarea|xmp)\b[^>]*>.*?</\1\s*>|<[a-z!/](?:\"[^\"]*\"|'[^']*'|[^'\">])*>",
    re.IGNORECASE | re.DOTALL,
)
"""What is no text between elements. An element whose content is no mark-up counts as one piece."""
_VALUES = re.compile(r"""([\w:-]+)\s*=\s*("[^"]*"|'[^']*')""")
_DECIDES = frozenset({"class", "id", "style"})
"""Attributes on which it depends which rules are about an element, or what they come to."""
_NO_MARKUP = re.compile(r"<(?:style|script|textarea|xmp)\b", re.IGNORECASE)
_UNSEEN = frozenset({"capture", "liquid", "tablerow"})
"""Tags whose content may come out elsewhere, or that write mark-up themselves."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """HTML with something in the place of each piece of Liquid.

    `ways` gives the name of the tag (`if`, `else`, `endif`, `for` ...) of each comment that stands for one.
    """

    html: str
    pieces: tuple[str, ...]
    in_attributes: bool
    ways: dict[str, str] = field(default_factory=dict)

    @property
    def has_ways(self) -> bool:
        """Whether what comes out can have more or fewer elements than the template."""
        return bool(self.ways)

    def show(self, html: str) -> str:
        """The HTML with the Liquid in it again."""
        shown = _COMMENT.sub(lambda found: self.pieces[int(found[1])], html)
        return _WORD.sub(lambda found: self.pieces[int(found[1])], shown)


def hide(template: str) -> Hidden | None:
    """The template as HTML; None where its Liquid stands where it cannot be hidden, or decides which rules apply."""
    pieces = tuple(_LIQUID.findall(template))
    names = [found[1] if (found := _TAG_NAME.match(piece)) else "" for piece in pieces]
    if "cdxliquid" in template or _UNSEEN.intersection(names):
        return None
    counted = iter(range(len(pieces)))
    marked = _LIQUID.sub(lambda _: f"cdxliquid{next(counted)}x", template)
    out, at, in_attributes = [], 0, False
    for found in _MARKUP.finditer(marked):
        inside = _WORD.search(found[0]) is not None
        if inside and not _can_stay(found[0]):
            return None
        in_attributes = in_attributes or (inside and not found[0].startswith("<!--") and not found[1])
        out += [_as_comments(marked[at : found.start()]), found[0]]
        at = found.end()
    html = "".join(out) + _as_comments(marked[at:])
    ways = {f"cdxliquid{number}x": name for number, name in enumerate(names) if name and name != "assign"}
    return Hidden(html, pieces, in_attributes, ways)


def _as_comments(text: str) -> str:
    return _WORD.sub(r"<!--cdxliquid\1x-->", text)


def _can_stay(markup: str) -> bool:
    """Whether Liquid in a piece of mark-up is in plain text, or in the value of an attribute that decides nothing."""
    if markup.startswith("<!--"):
        return True
    if _NO_MARKUP.match(markup):
        return False
    if markup[:6].lower() == "<title":
        return not _WORD.search(markup.partition(">")[0])
    values = _VALUES.findall(markup)
    decided = any(name.lower() in _DECIDES and _WORD.search(value) for name, value in values)
    return not decided and _WORD.search(_VALUES.sub("", markup)) is None
