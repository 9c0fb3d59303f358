"""Whether two pieces of HTML are the same but for the styles of their elements, whichever ways their template takes."""

from __future__ import annotations

from collections.abc import Mapping
from html.parser import HTMLParser

from conductor_dsl.messages.html_to_text import VOID

_FORKS = frozenset({"if", "unless", "case", "for", "comment", "raw"})
_NEXT_WAY = frozenset({"else", "elsif", "when"})


def is_same_markup(before: str, after: str, ways: Mapping[str, str]) -> bool:
    """Whether `after` has the elements, attributes, texts and comments of `before` in the same order.

    `ways` names the comments that stand for tags of a template: between two of them every element that begins must
    end, and none may end that began before, or the elements would depend on which way is taken.
    """
    first, second = _Reader(ways), _Reader(ways)
    for reader, html in ((first, before), (second, after)):
        reader.feed(html)
        reader.close()
    return first.is_whole and not first.ways and first.seen() == second.seen()


class _Reader(HTMLParser):
    """Collects what is there; `ways` holds the depth at which each of the ways we are in began."""

    def __init__(self, names: Mapping[str, str]) -> None:
        super().__init__(convert_charrefs=True)
        self.is_whole = True
        self._names = names
        self._found: list[tuple[str, ...]] = []
        self._depth = 0
        self.ways: list[int] = []
        self._in_style = False

    def seen(self) -> list[tuple[str, ...]]:
        """Elements, texts without white space round them, and comments."""
        return [each for each in self._found if each != ("text", "")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        self._in_style = tag == "style"
        if tag == "style":
            return
        others = sorted(f"{name}={value or ''}" for name, value in attrs if name != "style")
        self._found.append(("begin", tag, *others))
        self._depth += tag not in VOID

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element with a slash at its end, which in HTML means nothing."""
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """Close an element."""
        self._in_style = False
        if tag == "style" or tag in VOID:
            return
        self._found.append(("end", tag))
        self._depth -= 1
        if self.ways and self._depth < self.ways[-1]:
            self.is_whole = False

    def handle_data(self, data: str) -> None:
        """Text; white space at its ends shows nothing."""
        if not self._in_style:
            self._found.append(("text", " ".join(data.split())))

    def handle_comment(self, data: str) -> None:
        """A comment, which may stand for a tag of the template."""
        self._found.append(("comment", data.strip()))
        name = self._names.get(data.strip(), "")
        if name in _FORKS:
            self.ways.append(self._depth)
        elif name in _NEXT_WAY or name.removeprefix("end") in _FORKS:
            self.is_whole = self.is_whole and bool(self.ways) and self._depth == self.ways[-1]
            if name not in _NEXT_WAY and self.ways:
                self.ways.pop()

    def handle_decl(self, decl: str) -> None:
        """The type of the document."""
        self._found.append(("type", decl.lower()))
