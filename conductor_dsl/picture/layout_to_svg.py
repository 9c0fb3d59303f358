"""From a layout to SVG: one text that any browser, e-mail or document can show, in light and in dark."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from html import escape
from types import MappingProxyType

from conductor_dsl.picture.layout import CARD, LINE, MARGIN, Box, Heading, Layout, Line
from conductor_dsl.picture.nouns import Look

FONT = "'Noto Sans', 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
_COLOURS: Mapping[Look, tuple[str, str]] = MappingProxyType(
    {
        Look.DOOR: ("#e8f0fe", "#1a56c4"),
        Look.CHOICE: ("#fff4de", "#a15c00"),
        Look.WAIT: ("#f0edf9", "#5b3fa8"),
        Look.MESSAGE: ("#e3f6ec", "#0b7a43"),
        Look.ACTION: ("#eef1f4", "#44525f"),
        Look.JUMP: ("#fdeaf3", "#a8326f"),
        Look.END: ("#f4f4f4", "#6b6b6b"),
    }
)
"""Ground and edge of each kind of card."""


def layout_to_svg(layout: Layout) -> str:
    """The whole picture as an SVG document."""
    size = f'width="{layout.width:.0f}" height="{layout.height:.0f}"'
    frame = f'viewBox="0 0 {layout.width:.0f} {layout.height:.0f}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {frame} font-family="{FONT}" role="img">',
        f"<title>{escape(layout.title)}</title>",
        _ARROW,
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        _text(MARGIN, 36, layout.title, size=20, weight=700),
        *([_text(MARGIN, 58, " · ".join(layout.notes), size=12, fill="#5f6b76")] if layout.notes else []),
        *map(_heading, layout.headings),
        *_lines(layout.lines),
        *(piece for box in layout.boxes for piece in _box(box)),
        *_labels(layout.lines),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


_ARROW = (
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
    '<path d="M0 0.8 L7 4 L0 7.2 z" fill="#8a96a3"/></marker></defs>'
)


def _text(x: float, y: float, text: str, *, size: int = 12, weight: int = 400, fill: str = "#1f2933") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" fill="{fill}">{escape(text)}</text>'
    )


def _heading(heading: Heading) -> str:
    return _text(heading.x, heading.y + 8, heading.text, size=14, weight=700, fill="#44525f")


def _lines(lines: Iterable[Line]) -> Iterator[str]:
    for line in lines:
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in line.points)
        style = 'stroke="#a8326f" stroke-dasharray="5 4"' if line.dashed else 'stroke="#8a96a3"'
        end = ' marker-end="url(#arrow)"' if line.arrow else ""
        yield f'<polyline points="{points}" fill="none" stroke-width="1.5" {style}{end}/>'


def _labels(lines: Iterable[Line]) -> Iterator[str]:
    for line in lines:
        if line.label:
            yield _text(*line.label_at, line.label, size=11, weight=600, fill="#44525f")


def _box(box: Box) -> Iterator[str]:
    ground, edge = _COLOURS[box.card.look]
    yield (
        f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="{CARD:.0f}" height="{box.height:.0f}" rx="9" '
        f'fill="{ground}" stroke="{edge}" stroke-width="1.2"/>'
    )
    y = box.y + 20
    for line in box.title:
        yield _text(box.x + 14, y, line, size=13, weight=700, fill=edge)
        y += LINE
    for line in box.text:
        yield _text(box.x + 14, y, line)
        y += LINE
    for line in box.card.counts:
        yield _text(box.x + 14, y, line, size=11, weight=600, fill="#1a56c4")
        y += LINE
