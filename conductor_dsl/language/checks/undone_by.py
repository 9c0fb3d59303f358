"""Which events make a condition false: by what the signatures say of their measures."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.language.expressions import All, AnyOf, Call, Compare, Expression, Not
from conductor_dsl.language.vocabulary import Vocabulary

_LOW, _HIGH = ("before", "<", "<=", "="), ("within", ">", ">=", "!=")
"""Comparisons that become false when the measure grows, and those that become true."""


def undone_by(expression: Expression, vocabulary: Vocabulary) -> tuple[str, ...]:
    """The events after which the condition may hold no longer; none where nothing is known to undo it."""
    return tuple(dict.fromkeys(_events(expression, vocabulary, falls=True)))


def _events(expression: Expression, vocabulary: Vocabulary, *, falls: bool) -> Iterator[str]:
    match expression:
        case Not(item):
            yield from _events(item, vocabulary, falls=not falls)
        case All(items) | AnyOf(items):
            for item in items:
                yield from _events(item, vocabulary, falls=falls)
        case Call(name):
            signature = vocabulary.predicates.get(name)
            if signature:
                yield from signature.falls_by if falls else signature.grows_by
        case Compare(op, Call(name)):
            signature = vocabulary.predicates.get(name)
            if signature and op in (_LOW if falls else _HIGH):
                yield from signature.grows_by
