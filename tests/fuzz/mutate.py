"""Scripts with mistakes: good ones in which something was cut, doubled, moved, mistyped or mixed with another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

SIGNS: tuple[str, ...] = (
    *'{}()"->,:=#\\%.\n \t',
    '"""',
    "->",
    "é",
    "\u200b",
    "\ufeff",
    "\x00",
    "\x1a",
    "\x1b",
    "٣",
    "\U0001f600",
)


def mutate(text: str, seed: int, corpus: Sequence[str]) -> str:
    """The text with one to four mistakes."""
    random = Random(seed)
    for _ in range(random.randint(1, 4)):
        text = random.choice(_MISTAKES)(text, random, corpus)
    return text


def _cut(text: str, random: Random, _: Sequence[str]) -> str:
    start, end = _stretch(text, random)
    return text[:start] + text[end:]


def _double(text: str, random: Random, _: Sequence[str]) -> str:
    start, end = _stretch(text, random)
    return text[:end] + text[start:end] + text[end:]


def _move(text: str, random: Random, _: Sequence[str]) -> str:
    start, end = _stretch(text, random)
    rest = text[:start] + text[end:]
    at = random.randint(0, len(rest))
    return rest[:at] + text[start:end] + rest[at:]


def _mistype(text: str, random: Random, _: Sequence[str]) -> str:
    at = random.randint(0, len(text))
    return text[:at] + random.choice(SIGNS) + text[at + random.randint(0, 1) :]


def _break_off(text: str, random: Random, _: Sequence[str]) -> str:
    return text[: random.randint(0, len(text))]


def _mix(text: str, random: Random, corpus: Sequence[str]) -> str:
    other = random.choice(corpus)
    start, end = _stretch(other, random)
    at = random.randint(0, len(text))
    return text[:at] + other[start:end] + text[at:]


def _nest(text: str, random: Random, _: Sequence[str]) -> str:
    at, times = random.randint(0, len(text)), random.choice((3, 30, 70))
    return text[:at] + random.choice("{(") * times + text[at:]


_MISTAKES: tuple[Callable[[str, Random, Sequence[str]], str], ...] = (
    _cut,
    _double,
    _move,
    _mistype,
    _mistype,
    _break_off,
    _mix,
    _nest,
)


def _stretch(text: str, random: Random) -> tuple[int, int]:
    start = random.randint(0, len(text))
    return start, min(len(text), start + random.choice((1, 3, 10, 40)))
