"""CDX101: a step, or a whole thread, at which nobody can arrive."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.language.bound import BoundConversation, BoundFile
from conductor_dsl.language.checks.flow_graph import TARGET, FlowGraph, flow_graph
from conductor_dsl.language.diagnostics import Diagnostic, error, warning
from conductor_dsl.language.vocabulary import Context


def check_unreachable_step(file: BoundFile, _: Context) -> Iterator[Diagnostic]:
    """The first of every row of steps that no path reaches, and every thread without an entrance."""
    for conversation in file.conversations:
        graph = flow_graph(conversation)
        yield from _idle_threads(conversation, graph)
        yield from _steps(graph)


def _steps(graph: FlowGraph) -> Iterator[Diagnostic]:
    reached = graph.reached(thread.first for thread in graph.flow.threads if thread.first is not None)
    for step in graph.flow.steps:
        if step.number not in reached and step.number - 1 in reached:
            written = graph.steps[step.number]
            hint = "take it out, or let a `goto` lead here"
            yield error("CDX101", written.name_span, f"no contact can arrive at `{step.name}`", hint)


def _idle_threads(conversation: BoundConversation, graph: FlowGraph) -> Iterator[Diagnostic]:
    targets = {step.edges[TARGET] for step in graph.flow.steps if TARGET in step.edges}
    own = {thread.name: thread for thread in graph.flow.threads}
    for thread in conversation.threads:
        steps = {step.number for step in graph.flow.steps if step.thread == thread.name}
        if own[thread.name].trigger is None and not thread.header_span and steps and not steps & targets:
            message = f"nobody gets into the thread `{thread.name}`"
            hint = "give it a `when` or an `on`, or lead to it with `goto`"
            yield warning("CDX101", thread.name_span, message, hint)
