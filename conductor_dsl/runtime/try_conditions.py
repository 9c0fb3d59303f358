"""Whether the conditions of a version can be asked, tried before anything depends on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from conductor_dsl.language.flow import Flow
from conductor_dsl.plugin.contracts import Predicate
from conductor_dsl.program.facts import Asking, SqlFacts
from conductor_dsl.shared.errors import PluginError, blamed
from conductor_dsl.store.tables import metadata


def try_conditions(flow: Flow, predicates: Mapping[str, Predicate], asking: Asking) -> None:
    """Make the SQL of every condition; raises PluginError for one that no installed plugin gives, or that fails."""
    facts = SqlFacts(metadata.tables, 0, predicates, asking, sa.literal("{}"), sa.literal(asking.zone))
    for name, arguments in calls_of(flow):
        if name not in predicates:
            raise PluginError(
                f"conversation `{flow.name}` asks `{name}`, which no installed plugin provides",
                hint="install the plugin again, or publish the conversation without that condition",
            )
        with blamed(f"the condition `{name}`"):
            predicates[name].sql(facts, arguments)


def calls_of(flow: Flow) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every predicate that a flow asks, with its arguments."""
    triggers = [each.trigger.arguments for each in flow.threads if each.trigger]
    return calls_in([*triggers, *(each.arguments for each in flow.steps)])


def calls_in(data: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every call of a predicate inside arguments, by the form that expressions have as JSON."""
    match data:
        case ["call", str(name), str(), dict() as arguments]:
            yield name, arguments
            yield from calls_in(list(arguments.values()))
        case list() | tuple():
            for part in data:
                yield from calls_in(part)
        case Mapping():
            yield from calls_in(list(data.values()))
