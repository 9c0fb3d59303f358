"""A template as a function from values to text.

Most templates only print values. They become a list of literal pieces with gaps, and Liquid is not asked again; a
property test compares the two. Everything else is rendered by Liquid, within limits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from liquid import BoundTemplate
from liquid.exceptions import LiquidError

from conductor_dsl.language.template_filter import Filters
from conductor_dsl.messages.simple_template import Piece, dig, simple_pieces
from conductor_dsl.messages.template_to_reading import parse, read_template
from conductor_dsl.shared.errors import ConductorError

Renderer = Callable[[Mapping[str, object]], str]
PositionalRenderer = Callable[[Sequence[object]], str]

_FAULTS = (LiquidError, ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


class TemplateError(ConductorError):
    """The template cannot be rendered."""


def compile_template(text: str, filters: Filters = (), *, html: bool = False) -> Renderer:
    """A function from nested values (`{"event": {"total": 9}}`) to text.

    What is missing prints as nothing. With `html`, every value is escaped. Raises TemplateError for a template that
    cannot be read; the function raises it for values that a filter cannot take, and beyond the limits.
    """
    template = _parsed(text, filters, html=html)
    pieces = simple_pieces(template.nodes, html=html)
    if pieces is None:
        return lambda values: _by_liquid(template, values)
    return _by_name(pieces)


def compile_positional(
    text: str, paths: Sequence[str], constants: Mapping[str, object], filters: Filters = (), *, html: bool = False
) -> PositionalRenderer:
    """A function from values in the order of `paths` to text, where the constants are bound for good.

    A path may be a whole (`event`) of which the template reads a part (`event.total`). What is in neither prints as
    nothing. Raises as `compile_template` does.
    """
    template = _parsed(text, filters, html=html)
    pieces = simple_pieces(template.nodes, html=html)
    if pieces is not None:
        return _by_position(pieces, paths, constants)
    places = [tuple(path.split(".")) for path in paths]
    return lambda values: _by_liquid(template, _nested(places, values, constants))


def _parsed(text: str, filters: Filters, *, html: bool) -> BoundTemplate:
    problem = read_template(text, filters).problem
    template = parse(text, filters, html=html)
    if problem is not None or not isinstance(template, BoundTemplate):
        raise TemplateError(f"the template cannot be read: {problem}")
    return template


def _by_liquid(template: BoundTemplate, values: Mapping[str, object]) -> str:
    try:
        return template.render(values)
    except _FAULTS as error:
        raise _render_error(error) from error


def _render_error(error: Exception) -> TemplateError:
    message = error.message if isinstance(error, LiquidError) else error
    return TemplateError(f"the template cannot be rendered: {message}")


def _by_name(pieces: Sequence[str | Piece]) -> Renderer:
    literals, gaps = _split(pieces)
    paths = [piece.path for _, piece in gaps]
    fill = _filler(literals, [(place, index, (), piece) for index, (place, piece) in enumerate(gaps)])
    return lambda values: fill([dig(values, path) for path in paths])


def _by_position(
    pieces: Sequence[str | Piece], paths: Sequence[str], constants: Mapping[str, object]
) -> PositionalRenderer:
    literals, gaps = _split([_bind(piece, paths, constants) for piece in pieces])
    return _filler(literals, [(place, *_source(piece.path, paths), piece) for place, piece in gaps])


def _filler(literals: list[str], gaps: Sequence[tuple[int, int, tuple[str, ...], Piece]]) -> PositionalRenderer:
    """The loop that runs for every message: for each gap its place, the index of its value, and the path inside it."""
    kept = [(place, index, piece.finish) for place, index, rest, piece in gaps if piece.keeps_text and not rest]
    if len(kept) == len(gaps) == 1:
        return _greeter(literals, *kept)
    other = [(place, index, rest, piece.finish) for place, index, rest, piece in gaps if rest or not piece.keeps_text]

    def fill(values: Sequence[object]) -> str:
        out = literals.copy()
        try:
            for place, index, finish in kept:
                value = values[index]
                out[place] = value if value.__class__ is str and value else finish(value)
            for place, index, rest, finish in other:
                out[place] = finish(dig(values[index], rest))
        except _FAULTS as error:
            raise _render_error(error) from error
        return "".join(out)

    return fill


def _greeter(literals: list[str], gap: tuple[int, int, Callable[[object], str]]) -> PositionalRenderer:
    """The same for one gap, as most subjects and texts have: without a list of pieces it is half the work."""
    place, index, finish = gap
    before, after = "".join(literals[:place]), "".join(literals[place:])

    def fill(values: Sequence[object]) -> str:
        try:
            value = values[index]
            return f"{before}{value if value.__class__ is str and value else finish(value)}{after}"
        except _FAULTS as error:
            raise _render_error(error) from error

    return fill


def _split(pieces: Sequence[str | Piece]) -> tuple[list[str], list[tuple[int, Piece]]]:
    literals = [piece if isinstance(piece, str) else "" for piece in pieces]
    return literals, [(place, piece) for place, piece in enumerate(pieces) if isinstance(piece, Piece)]


def _bind(piece: str | Piece, paths: Sequence[str], constants: Mapping[str, object]) -> str | Piece:
    """A piece that only depends on constants, as the text it always gives."""
    if isinstance(piece, str) or _source(piece.path, paths)[0] >= 0:
        return piece
    return piece.finish(dig(_nested([], [], constants), piece.path))


def _source(path: tuple[str, ...], paths: Sequence[str]) -> tuple[int, tuple[str, ...]]:
    """Which of the values holds a path, and where inside it; -1 for none."""
    for length in range(len(path), 0, -1):
        whole = ".".join(path[:length])
        if whole in paths:
            return paths.index(whole), path[length:]
    return -1, ()


def _nested(
    places: Sequence[tuple[str, ...]], values: Sequence[object], constants: Mapping[str, object]
) -> dict[str, object]:
    tree: dict[str, object] = {}
    for name, constant in constants.items():
        _put(tree, tuple(name.split(".")), constant)
    for place, value in zip(places, values, strict=True):
        _put(tree, place, value)
    return tree


def _put(tree: dict[str, object], path: tuple[str, ...], value: object) -> None:
    for name in path[:-1]:
        inner = tree.get(name)
        tree[name] = inner = dict(inner) if isinstance(inner, dict) else {}
        tree = inner
    tree[path[-1]] = value
