"""From a published version to how far it looks back: what must be kept for its conditions and caps to mean the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import visitors

from conductor_dsl.language.signatures import Kind, Param, PredicateSignature
from conductor_dsl.plugin.contracts import Predicate
from conductor_dsl.program.facts import SqlFacts
from conductor_dsl.runtime.programs import Loaded
from conductor_dsl.runtime.try_conditions import calls_of
from conductor_dsl.shared.duration import Duration
from conductor_dsl.store.retention_tables import EVENTS, PAST
from conductor_dsl.store.tables import event, history, intent, metadata, run

_OF_PAST = frozenset((run.name, intent.name, history.name))


@dataclass(frozen=True, slots=True)
class LookBack:
    """That a conversation asks for something of the past, or for events, at most `within` old; None for any age.

    `names` are the conversations whose past it is, or the events; empty for all of them. `asks` is how people call it.
    """

    conversation: str
    asks: str
    kind: str
    within: Duration | None
    names: frozenset[str] = frozenset()


def look_backs(loaded: Loaded, predicates: Mapping[str, Predicate]) -> Iterator[LookBack]:
    """All of a version. Whatever a condition reads of another table is not deleted."""
    name = loaded.flow.name
    for channel, count, period in loaded.flow.settings.caps:
        yield LookBack(name, f"cap {channel} {count} per {period}", PAST, Duration.parse(period))
    facts = SqlFacts(metadata.tables, 0, predicates, loaded.asking, sa.literal("{}"), sa.literal("UTC"))
    for called, arguments in calls_of(loaded.flow):
        predicate = predicates[called]
        tables = _tables(predicate.sql(facts, arguments))
        within = _longest(predicate.signature, arguments)
        asks = f"{called} within {within.text}" if within else called
        if tables & _OF_PAST:
            yield LookBack(name, asks, PAST, within, _conversations(predicate.signature, arguments, name))
        if event.name in tables:
            yield LookBack(name, asks, EVENTS, within, _events(predicate.signature, arguments))


def _tables(expression: Any) -> set[str]:
    """The names of the tables that an expression reads."""
    found = (each for each in visitors.iterate(expression) if isinstance(each, sa.FromClause))
    return {table.name for each in found for table in _plain(each)}


def _plain(clause: sa.FromClause) -> Iterator[sa.Table]:
    element = getattr(clause, "element", clause)
    if isinstance(element, sa.Table):
        yield element


def _params(signature: PredicateSignature, arguments: Mapping[str, Any], kind: Kind) -> Iterator[tuple[Param, Any]]:
    phrases = [*signature.forms, *(option.phrase for option in signature.options)]
    for param in (part for phrase in phrases for part in phrase if isinstance(part, Param)):
        if kind in param.kinds and param.name in arguments:
            yield param, arguments[param.name]


def _longest(signature: PredicateSignature, arguments: Mapping[str, Any]) -> Duration | None:
    lengths = [Duration.parse(str(value)) for _, value in _params(signature, arguments, Kind.DURATION)]
    return max(lengths, key=lambda each: each.length, default=None)


def _events(signature: PredicateSignature, arguments: Mapping[str, Any]) -> frozenset[str]:
    named = (value for _, value in _params(signature, arguments, Kind.EVENT))
    told = [name for value in named for name in ([value] if isinstance(value, str) else value)]
    return frozenset(told or signature.grows_by)


def _conversations(signature: PredicateSignature, arguments: Mapping[str, Any], own: str) -> frozenset[str]:
    """The conversation that is named; the one that asks, where only a step is; all, where nothing is."""
    refs = {ref: value for param, value in _params(signature, arguments, Kind.REF) for ref in param.refs}
    if "conversation" in refs:
        return frozenset((str(refs["conversation"]["ref"][1]),))
    return frozenset((own,)) if "step" in refs else frozenset()
