"""Conditions and measures over what happened to a contact: events, and what became of messages."""

from __future__ import annotations

from collections.abc import Sequence

from conductor_dsl.api import Predicate, hookimpl
from conductor_plugins.predicates_events.engagement import ENGAGEMENT
from conductor_plugins.predicates_events.happened import HAPPENED


@hookimpl
def conductor_predicates() -> Sequence[Predicate]:
    """Events, opened and clicked messages, messages received."""
    return (*HAPPENED, *ENGAGEMENT)
