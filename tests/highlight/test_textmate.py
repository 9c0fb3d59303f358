"""The TextMate grammar of the VS Code extension is that of the installed vocabulary, and colours what it should."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from conductor_dsl.highlight.vocabulary_to_textmate import vocabulary_to_textmate
from tests.language.contexts import project

FOLDER = Path(__file__).parents[2] / "grammar" / "vscode"
GRAMMAR = FOLDER / "syntaxes" / "cdx.tmLanguage.json"
MAKE = (
    "from conductor_dsl.highlight.vocabulary_to_textmate import vocabulary_to_textmate; "
    "from conductor_dsl.plugin.host import build_host; "
    "print(vocabulary_to_textmate(build_host().vocabulary), end='')"
)


def test_the_grammar_follows_from_the_vocabulary() -> None:
    expected = vocabulary_to_textmate(project().vocabulary)
    assert GRAMMAR.read_text(encoding="utf-8") == expected, f'python -c "{MAKE}" > {GRAMMAR.name}'


def scope_at(text: str, needle: str) -> str:
    """The scope of the first pattern that takes the needle in a line, as an editor would find it."""
    patterns = json.loads(GRAMMAR.read_text(encoding="utf-8"))["patterns"]
    offset = 0
    while offset < len(text):
        found = [
            (match.start(), index, match)
            for index, each in enumerate(patterns)
            if (match := _match(each, text, offset))
        ]
        if not found:
            break
        start, index, match = min(found, key=lambda each: each[:2])
        if start <= text.index(needle) < max(match.end(), start + 1):
            return str(patterns[index]["name"])
        offset = max(match.end(), offset + 1)
    return ""


def _match(pattern: dict[str, str], text: str, offset: int) -> re.Match[str] | None:
    if "match" in pattern:
        return re.compile(pattern["match"]).search(text, offset)
    return re.compile(f"{pattern['begin']}.*?(?:{pattern['end']})").search(text, offset)


@pytest.mark.parametrize(
    ("needle", "scope"),
    [
        ("conversation", "keyword.control.cdx"),
        ("sms", "entity.name.function.cdx"),
        ("no_order_within", "support.function.cdx"),
        ("on_invalid", "keyword.other.option.cdx"),
        ("3d", "constant.numeric.duration.cdx"),
        ("Winback1", "string.quoted.double.cdx"),
        ("saved", "entity.name.tag.reference.cdx"),
        ("and", "keyword.operator.word.cdx"),
        ("window", "keyword.other.setting.cdx"),
        ("why not", "comment.line.number-sign.cdx"),
        ("order.placed", "variable.other.cdx"),
    ],
)
def test_words_get_their_colours(needle: str, scope: str) -> None:
    line = 'conversation x window no_order_within 3d and order.placed sms on_invalid email saved:"Winback1" # why not'
    assert scope_at(line, needle) == scope


def test_the_extension_names_files_that_are_there() -> None:
    manifest = json.loads((FOLDER / "package.json").read_text(encoding="utf-8"))
    [language], [grammar] = manifest["contributes"]["languages"], manifest["contributes"]["grammars"]
    for path in (manifest["main"], language["configuration"], grammar["path"]):
        assert (FOLDER / path).is_file()
    json.loads((FOLDER / language["configuration"]).read_text(encoding="utf-8"))
    assert json.loads(GRAMMAR.read_text(encoding="utf-8"))["scopeName"] == grammar["scopeName"]
