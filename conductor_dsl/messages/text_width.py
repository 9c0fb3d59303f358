"""How many columns of a terminal a text takes, and how to wrap it to a number of them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

_JOINER = "\u200d"
_EMOJI_STYLE = "\ufe0f"
_INVISIBLE = ("Mn", "Me", "Cf", "Cc")
_SKIN_TONES = range(0x1F3FB, 0x1F400)


def width(text: str) -> int:
    """The columns of a text on one line."""
    return sum(_cluster_width(cluster) for cluster in clusters(text))


def clusters(text: str) -> Iterator[str]:
    """The text in pieces that a terminal draws as one sign: a letter with its accents, a joined emoji."""
    piece = ""
    for char in text:
        if piece and (_extends(char) or piece.endswith(_JOINER) or _ends_flag(piece, char)):
            piece += char
        else:
            if piece:
                yield piece
            piece = char
    if piece:
        yield piece


def wrap(text: str, columns: int) -> list[str]:
    """The lines of a text, none wider than `columns`; words that are too long are broken, line ends kept."""
    return [line for paragraph in text.expandtabs(4).splitlines() or [""] for line in _wrap_line(paragraph, columns)]


def pad(text: str, columns: int) -> str:
    """The text with spaces up to a number of columns, cut with `…` where it is wider."""
    if width(text) > columns:
        text = _head(text, columns - 1) + "…"
    return text + " " * (columns - width(text))


def _wrap_line(line: str, columns: int) -> Iterator[str]:
    current = ""
    for word in _broken(line.split(" "), columns):
        candidate = f"{current} {word}" if current else word
        if current and width(candidate) > columns:
            yield current
            current = word
        else:
            current = candidate
    yield current


def _broken(words: Iterable[str], columns: int) -> Iterator[str]:
    for word in words:
        rest = word
        while width(rest) > columns:
            head = _head(rest, columns) or next(clusters(rest))
            yield head
            rest = rest[len(head) :]
        yield rest


def _head(text: str, columns: int) -> str:
    taken = ""
    for cluster in clusters(text):
        if width(taken) + _cluster_width(cluster) > columns:
            break
        taken += cluster
    return taken


def _extends(char: str) -> bool:
    return unicodedata.category(char) in ("Mn", "Me") or char == _JOINER or ord(char) in _SKIN_TONES


def _ends_flag(piece: str, char: str) -> bool:
    return len(piece) == 1 and _is_regional(piece) and _is_regional(char)


def _is_regional(char: str) -> bool:
    return 0x1F1E6 <= ord(char) <= 0x1F1FF


def _cluster_width(cluster: str) -> int:
    first = cluster[0]
    if unicodedata.category(first) in _INVISIBLE:
        return 0
    is_wide = unicodedata.east_asian_width(first) in "WF" or _EMOJI_STYLE in cluster
    return 2 if is_wide or (_is_regional(first) and len(cluster) == 2) else 1
