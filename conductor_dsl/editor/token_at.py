"""The token at a place, and the reference it is the name of."""

from __future__ import annotations

from conductor_dsl.language.scan import ScanToken, TokenKind, scan, without_comments
from conductor_dsl.language.text_literals import read_text


def token_at(text: str, offset: int) -> ScanToken | None:
    """The token in which an offset stands, or at whose end."""
    around = [token for token in scan(text) if token.start <= offset <= token.end]
    words = [token for token in around if token.kind in (TokenKind.WORD, TokenKind.TEXT)]
    return next(iter(words or around), None)


def named_at(text: str, offset: int) -> tuple[str, str] | None:
    """Kind and name of the reference `kind:"name"` at an offset, on its kind or on its name."""
    tokens = without_comments(scan(text))
    for kind, colon, name in zip(tokens, tokens[1:], tokens[2:], strict=False):
        is_one = kind.kind is TokenKind.WORD and colon.text == ":" and name.kind is TokenKind.TEXT
        if is_one and kind.start <= offset <= name.end:
            return kind.text, text_of(name)
    return None


def text_of(token: ScanToken) -> str:
    """What a text token says."""
    return str(read_text(token.text).value)
