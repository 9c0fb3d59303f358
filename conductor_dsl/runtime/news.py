"""News: the events by which a contact may cross into an audience, or have another anniversary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import sqlalchemy as sa

from conductor_dsl.language.flow import Flow
from conductor_dsl.plugin.contracts import TriggerSource
from conductor_dsl.plugin.host import Host
from conductor_dsl.program.facts import Asking, SqlFacts
from conductor_dsl.runtime.asked import events_of, tables_of
from conductor_dsl.runtime.try_conditions import calls_in
from conductor_dsl.store.tables import (
    consent,
    contact,
    conversation,
    event,
    membership,
    metadata,
    order_item,
    orders,
    step,
    suppression,
)

_STANDING = (TriggerSource.AUDIENCE, TriggerSource.ANNIVERSARY)
"""The triggers that look again at the contacts of whom there is news."""
_NOT_BY_EVENTS = frozenset(
    each.name for each in (consent, contact, conversation, membership, order_item, orders, step, suppression)
)
"""What events do not change, or what is stamped where it is changed."""


def events_of_news(live: Iterable[tuple[Flow, Asking]], host: Host) -> frozenset[str] | None:
    """The names of the events for which a standing trigger of the live versions asks; None for all of them.

    It is all of them where a condition asks for anything else that an event may change: who is inside, say.
    """
    names: set[str] = set()
    for flow, asking in live:
        for tables, events in _asked(flow, asking, host):
            if tables and (tables != {event.name} or not events):
                return None
            names |= events if tables else frozenset()
    return frozenset(names)


def _asked(flow: Flow, asking: Asking, host: Host) -> Iterator[tuple[set[str], frozenset[str]]]:
    """For each call of a predicate the tables that events may change, and the names of events."""
    facts = SqlFacts(metadata.tables, 0, host.predicates, asking, sa.literal("{}"), sa.literal("UTC"))
    for thread in flow.threads:
        if thread.trigger and host.triggers[thread.trigger.kind].source in _STANDING:
            for called, arguments in calls_in(thread.trigger.arguments):
                predicate = host.predicates[called]
                tables = tables_of(predicate.sql(facts, arguments)) - _NOT_BY_EVENTS
                yield tables, events_of(predicate.signature, arguments)
