"""From a text and a cursor to what is being written there: told from the tokens before it, right or wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from conductor_dsl.language.scan import ScanToken, TokenKind, scan_from
from conductor_dsl.language.words import ITEMS, SETTINGS


class Where(StrEnum):
    """What the cursor stands in."""

    FILE = "file"
    """Where an item may begin."""
    HEAD = "head"
    """In a conversation: settings, and threads."""
    CHAIN = "chain"
    """Where a step may begin."""
    PHRASE = "phrase"
    """Behind the word that begins a step, a trigger or a setting."""
    REFERENCE = "reference"
    """In the name of a reference."""
    TEMPLATE = "template"
    """Between the double braces of a text."""
    TEXT = "text"
    """In a text or a comment."""
    DECLARATION = "declaration"
    """Where the type of a field is wanted."""
    TEST = "test"
    """In a test: a line may begin."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What is being written: `typed` is the part of the word that stands before the cursor, from `start` on.

    `head` is the word that begins the phrase, `before` the tokens behind it up to the word being typed; `in_test` says
    that the phrase is a line of a test.
    """

    where: Where
    typed: str
    start: int
    head: str = ""
    before: tuple[str, ...] = ()
    reference: str = ""
    is_quoted: bool = False
    in_test: bool = False


_WORD_END = re.compile(r"[^\W\d][\w.]*$")
_LONGEST_WORD = 200
_BLOCKS: Mapping[str, Where] = {
    "conversation": Where.HEAD,
    "thread": Where.CHAIN,
    "event": Where.DECLARATION,
    "test": Where.TEST,
}


def situation_at(text: str, offset: int) -> Situation:
    """What is being written at an offset."""
    tokens = [token for token in scan_from(text, 0) if token.start < offset]
    last = tokens[-1] if tokens else None
    if last and last.end >= offset and last.kind in (TokenKind.TEXT, TokenKind.UNCLOSED, TokenKind.COMMENT):
        is_behind = last.kind is TokenKind.TEXT and last.end == offset
        if not is_behind:
            return _in_text(text, offset, tokens)
    word = _typed(text, offset)
    start = offset - len(word)
    before = [token for token in tokens if token.start < start and token.kind is not TokenKind.COMMENT]
    if len(before) > 1 and before[-1].text == ":" and before[-2].kind is TokenKind.WORD:
        return Situation(Where.REFERENCE, word, start, reference=before[-2].text)
    return _in_block(before, word, start)


def _in_text(text: str, offset: int, tokens: Sequence[ScanToken]) -> Situation:
    token = tokens[-1]
    if token.kind is TokenKind.COMMENT:
        return Situation(Where.TEXT, "", offset)
    quotes = 3 if token.text.startswith('"""') else 1
    inside = text[token.start + quotes : offset]
    if len(tokens) > 2 and tokens[-2].text == ":":
        return Situation(Where.REFERENCE, inside, offset - len(inside), reference=tokens[-3].text, is_quoted=True)
    opened = inside.rfind("{{")
    if opened > inside.rfind("}}"):
        word = _typed(text, offset)
        return Situation(Where.TEMPLATE, word, offset - len(word))
    return Situation(Where.TEXT, "", offset)


def _typed(text: str, offset: int) -> str:
    """What of a word stands before the cursor, `event.` too."""
    found = _WORD_END.search(text[max(0, offset - _LONGEST_WORD) : offset])
    return found[0] if found else ""


def _in_block(before: Sequence[ScanToken], word: str, start: int) -> Situation:
    """Follow the brackets to the innermost block, and the words to the phrase that is under way."""
    blocks: list[Where] = [Where.FILE]
    phrases: list[list[ScanToken]] = []
    phrase: list[ScanToken] = []
    for token in before:
        if token.text == "{":
            blocks.append(_block_of(phrase, blocks[-1]))
            phrases.append(phrase)
            phrase = []
        elif token.text == "}":
            if phrases:
                blocks.pop()
                phrase = phrases.pop()
            phrase = [*phrase, token] if blocks[-1] in (Where.CHAIN, Where.TEST) else []
        elif token.kind is TokenKind.ARROW:
            phrase = [_ARROW]
        elif _begins(token, phrase, blocks[-1]):
            phrase = [token]
        else:
            phrase.append(token)
    return _situation(blocks[-1], phrase, word, start)


_ARROW = ScanToken(TokenKind.ARROW, "->", 0)


def _block_of(phrase: Sequence[ScanToken], around: Where) -> Where:
    words = [token.text for token in phrase]
    if words and words[0] in _BLOCKS and around is not Where.CHAIN:
        return _BLOCKS[words[0]]
    return Where.DECLARATION if around is Where.TEST else Where.CHAIN


def _begins(token: ScanToken, phrase: Sequence[ScanToken], block: Where) -> bool:
    """Whether a word begins something new, whatever stood before it."""
    if token.kind is not TokenKind.WORD or (phrase and phrase[-1].kind is TokenKind.ARROW):
        return False
    if block is Where.FILE:
        return token.text in ITEMS and not (phrase and phrase[0].text in ("thread", "conversation"))
    if block is Where.HEAD:
        is_header = bool(phrase) and phrase[0].text == "thread"
        return token.text == "thread" or (token.text in SETTINGS and not is_header)
    return block is Where.TEST and token.text in ("given", "at", "when", "expect")


def _situation(block: Where, phrase: Sequence[ScanToken], word: str, start: int) -> Situation:
    rest = [token for token in phrase if token.kind is not TokenKind.ARROW and token.text != "}"]
    after_arrow = bool(phrase) and phrase[0].kind is TokenKind.ARROW
    if not rest:
        is_step = after_arrow or block is Where.CHAIN
        return Situation(Where.CHAIN if is_step else block, word, start)
    head = rest[0].text
    if block in (Where.FILE, Where.HEAD) and head == "thread" and len(rest) > 1:
        rest = rest[2:] if len(rest) > 2 else rest[1:]
        head = rest[0].text if rest and rest[0].kind is TokenKind.WORD else "thread"
    if block is Where.DECLARATION or head == "field":
        return Situation(Where.DECLARATION, word, start, head)
    before = tuple(token.text for token in rest[1:])
    return Situation(Where.PHRASE, word, start, head, before, in_test=block is Where.TEST)
