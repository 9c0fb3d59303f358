"""From an inbound text to what its author means, by words and phrases of English, Spanish and French.

A text is decided in this order: it is a keyword; it says in a phrase that texts shall end; it begins with a keyword; it
is a keyword with a typo; it holds a word that may mean so. Before phrases are looked for, what only looks like them is
taken out ("cannot stop smiling").
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import Any

LONGEST = 1_000
"""Characters of a text that are read."""
_SHORTEST_TYPO = 4


class Meaning(StrEnum):
    """What the author of a text wants."""

    STOP = "stop"
    HELP = "help"
    START = "start"
    YES = "yes"
    UNDECIDED = "undecided"
    """It may be a revocation: a person has to read it, and until then nothing is sent."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Understood:
    """A meaning, and whether a keyword says it (True) or it was inferred from other words."""

    meaning: Meaning
    by_keyword: bool = False


@dataclass(frozen=True, slots=True)
class _Words:
    """The data file, compiled."""

    fillers: frozenset[str]
    keywords: Mapping[Meaning, frozenset[str]]
    not_typos: frozenset[str]
    phrases: re.Pattern[str]
    traps: re.Pattern[str]
    doubtful: frozenset[str]


def text_to_meaning(text: str) -> Understood:
    """What the author of a text means; the empty text means nothing."""
    words, plain = _words(), plain_words(text)
    for meaning, keywords in words.keywords.items():
        if plain in keywords:
            return Understood(meaning, by_keyword=True)
    if _is_keywords(plain, words):
        return Understood(Meaning.STOP, by_keyword=True)
    rest = " ".join(words.traps.sub(" | ", f" {plain} ").split())
    if words.phrases.search(f" {rest} "):
        return Understood(Meaning.STOP)
    return _by_its_words(plain, rest, words)


def _by_its_words(plain: str, rest: str, words: _Words) -> Understood:
    """The meaning of a text that is no keyword and holds no phrase."""
    tokens = rest.split()
    stops = words.keywords[Meaning.STOP]
    if tokens and tokens[0] in _FIRST and tokens[0] in stops:
        return Understood(Meaning.STOP)
    told = [token for token in plain.split() if token not in words.fillers]
    if len(told) == 1 and _is_typo(told[0], words):
        return Understood(Meaning.STOP)
    if words.doubtful.intersection(tokens):
        return Understood(Meaning.UNDECIDED)
    for meaning in (Meaning.HELP, Meaning.START, Meaning.YES):
        if " ".join(told) in words.keywords[meaning]:
            return Understood(meaning)
    return Understood(Meaning.OTHER)


_FIRST = frozenset(("stop", "stopall", "unsubscribe", "unsub", "revoke", "optout"))
"""Keywords that mean so at the beginning of a longer text, too; `end`, `quit` and `para` may begin anything."""


def plain_words(text: str) -> str:
    """A text in lower case without accents and signs, its words parted by single spaces."""
    folded = unicodedata.normalize("NFKD", text[:LONGEST].casefold())
    bare = "".join(char for char in folded if not unicodedata.combining(char))
    joined = re.sub(r"\b\w(?:[.\-*_ ]+\w\b){3,}", _joined, bare)
    contracted = re.sub(r"n['’]t\b", "nt", joined)
    plain = " ".join(re.findall(r"[a-z0-9]+", contracted))
    return re.sub(r"\b(do|did|does|will|can) ?not\b", lambda found: _CONTRACTED[found[1]], plain)


_CONTRACTED = {"do": "dont", "did": "didnt", "does": "doesnt", "will": "wont", "can": "cant"}


def _joined(spelt: re.Match[str]) -> str:
    """`s t o p` and `s.t.o.p` as one word."""
    return re.sub(r"[^a-z0-9]", "", spelt[0])


def _is_keywords(plain: str, words: _Words) -> bool:
    """Whether the text is made of keywords and fillers only, such as `stop please`."""
    told = " ".join(token for token in plain.split() if token not in words.fillers)
    stops = words.keywords[Meaning.STOP]
    return bool(told) and (told in stops or all(token in stops and token in _SURE for token in told.split()))


_SURE = frozenset(
    ("stop", "stopall", "unsubscribe", "cancel", "quit", "end", "revoke", "optout", "alto", "arret", "baja", "basta")
)


def _is_typo(token: str, words: _Words) -> bool:
    """Whether a word is a keyword but for one letter, or two that changed places; doubled letters do not count."""
    if token in words.not_typos:
        return False
    single = re.sub(r"(.)\1+", r"\1", token)
    stops = (word for word in words.keywords[Meaning.STOP] if len(word) >= _SHORTEST_TYPO and " " not in word)
    return any(single == re.sub(r"(.)\1+", r"\1", word) or _is_near(token, word) for word in stops)


def _is_near(one: str, other: str) -> bool:
    """Whether one letter was added, lost or mistaken, or two neighbours changed places."""
    if abs(len(one) - len(other)) > 1:
        return False
    start = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    left, right = one[start:], other[start:]
    swapped = left[:2] == right[1::-1] and left[2:] == right[2:]
    return left[1:] == right[1:] or left[1:] == right or left == right[1:] or swapped


@lru_cache(maxsize=1)
def _words() -> _Words:
    data: dict[str, Any] = tomllib.loads(files("conductor_dsl.replies").joinpath("words.toml").read_text("utf-8"))
    order = (Meaning.STOP, Meaning.HELP, Meaning.START, Meaning.YES)
    return _Words(
        fillers=frozenset((*data["fillers"], *data["small"])),
        keywords={meaning: frozenset(data[meaning]["keywords"]) for meaning in order},
        not_typos=frozenset(data["stop"]["not_typos"]),
        phrases=_patterns(data["stop"]["phrases"]),
        traps=_patterns(data["stop"]["traps"]),
        doubtful=frozenset(data["stop"]["doubtful"]),
    )


def _patterns(phrases: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?: {_pattern(phrase)}(?= ))" for phrase in sorted(phrases, key=len, reverse=True)))


def _pattern(phrase: str) -> str:
    """A phrase as a regular expression over words parted by single spaces; `*` is up to three words."""
    parts: list[str] = []
    for word in phrase.split():
        gap = " " if parts else ""
        if word == "*":
            parts.append(r"(?: [a-z0-9]+){0,3}?")
        elif word.endswith("?"):
            parts.append(f"(?:{gap}(?:{word[:-1]}))?")
        else:
            parts.append(f"{gap}(?:{word})")
    return "".join(parts)
