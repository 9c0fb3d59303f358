"""A small line chart as SVG, with a logarithmic axis below and one from zero at the side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import log10
from statistics import median

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 720, 400, 70, 50, 190, 50
COLOURS = ("#1f5fa8", "#8fb4dd", "#b3541e", "#e3b58f")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the chart: its name, and the values at each place; the median is drawn, with the spread as a bar."""

    name: str
    points: Mapping[int, Sequence[float]]


def plot(title: str, lines: Sequence[Line]) -> str:
    """The chart."""
    places = sorted({place for line in lines for place in line.points})
    top = max(max(values) for line in lines for values in line.points.values()) * 1.1
    parts = [f'<text x="{LEFT}" y="28" font-size="16">{escape(title)}</text>']
    parts += _axes(places, top)
    for number, line in enumerate(lines):
        parts += _line(line, COLOURS[number % len(COLOURS)], places, top)
        y = TOP + 20 * number
        parts.append(f'<rect x="{WIDTH - RIGHT + 20}" y="{y - 9}" width="12" height="4" fill="{COLOURS[number % 4]}"/>')
        parts.append(f'<text x="{WIDTH - RIGHT + 38}" y="{y}">{escape(line.name)}</text>')
    size = f'width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" font-size="12"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>'
    return "\n".join([head, '<rect width="100%" height="100%" fill="white"/>', *parts, "</svg>\n"])


def _axes(places: Sequence[int], top: float) -> Iterable[str]:
    base, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    yield f'<path d="M{LEFT} {TOP} V{base} H{right}" fill="none" stroke="#444"/>'
    for place in places:
        x = _x(place, places)
        yield f'<text x="{x:.0f}" y="{base + 20}" text-anchor="middle">{place:,}</text>'
    for quarter in range(5):
        value = top * quarter / 4
        y = _y(value, top)
        yield f'<text x="{LEFT - 8}" y="{y + 4:.0f}" text-anchor="end">{value:.3g}</text>'
        yield f'<path d="M{LEFT} {y:.0f} H{right}" stroke="#ddd"/>'


def _line(line: Line, colour: str, places: Sequence[int], top: float) -> Iterable[str]:
    points = [(_x(place, places), values) for place, values in sorted(line.points.items())]
    path = " ".join(f"{x:.0f},{_y(median(values), top):.0f}" for x, values in points)
    yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
    for x, values in points:
        yield f'<path d="M{x:.0f} {_y(min(values), top):.0f} V{_y(max(values), top):.0f}" stroke="{colour}"/>'
        yield f'<circle cx="{x:.0f}" cy="{_y(median(values), top):.0f}" r="3" fill="{colour}"/>'


def _x(place: int, places: Sequence[int]) -> float:
    low, high = log10(places[0]), log10(places[-1])
    share = (log10(place) - low) / (high - low) if high > low else 0.5
    return LEFT + 20 + share * (WIDTH - LEFT - RIGHT - 40)


def _y(value: float, top: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top
