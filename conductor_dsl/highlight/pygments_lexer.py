"""Scripts in colour wherever Pygments draws code: documentation, terminals, web pages."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from re import DOTALL, Match
from typing import Any, ClassVar

from pygments.lexer import RegexLexer, include
from pygments.token import Comment, Keyword, Name, Number, Operator, Punctuation, String, Text, _TokenType

from conductor_dsl.highlight.word_classes import word_classes
from conductor_dsl.plugin.host import build_host

_TYPES: dict[str, _TokenType] = {
    "structure": Keyword.Declaration,
    "steps": Name.Function,
    "conditions": Name.Builtin,
    "logic": Operator.Word,
    "settings": Keyword.Namespace,
    "options": Keyword,
    "references": Name.Decorator,
}


@cache
def _words() -> dict[str, _TokenType]:
    """The type of every word that has one."""
    classes = word_classes(build_host().vocabulary)
    return {word: _TYPES[name] for name, words in classes.by_name() for word in words}


def _word(_lexer: Any, match: Match[str]) -> Iterator[tuple[int, _TokenType, str]]:
    yield match.start(), _words().get(match[0], Name), match[0]


class CdxLexer(RegexLexer):
    """Colours `.cdx` scripts; the templates inside texts, too."""

    name = "Conductor"
    url = "https://github.com/conductor-dsl"
    aliases: ClassVar = ["cdx", "conductor"]
    filenames: ClassVar = ["*.cdx"]
    mimetypes: ClassVar = ["text/x-cdx"]
    flags = DOTALL

    tokens: ClassVar = {
        "root": [
            (r"\s+", Text.Whitespace),
            (r"#[^\n]*", Comment.Single),
            (r'"""', String.Heredoc, "block"),
            (r'"', String.Double, "text"),
            (r"->", Punctuation),
            (r"\d{4}-\d\d-\d\d\b", Number),
            (r"\d\d:\d\d\b", Number),
            (r"\d+(?:\.\d+)?%", Number),
            (r"\d+(?:mo|[smhdwy])\b", Number),
            (r"\d+(?:\.\d+)?", Number),
            (r"[^\W\d]\w*(?=\s*:)", Name.Decorator),
            (r"[^\W\d]\w*(?:\.[^\W\d]\w*)*", _word),
            (r"!=|<=|>=|[=<>+*/-]", Operator),
            (r"[{}(),:]", Punctuation),
            (r".", Text),
        ],
        "text": [
            (r'"', String.Double, "#pop"),
            (r"\\.", String.Escape),
            include("liquid"),
            (r'[^"\\{\n]+|\{', String.Double),
            (r"\n", Text, "#pop"),
        ],
        "block": [
            (r'"""', String.Heredoc, "#pop"),
            (r"\\.", String.Escape),
            include("liquid"),
            (r'[^"\\{]+|["{]', String.Heredoc),
        ],
        "liquid": [(r"\{\{.*?\}\}|\{%.*?%\}", String.Interpol)],
    }
