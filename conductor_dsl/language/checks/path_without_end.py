"""CDX102: a path that just stops."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.language.bound import BoundFile
from conductor_dsl.language.checks.flow_graph import FlowGraph, flow_graph
from conductor_dsl.language.diagnostics import Diagnostic, error
from conductor_dsl.language.vocabulary import Context


def check_path_without_end(file: BoundFile, _: Context) -> Iterator[Diagnostic]:
    """Every step behind which nothing follows although contacts go on from it, and every thread without steps."""
    for conversation in file.conversations:
        for thread in conversation.threads:
            is_broken = thread.trigger is None and thread.header_span is not None
            if thread.chain is None and not is_broken:
                hint = "write its steps, `end` as the last"
                yield error("CDX102", thread.name_span, f"nothing happens in `{thread.name}`", hint)
        yield from _open_ends(flow_graph(conversation))


def _open_ends(graph: FlowGraph) -> Iterator[Diagnostic]:
    for number, follow in graph.follows.items():
        step = graph.steps[number]
        if step.phrase.broken:
            continue  # there is no telling where it was meant to lead
        if follow is None and step.signature and not step.leaves and not step.branches_always:
            message = f"the path stops behind `{step.name}`"
            yield error("CDX102", step.name_span, message, "write `-> end` behind it")
