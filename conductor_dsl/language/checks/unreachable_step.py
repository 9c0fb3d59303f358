"""CDX101: a step, or a whole thread, at which nobody can arrive."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.language.bound import BoundConversation, BoundFile, Reference, Scalar
from conductor_dsl.language.checks.flow_graph import TARGET, FlowGraph, flow_graph
from conductor_dsl.language.diagnostics import Diagnostic, error, warning
from conductor_dsl.language.vocabulary import Context


def check_unreachable_step(file: BoundFile, context: Context) -> Iterator[Diagnostic]:
    """The first of every row of steps that no path reaches, and every thread without an entrance.

    The first thread of a conversation may be begun by another script of the project, if there is one.
    """
    started = set(_started(file))
    for conversation in file.conversations:
        graph = flow_graph(conversation)
        first = [thread.name for thread in conversation.threads[:1] if context.conversations]
        yield from _idle_threads(
            conversation, graph, {name for of, name in started if of == conversation.name} | {*first}
        )
        yield from _steps(graph)


def _started(file: BoundFile) -> Iterator[tuple[str, str]]:
    """The (conversation, thread) that steps of the file begin."""
    firsts = {
        conversation.name: conversation.threads[0].name for conversation in file.conversations if conversation.threads
    }
    for conversation in file.conversations:
        for step in conversation.steps():
            thread = step.phrase.get("thread")
            target = step.phrase.get("starts")
            if isinstance(target, Reference):
                named = thread.value if isinstance(thread, Scalar) else firsts.get(target.name, "")
                yield target.name, str(named)


def _steps(graph: FlowGraph) -> Iterator[Diagnostic]:
    reached = graph.reached(thread.first for thread in graph.flow.threads if thread.first is not None)
    for step in graph.flow.steps:
        if step.number not in reached and step.number - 1 in reached:
            written = graph.steps[step.number]
            hint = "take it out, or let a `goto` lead here"
            yield error("CDX101", written.name_span, f"no contact can arrive at `{step.name}`", hint)


def _idle_threads(conversation: BoundConversation, graph: FlowGraph, started: set[str]) -> Iterator[Diagnostic]:
    targets = {step.edges[TARGET] for step in graph.flow.steps if TARGET in step.edges}
    own = {thread.name: thread for thread in graph.flow.threads}
    for thread in conversation.threads:
        steps = {step.number for step in graph.flow.steps if step.thread == thread.name}
        idle = own[thread.name].trigger is None and thread.name not in started
        if idle and not thread.header_span and steps and not steps & targets:
            message = f"nobody gets into the thread `{thread.name}`"
            hint = "give it a `when` or an `on`, or lead to it with `goto` or `start`"
            yield warning("CDX101", thread.name_span, message, hint)
