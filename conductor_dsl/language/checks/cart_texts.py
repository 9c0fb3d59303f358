"""CDX218: more than one text about a cart, or one that comes too late."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from conductor_dsl.language.bound import BoundFile
from conductor_dsl.language.checks.flow_graph import FlowGraph, flow_graph
from conductor_dsl.language.checks.sendings import SMS
from conductor_dsl.language.checks.walk import entry_events
from conductor_dsl.language.diagnostics import Diagnostic, warning
from conductor_dsl.language.most_messages import Search, most_messages, nominal, time_to
from conductor_dsl.language.vocabulary import Context
from conductor_dsl.shared.clock import HOUR

CART = "cart.abandoned"
LATEST = 48 * HOUR


def check_cart_texts(file: BoundFile, _: Context) -> Iterator[Diagnostic]:
    """Every thread that answers a cart left behind, and what it leads to."""
    for conversation in file.conversations:
        threads = {each.name for each in conversation.threads if each.trigger and CART in entry_events(each.trigger)}
        if threads:
            graph = flow_graph(conversation)
            times = time_to(graph, [each for each in graph.flow.threads if each.name in threads], nominal)
            texts = {at: time for at, time in times.items() if graph.steps[at].name == SMS and graph.stands_for(at)}
            yield from _too_many(graph, texts)
            yield from _too_late(graph, texts)


def _too_many(graph: FlowGraph, texts: Mapping[int, float]) -> Iterator[Diagnostic]:
    written = {graph.steps[number].span for number in texts}
    most = most_messages(graph, Search(lambda step: step.span in written, math.inf, measure=nominal))
    if most.count > 1:
        message = "carriers allow one text for a cart left behind, and this may be another"
        yield warning("CDX218", graph.steps[most.path[-1]].name_span, message, "go on by e-mail")


def _too_late(graph: FlowGraph, texts: Mapping[int, float]) -> Iterator[Diagnostic]:
    for number, elapsed in sorted(texts.items()):
        if elapsed > LATEST:
            message = "carriers allow a text about a cart within 48 hours, and this one comes later"
            yield warning("CDX218", graph.steps[number].name_span, message, "send it sooner, or write an e-mail")
