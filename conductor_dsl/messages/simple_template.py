"""Templates that only print values: literal pieces, and gaps with a function that turns a value into text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from liquid import Markup
from liquid.ast import Node
from liquid.builtin.content import ContentNode
from liquid.builtin.expressions import Filter, FilteredExpression, Literal, Path, PositionalArgument, StringLiteral
from liquid.builtin.output import OutputNode
from liquid.stringify import to_liquid_string

from conductor_dsl.messages.environment import environment

Step = Callable[[object], object]

_PURE = frozenset({"append", "capitalize", "default", "downcase", "prepend", "strip", "upcase"})
_COMPUTED = frozenset({"first", "last", "size"})
"""Properties that Liquid computes."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A gap: the path of the value that fills it, and how the value becomes text.

    `keeps_text` says that a text that is not empty comes out as it went in.
    """

    path: tuple[str, ...]
    finish: Callable[[object], str]
    keeps_text: bool


def simple_pieces(nodes: Sequence[Node], *, html: bool) -> tuple[str | Piece, ...] | None:
    """The pieces of a template that only prints values, or None for one that needs Liquid."""
    pieces = [_piece(node, html=html) for node in nodes]
    found = tuple(piece for piece in pieces if piece is not None)
    return found if len(found) == len(pieces) else None


def dig(value: object, path: Sequence[str]) -> object:
    """What lies at a path inside nested mappings, or None."""
    for name in path:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def _piece(node: Node, *, html: bool) -> str | Piece | None:
    if type(node) is ContentNode:
        return node.text
    if type(node) is not OutputNode or not isinstance(node.expression, FilteredExpression):
        return None
    path = _path(node.expression)
    filters = node.expression.filters or []
    if path is None or not all(_is_pure(each) for each in filters):
        return None
    keeps_text = not html and all(each.name == "default" for each in filters)
    return Piece(path, _finish([_step(each, html=html) for each in filters], html=html), keeps_text)


def _path(expression: FilteredExpression) -> tuple[str, ...] | None:
    if not isinstance(expression.left, Path):
        return None
    names = tuple(name for name in expression.left.path if isinstance(name, str))
    is_plain = len(names) == len(expression.left.path) and _COMPUTED.isdisjoint(names[1:])
    return names if is_plain else None


def _is_pure(each: Filter) -> bool:
    arguments = [argument.value for argument in each.args if isinstance(argument, PositionalArgument)]
    literal = all(isinstance(argument, Literal) for argument in arguments)
    return each.name in _PURE and literal and len(arguments) == len(each.args)


def _step(each: Filter, *, html: bool) -> Step:
    arguments = [_literal(argument.value, html=html) for argument in each.args]
    function = environment(html=html).filters[each.name]
    if each.name == "default" and len(arguments) == 1:
        return _default(function, arguments[0])
    return lambda value: function(value, *arguments)


def _literal(expression: object, *, html: bool) -> object:
    """What an argument evaluates to; what the author wrote is never escaped."""
    value = expression.value if isinstance(expression, Literal) else None
    return Markup(value) if html and isinstance(expression, StringLiteral) else value


def _default(function: Callable[..., object], fallback: object) -> Step:
    def step(value: object) -> object:
        if value.__class__ is str and value:
            return value
        if value is None:
            return fallback
        return function(value, fallback)

    return step


def _finish(steps: Sequence[Step], *, html: bool) -> Callable[[object], str]:
    to_text = _escaped if html else _plain
    if not steps:
        return to_text

    def finish(value: object) -> str:
        for step in steps:
            value = step(value)
        return to_text(value)

    return finish


def _plain(value: object) -> str:
    return value if value.__class__ is str else to_liquid_string(value, False)


def _escaped(value: object) -> str:
    """The same entities as Liquid's `escape`, in a third of the time."""
    if value.__class__ is not str:
        return to_liquid_string(value, True)
    text = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace('"', "&#34;").replace("'", "&#39;")
