"""From a published version to how far it looks back: what must be kept for its conditions and caps to mean the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from conductor_dsl.language.signatures import Kind, PredicateSignature
from conductor_dsl.plugin.contracts import Predicate
from conductor_dsl.program.facts import SqlFacts
from conductor_dsl.runtime.asked import events_of, params_of, tables_of
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
        tables = tables_of(predicate.sql(facts, arguments))
        within = _longest(predicate.signature, arguments)
        asks = f"{called} within {within.text}" if within else called
        if tables & _OF_PAST:
            yield LookBack(name, asks, PAST, within, _conversations(predicate.signature, arguments, name))
        if event.name in tables:
            yield LookBack(name, asks, EVENTS, within, events_of(predicate.signature, arguments))


def _longest(signature: PredicateSignature, arguments: Mapping[str, Any]) -> Duration | None:
    lengths = [Duration.parse(str(value)) for _, value in params_of(signature, arguments, Kind.DURATION)]
    return max(lengths, key=lambda each: each.length, default=None)


def _conversations(signature: PredicateSignature, arguments: Mapping[str, Any], own: str) -> frozenset[str]:
    """The conversation that is named; the one that asks, where only a step is; all, where nothing is."""
    refs = {ref: value for param, value in params_of(signature, arguments, Kind.REF) for ref in param.refs}
    if "conversation" in refs:
        return frozenset((str(refs["conversation"]["ref"][1]),))
    return frozenset((own,)) if "step" in refs else frozenset()
