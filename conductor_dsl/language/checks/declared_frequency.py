"""CDX207: more texts than people were told when they subscribed. CDX703: more messages than a `cap` lets out."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from functools import partial

from conductor_dsl.language.bound import BoundConversation, BoundFile, BoundStep, Reference
from conductor_dsl.language.checks.flow_graph import FlowGraph, flow_graph
from conductor_dsl.language.checks.sendings import SMS
from conductor_dsl.language.diagnostics import Diagnostic, error, warning
from conductor_dsl.language.most_messages import Most, Search, most_messages, nominal
from conductor_dsl.language.vocabulary import Context
from conductor_dsl.shared.duration import Duration

FREQUENCY = re.compile(r"(\d+) per (\d+(?:mo|[dwy]))")
"""`4 per 1mo`, as `frequency` of a code says it."""
LONGEST_PATH = 6


def check_declared_frequency(file: BoundFile, context: Context) -> Iterator[Diagnostic]:
    """Every conversation of which a single run can send too much, with the way that does."""
    for conversation in file.conversations:
        yield from _codes(conversation, context)
        yield from _caps(conversation)


def _codes(conversation: BoundConversation, context: Context) -> Iterator[Diagnostic]:
    for code in context.catalogue.codes.values():
        told = FREQUENCY.fullmatch(code.frequency)
        if told is None:
            continue
        limit, period = int(told[1]), told[2]
        graph, most = _most(conversation, period, partial(_comes_from, code.number))
        if most.count > limit:
            message = f"up to {_count(most)} texts from `{code.number}` within {period}, where {limit} were promised"
            hint = f"they come by {_way(graph, most)}; wait longer, or promise more in conductor.toml"
            yield error("CDX207", _last(graph, most).name_span, message, hint)


def _comes_from(number: str, step: BoundStep) -> bool:
    code = step.phrase.get("code")
    return step.name == SMS and isinstance(code, Reference) and code.name == number


def _caps(conversation: BoundConversation) -> Iterator[Diagnostic]:
    for channel, limit, period in conversation.settings.caps:
        graph, most = _most(conversation, period, partial(_is_capped, channel))
        if most.count > limit:
            message = f"up to {_count(most)} messages within {period}, where `cap {channel}` lets {limit} out"
            hint = f"they come by {_way(graph, most)}; the last ones would be skipped"
            yield warning("CDX703", _last(graph, most).name_span, message, hint)


def _is_capped(channel: str, step: BoundStep) -> bool:
    return step.name == channel and step.phrase.option("ignore_cap") is None


def _most(conversation: BoundConversation, period: str, counts: Callable[[BoundStep], bool]) -> tuple[FlowGraph, Most]:
    graph = flow_graph(conversation)
    return graph, most_messages(graph, Search(counts, nominal(Duration.parse(period)), measure=nominal))


def _last(graph: FlowGraph, most: Most) -> BoundStep:
    return graph.steps[most.path[-1]]


def _count(most: Most) -> str:
    return "any number of" if most.count == math.inf else f"{most.count:g}"


def _way(graph: FlowGraph, most: Most) -> str:
    """The way in words, its middle left out where it is long."""
    names = [graph.flow.steps[number].name for number in most.path]
    if len(names) > LONGEST_PATH:
        names = [*names[: LONGEST_PATH - 2], "...", names[-1]]
    return f"`{' -> '.join(names)}`"
