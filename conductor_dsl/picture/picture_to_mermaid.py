"""From a picture to Mermaid, which many wikis and code hosts draw."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from conductor_dsl.picture.nouns import Card, Look, Picture, every_part
from conductor_dsl.picture.picture_to_links import Link, picture_to_links

_SHAPES: Mapping[Look, tuple[str, str]] = MappingProxyType(
    {
        Look.DOOR: ("([", "])"),
        Look.CHOICE: ("{{", "}}"),
        Look.WAIT: ("(", ")"),
        Look.MESSAGE: ("[", "]"),
        Look.ACTION: ("[/", "/]"),
        Look.JUMP: (">", "]"),
        Look.END: ("([", "])"),
    }
)
_ENTITIES = str.maketrans(
    {"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "`": "#96;", "{": "#123;", "}": "#125;"}
)


def picture_to_mermaid(picture: Picture) -> str:
    """A flowchart, with a box around each thread."""
    return "\n".join(_lines(picture)) + "\n"


def _lines(picture: Picture) -> Iterator[str]:
    yield "flowchart TD"
    for index, column in enumerate(picture.columns):
        yield f'  subgraph thread{index}["{_escaped(column.name)}"]'
        yield from (f"    {_node(part.card)}" for part in every_part(column.parts))
        yield from (f"    {_node(door)}" for door in filter(None, (column.door,)))
        yield "  end"
    yield from (f"  {_arrow(link)}" for link in picture_to_links(picture))


def _node(card: Card) -> str:
    opening, closing = _SHAPES[card.look]
    words = "<br/>".join(_escaped(line) for line in (card.title, card.text, *card.counts) if line)
    return f'{card.key}{opening}"{words}"{closing}'


def _arrow(link: Link) -> str:
    arrow = "-.->" if link.is_jump else "-->"
    label = f'|"{_escaped(link.label)}"|' if link.label else ""
    return f"{link.start} {arrow}{label} {link.end}"


def _escaped(text: str) -> str:
    return text.translate(_ENTITIES)
