"""From the vocabulary to the words of each class that is coloured alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from conductor_dsl.language.settings import SETTINGS
from conductor_dsl.language.signatures import Option, Param, Phrase
from conductor_dsl.language.vocabulary import Vocabulary
from conductor_dsl.language.words import RESERVED

STRUCTURE = frozenset(
    {"conversation", "thread", "field", "event", "segment", "test", "on", "given", "expect", "else", "pass"}
)
"""Words that give a script its shape."""


@dataclass(frozen=True, slots=True)
class WordClasses:
    """Words by class; a word of several classes belongs to the first."""

    structure: frozenset[str]
    steps: frozenset[str]
    conditions: frozenset[str]
    logic: frozenset[str]
    settings: frozenset[str]
    options: frozenset[str]
    references: frozenset[str]

    def by_name(self) -> Iterator[tuple[str, frozenset[str]]]:
        """(class, words), each word in its first class only."""
        seen: set[str] = set()
        for name in ("structure", "steps", "conditions", "logic", "settings", "options"):
            words: frozenset[str] = getattr(self, name)
            yield name, words - seen
            seen |= words


def word_classes(vocabulary: Vocabulary) -> WordClasses:
    """The classes of every word of a vocabulary and of the grammar."""
    phrases = list(_phrases(vocabulary))
    params = [part for phrase in phrases for part in phrase if isinstance(part, Param)]
    fixed = {part for phrase in phrases for part in phrase if isinstance(part, str) and part.isidentifier()}
    return WordClasses(
        structure=STRUCTURE,
        steps=frozenset(vocabulary.steps),
        conditions=frozenset(vocabulary.predicates),
        logic=RESERVED | {"before", "within", "contains", "starts", "ends", "between"},
        settings=frozenset(SETTINGS),
        options=frozenset(fixed | {word for param in params for word in param.words}),
        references=frozenset(ref for param in params for ref in param.refs),
    )


def _phrases(vocabulary: Vocabulary) -> Iterator[Phrase]:
    for signatures in (vocabulary.steps, vocabulary.predicates, vocabulary.triggers, SETTINGS):
        yield from _of(signatures)


def _of(signatures: Mapping[str, object]) -> Iterator[Phrase]:
    for signature in signatures.values():
        forms: Iterable[Phrase] = getattr(signature, "forms", ())
        options: Iterable[Option] = getattr(signature, "options", ())
        yield from forms
        yield from (option.phrase for option in options)
