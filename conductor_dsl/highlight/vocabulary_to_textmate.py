"""From the vocabulary to a TextMate grammar, which VS Code and many other editors colour by."""

from __future__ import annotations

import json
from collections.abc import Iterable

from conductor_dsl.highlight.word_classes import word_classes
from conductor_dsl.language.vocabulary import Vocabulary

_SCOPES = {
    "structure": "keyword.control.cdx",
    "steps": "entity.name.function.cdx",
    "conditions": "support.function.cdx",
    "logic": "keyword.operator.word.cdx",
    "settings": "keyword.other.setting.cdx",
    "options": "keyword.other.option.cdx",
}
_LIQUID = [
    {
        "name": "meta.embedded.liquid.cdx",
        "begin": begin,
        "end": end,
        "patterns": [
            {"name": "string.quoted.liquid.cdx", "match": "'[^']*'"},
            {"name": "keyword.operator.liquid.cdx", "match": "\\|"},
            {"name": "variable.other.liquid.cdx", "match": "[A-Za-z_][A-Za-z_0-9.]*"},
        ],
    }
    for begin, end in (("\\{\\{", "\\}\\}"), ("\\{%", "%\\}"))
]


def vocabulary_to_textmate(vocabulary: Vocabulary) -> str:
    """The grammar as JSON, the same text for the same words."""
    grammar = {
        "$schema": "https://raw.githubusercontent.com/martinring/tmlanguage/master/tmlanguage.json",
        "name": "Conductor",
        "scopeName": "source.cdx",
        "fileTypes": ["cdx"],
        "patterns": [*_texts(), *_values(), *_words(vocabulary), *_signs()],
    }
    return json.dumps(grammar, indent=2, ensure_ascii=False) + "\n"


def _texts() -> list[dict[str, object]]:
    escape = {"name": "constant.character.escape.cdx", "match": "\\\\."}
    return [
        {"name": "comment.line.number-sign.cdx", "match": "#.*$"},
        {"name": "string.quoted.triple.cdx", "begin": '"""', "end": '"""', "patterns": [escape, *_LIQUID]},
        {"name": "string.quoted.double.cdx", "begin": '"', "end": '"|$', "patterns": [escape, *_LIQUID]},
    ]


def _values() -> list[dict[str, object]]:
    return [
        {"name": "constant.numeric.date.cdx", "match": "\\b\\d{4}-\\d{2}-\\d{2}\\b"},
        {"name": "constant.numeric.clock.cdx", "match": "\\b\\d{2}:\\d{2}\\b"},
        {"name": "constant.numeric.duration.cdx", "match": "\\b\\d+(?:mo|[smhdwy])\\b"},
        {"name": "constant.numeric.cdx", "match": "\\b\\d+(?:\\.\\d+)?%?"},
        {"name": "entity.name.tag.reference.cdx", "match": '\\b[A-Za-z_]\\w*(?=\\s*:\\s*")'},
    ]


def _words(vocabulary: Vocabulary) -> list[dict[str, object]]:
    classes = word_classes(vocabulary).by_name()
    return [{"name": _SCOPES[name], "match": _any_of(words)} for name, words in classes if words]


def _any_of(words: Iterable[str]) -> str:
    """Longer words first, and none that goes on with a dot."""
    escaped = sorted((word.replace(".", "\\.") for word in words), key=lambda word: (-len(word), word))
    return f"(?<![\\w.])(?:{'|'.join(escaped)})(?![\\w.])"


def _signs() -> list[dict[str, object]]:
    return [
        {"name": "keyword.operator.arrow.cdx", "match": "->"},
        {"name": "keyword.operator.cdx", "match": "!=|<=|>=|[=<>+*/-]"},
        {"name": "variable.other.cdx", "match": "[A-Za-z_]\\w*(?:\\.[A-Za-z_]\\w*)*"},
    ]
