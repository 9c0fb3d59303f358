"""From `segment` declarations to conditions; segments may name each other, in any order, but not in a circle.

A segment is bound after those that it names, so that no chain of segments, however long, makes the binder recurse.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from conductor_dsl.language.ast import Element, Group, SegmentDeclaration, Word
from conductor_dsl.language.bind_conditions import bind_condition, is_small
from conductor_dsl.language.bind_scope import Cursor, Scope
from conductor_dsl.language.bound import Formula
from conductor_dsl.language.source import Span


@dataclass(frozen=True, slots=True)
class Segment:
    """A declaration with the scope in which it is read: its own source, and findings that count or are thrown away."""

    declaration: SegmentDeclaration
    scope: Scope


def bind_segments(segments: Mapping[str, Segment], wanted: Iterable[str]) -> dict[str, Formula | None]:
    """The conditions of the wanted segments and of those that they name; None for one with a mistake."""
    bound: dict[str, Formula | None] = {}
    for name in wanted:
        _bind_with_parts(name, segments, bound)
    return bound


def _bind_with_parts(first: str, segments: Mapping[str, Segment], bound: dict[str, Formula | None]) -> None:
    """Bind a segment after everything that it names; `path` is how it was come to."""
    path: list[tuple[str, Iterator[str]]] = [(first, _names(segments[first], segments))]
    while path:
        name, parts = path[-1]
        part = next((part for part in parts if part not in bound), None)
        if part is None:
            path.pop()
            if name not in bound:
                bound[name] = _bind(segments[name], bound)
            continue
        names = [each for each, _ in path]
        if part in names:
            _report_circle(names[names.index(part) :], segments)
            bound.update(dict.fromkeys(names[names.index(part) :]))
        else:
            path.append((part, _names(segments[part], segments)))


def _names(segment: Segment, segments: Mapping[str, Segment]) -> Iterator[str]:
    return (word for word in _words(segment.declaration.elements) if word in segments)


def _words(elements: tuple[Element, ...]) -> Iterator[str]:
    for element in elements:
        if isinstance(element, Word):
            yield element.text
        elif isinstance(element, Group):
            yield from _words(element.elements)


def _report_circle(names: list[str], segments: Mapping[str, Segment]) -> None:
    """Note a circle once, where its first segment of this file is declared."""
    own = [name for name in names if segments[name].scope.reports]
    if not own:
        return
    first = min(own, key=lambda name: segments[name].declaration.span)
    start = names.index(first)
    circle = " -> ".join(f"`{name}`" for name in (*names[start:], *names[:start], first))
    segment = segments[first]
    message = f"the segment needs itself: {circle}"
    segment.scope.error("CDX006", segment.declaration.name.span, message, "say one of them without the others")


def _bind(segment: Segment, bound: Mapping[str, Formula | None]) -> Formula | None:
    declaration, scope = segment.declaration, segment.scope.with_segments(bound)
    name = declaration.name
    if not declaration.elements:
        hint = f"write `segment {name.text} = last_order before 60d`"
        scope.error("CDX008", name.span, f"the segment `{name.text}` needs a condition", hint)
        return None
    cursor = Cursor(declaration.elements, _end(declaration.span))
    formula = bind_condition(cursor, scope)
    rest = cursor.peek()
    if formula and rest:
        scope.error("CDX008", rest.span, f"`{scope.written(rest.span)}` does not belong to the condition")
        return None
    return formula if formula and is_small(formula, scope) else None


def _end(span: Span) -> Span:
    """The last character of a span: where something is missing."""
    return Span(max(span.start, span.end - 1), span.end)
