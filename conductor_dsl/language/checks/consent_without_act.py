"""CDX401: somebody is said to have agreed who has done nothing."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.language.bound import BoundConversation, BoundFile, BoundStep, Scalar
from conductor_dsl.language.checks.flow_graph import FlowGraph, flow_graph
from conductor_dsl.language.checks.walk import entry_events, named_values
from conductor_dsl.language.diagnostics import Diagnostic, error
from conductor_dsl.language.signatures import Kind
from conductor_dsl.language.vocabulary import Context

PARAMETER = "consent"
LATE = "late"
"""The edge of those for whom the event that was waited for did not come."""


def check_consent_without_act(file: BoundFile, _: Context) -> Iterator[Diagnostic]:
    """Every step that records consent where a contact may arrive without an event of its own; and one without words."""
    for conversation in file.conversations:
        steps = [step for step in conversation.steps() if isinstance(step.phrase.get(PARAMETER), Scalar)]
        idle = _reached_idly(conversation) if steps else set()
        for step in steps:
            words = step.phrase.get(PARAMETER)
            if isinstance(words, Scalar) and not str(words.value).strip():
                hint = "write what the contact read when it agreed, word for word"
                yield error("CDX401", words.span, f"`{step.name}` does not say what was agreed to", hint)
            if step.name_span.start in idle:
                hint = "begin its thread with the event by which the contact agrees, such as `on checkout.signup`"
                message = f"`{step.name}` says that contacts agreed who may have done nothing"
                yield error("CDX401", step.name_span, message, hint)


def _reached_idly(conversation: BoundConversation) -> set[int]:
    """Where the names of the steps begin at which a contact may arrive without an event that is its own doing."""
    graph = flow_graph(conversation)
    idle = {thread.name for thread in conversation.threads if thread.trigger and not entry_events(thread.trigger)}
    waiting = [thread.first for thread in graph.flow.threads if thread.name in idle and thread.first is not None]
    found: set[int] = set()
    while waiting:
        number = waiting.pop()
        if number not in found:
            found.add(number)
            waiting += _onward(graph, number)
    return {graph.steps[number].name_span.start for number in found}


def _onward(graph: FlowGraph, number: int) -> list[int]:
    edges = graph.flow.steps[number].edges
    if LATE in edges and _waits_for_event(graph.steps[number]):
        return [edges[LATE]]
    return list(edges.values())


def _waits_for_event(step: BoundStep) -> bool:
    named = (value for _, value in named_values(step.phrase))
    return (
        step.signature is not None
        and step.signature.waits
        and any(isinstance(value, Scalar) and value.kind is Kind.EVENT for value in named)
    )
