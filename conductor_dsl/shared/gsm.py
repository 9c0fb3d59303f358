"""The alphabet of text messages, GSM 03.38: letters by the numbers that phones give them, one byte for each."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

ESCAPE = "\x1b"
ALPHABET = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""Each letter stands where its number is; the escape stands before those of the extension."""
EXTENSION: Mapping[str, int] = MappingProxyType(
    {"\f": 10, "^": 20, "{": 40, "}": 41, "\\": 47, "[": 60, "~": 61, "]": 62, "|": 64, "€": 101}
)
"""These take two places each."""
_CODES = {char: bytes([code]) for code, char in enumerate(ALPHABET) if char != ESCAPE} | {
    char: bytes([ALPHABET.index(ESCAPE), code]) for char, code in EXTENSION.items()
}
_EXTENDED = {code: char for char, code in EXTENSION.items()}


def text_to_gsm(text: str) -> bytes:
    """The bytes of a text; ValueError where a letter is not in the alphabet."""
    try:
        return b"".join(_CODES[char] for char in text)
    except KeyError as error:
        raise ValueError(f"{error} is not in the alphabet of text messages") from None


def gsm_to_text(data: bytes) -> str:
    """The text of bytes, as a phone shows it: what has no letter is a space."""
    text, escaped = "", False
    for code in data:
        if escaped:
            # A phone that does not know an extended letter shows the plain one of that number.
            text += _EXTENDED.get(code) or ALPHABET[code & 0x7F].replace(ESCAPE, " ")
            escaped = False
        elif code == ALPHABET.index(ESCAPE):
            escaped = True
        else:
            text += ALPHABET[code] if code < len(ALPHABET) else " "
    return text
