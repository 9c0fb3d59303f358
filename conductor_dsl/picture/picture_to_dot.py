"""From a picture to DOT, for Graphviz and what reads its language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from conductor_dsl.picture.nouns import Card, Look, Picture, every_part
from conductor_dsl.picture.picture_to_links import Link, picture_to_links

_SHAPES: Mapping[Look, str] = MappingProxyType(
    {
        Look.DOOR: "oval",
        Look.CHOICE: "hexagon",
        Look.WAIT: "box",
        Look.MESSAGE: "note",
        Look.ACTION: "box",
        Look.JUMP: "cds",
        Look.END: "oval",
    }
)
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})


def picture_to_dot(picture: Picture) -> str:
    """A directed graph, with a cluster for each thread."""
    return "\n".join(_lines(picture)) + "\n"


def _lines(picture: Picture) -> Iterator[str]:
    yield f"digraph {_quoted(picture.title)} {{"
    yield '  node [fontname="Helvetica", fontsize=11]; edge [fontname="Helvetica", fontsize=10];'
    for index, column in enumerate(picture.columns):
        yield f"  subgraph cluster{index} {{"
        yield f"    label={_quoted(column.name)};"
        yield from (f"    {_node(door)}" for door in filter(None, (column.door,)))
        yield from (f"    {_node(part.card)}" for part in every_part(column.parts))
        yield "  }"
    yield from (f"  {_edge(link)}" for link in picture_to_links(picture))
    yield "}"


def _node(card: Card) -> str:
    words = "\n".join(line for line in (card.title, card.text, *card.counts) if line)
    return f"{card.key} [shape={_SHAPES[card.look]}, label={_quoted(words)}];"


def _edge(link: Link) -> str:
    style = ["style=dashed", "constraint=false"] if link.is_jump else []
    label = [f"label={_quoted(link.label)}"] if link.label else []
    attributes = ", ".join([*label, *style])
    return f"{link.start} -> {link.end} [{attributes}];" if attributes else f"{link.start} -> {link.end};"


def _quoted(text: str) -> str:
    return f'"{text.translate(_ESCAPES)}"'
