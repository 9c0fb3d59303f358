"""From text to a parse tree, by the grammar in `grammar/`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from conductor_dsl.language.kept_tables import tables_file
from conductor_dsl.language.source import Span

SyntaxTree = Tree[Token]


@dataclass(frozen=True, slots=True)
class Trouble:
    """Where the parser could not go on.

    `offset` is None at the end of the text; `expected` holds the names of the terminals that could have stood there.
    """

    offset: int | None
    expected: frozenset[str]


@cache
def _parser() -> Lark:
    kept = tables_file(os.environ)
    return Lark.open_from_package(
        "conductor_dsl.grammar",
        "cdx.lark",
        parser="lalr",
        lexer="contextual",
        propagate_positions=True,
        maybe_placeholders=False,
        cache=str(kept) if kept else False,
    )


def text_to_tree(text: str) -> SyntaxTree | Trouble:
    """The tree of a text, or where and why there is none; never raises for any text."""
    try:
        return _parser().parse(text)
    except UnexpectedInput as error:
        return _trouble(error)


def _trouble(error: UnexpectedInput) -> Trouble:
    if isinstance(error, UnexpectedToken):
        # At the end, Lark's token borrows the position of the last one: no position is better than that.
        offset = None if error.token.type == "$END" else error.token.start_pos
        return Trouble(offset, frozenset(error.accepts or error.expected))
    allowed = error.allowed if isinstance(error, UnexpectedCharacters) else None
    return Trouble(error.pos_in_stream, frozenset(allowed or ()) - {"COMMENT", "SPACE"})


def tree_span(tree: SyntaxTree) -> Span:
    """Where a tree stands, with the signs that the tree leaves out."""
    return Span(tree.meta.start_pos, tree.meta.end_pos)


def token_span(token: Token) -> Span:
    """Where a token stands."""
    start = token.start_pos or 0
    return Span(start, start + len(token))
