"""Going on after a syntax error: the statement that cannot be read gives way to a hole, and the text is read again.

One mistake makes one report: an error at a hole, or behind one in its statement, belongs to what was reported before.
"""

from __future__ import annotations

from bisect import bisect_left

from conductor_dsl.language.diagnostics import Diagnostic
from conductor_dsl.language.scan import HOLE, ScanToken, TokenKind, blanked, scan, without_comments
from conductor_dsl.language.syntax_errors import Found, syntax_error
from conductor_dsl.language.text_to_tree import SyntaxTree, Trouble, text_to_tree
from conductor_dsl.language.words import KEPT, SETTINGS

MOST_ROUNDS = 20
MOST_WORK = 4 * 1024 * 1024
"""Characters read in all rounds together: a long file with many errors takes no longer than a short one."""


def recovered_tree(text: str) -> tuple[SyntaxTree | None, tuple[Diagnostic, ...]]:
    """The tree of a text whose brackets are balanced, with holes for what could not be read, and the syntax errors.

    None for the tree when 20 rounds were not enough, or fewer in a file of hundreds of kilobytes.
    """
    findings: list[Diagnostic] = []
    for _ in range(max(2, min(MOST_ROUNDS, MOST_WORK // (len(text) + 1)))):
        tree = text_to_tree(text)
        if not isinstance(tree, Trouble):
            return tree, tuple(findings)
        tokens = without_comments(scan(text))
        found = Found(tokens, _index(tokens, tree), tree.expected)
        if not _follows_hole(found):
            findings.append(syntax_error(found))
        repaired = _repaired(text, found)
        if repaired == text:
            break
        text = repaired
    return None, tuple(findings)


def _index(tokens: tuple[ScanToken, ...], trouble: Trouble) -> int:
    """Which token the parser stumbled on; the number of tokens at the end of the text."""
    if trouble.offset is None:
        return len(tokens)
    offset = trouble.offset
    return bisect_left(tokens, offset + 1, key=lambda token: token.end)


def _follows_hole(found: Found) -> bool:
    """Whether the statement in which the error is has a hole up to there."""
    if found.token is not None and found.token.kind is TokenKind.HOLE:
        return True
    for token in reversed(found.tokens[: found.index]):
        if token.kind is TokenKind.HOLE or _is_sign(token):
            return token.kind is TokenKind.HOLE
    return False


def _repaired(text: str, found: Found) -> str:
    """The text with a hole where the error is."""
    token, previous = found.token, found.before(1)
    if token is None or _is_sign(token):
        if previous is not None and previous.kind is TokenKind.ARROW:
            return blanked(text, previous.start, previous.end, HOLE)
        if token is not None and token.kind is TokenKind.ARROW:
            return blanked(text, token.start, token.end, HOLE)
        if token is not None and token.text == "{" and (previous is None or _is_sign(previous)):
            return _without_braces(text, found)
        return _without_statement(text, found, found.index - 1)
    return _without_statement(text, found, found.index)


def _is_sign(token: ScanToken) -> bool:
    return token.kind in (TokenKind.ARROW, TokenKind.BRACKET)


def _without_braces(text: str, found: Found) -> str:
    """A block where none may stand loses its braces, so that its content can be read."""
    depth = 0
    for token in found.tokens[found.index :]:
        depth += (token.text == "{") - (token.text == "}")
        if depth == 0:
            text = blanked(text, token.start, token.end)
            break
    start = found.tokens[found.index].start
    return blanked(text, start, start + 1)


def _without_statement(text: str, found: Found, index: int) -> str:
    """The statement around a token gives way to a hole; the word that makes it a thread or a conversation stays."""
    if index < 0 or _is_sign(found.tokens[index]):
        return text
    first = last = index
    while first > 0 and not _is_boundary(found, first) and not _is_sign(found.tokens[first - 1]):
        first -= 1
    while last + 1 < len(found.tokens) and not _is_boundary(found, last + 1) and not _is_sign(found.tokens[last + 1]):
        last += 1
    rest = found.tokens[first + 1 : last + 1]
    if found.tokens[first].text in KEPT and any(token.kind is not TokenKind.HOLE for token in rest):
        first += 1
    return _overwritten(text, found.tokens[first : last + 1])


def _overwritten(text: str, tokens: tuple[ScanToken, ...]) -> str:
    """A hole for all of the tokens; white space when they were a hole already; comments between them stay."""
    mark = "" if tokens[0].kind is TokenKind.HOLE else HOLE
    pieces = [text[: tokens[0].start]]
    for index, token in enumerate(tokens):
        kept = blanked(token.text, 0, len(token.text), "" if index else mark)
        end = tokens[index + 1].start if index + 1 < len(tokens) else len(text)
        pieces += [kept, text[token.end : end]]
    return "".join(pieces)


def _is_boundary(found: Found, index: int) -> bool:
    """Whether a token begins a statement without an arrow or a brace before it."""
    token = found.tokens[index]
    if token.kind is not TokenKind.WORD or found.is_kind(index):
        return False
    return token.text in KEPT or ("SETTING" in found.expected and token.text in SETTINGS)
