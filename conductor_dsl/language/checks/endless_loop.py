"""CDX103: a way back without a wait, or without a bound."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from conductor_dsl.language.bound import BoundFile
from conductor_dsl.language.checks.flow_graph import TARGET, FlowGraph, flow_graph
from conductor_dsl.language.diagnostics import Diagnostic, error
from conductor_dsl.language.vocabulary import Context

NO_WAIT = (
    "the loop {} has no wait that takes time",
    "put a `wait` such as `wait 1d` between its steps, or contacts run in circles at once",
)
MOST_LOOPS = 20
"""How many loops of a conversation are worth reading about."""
NO_BOUND = ("the loop {} has no bound", "write how often: `goto ... at most 3 times`")


def check_endless_loop(file: BoundFile, _: Context) -> Iterator[Diagnostic]:
    """Every `goto` that closes a loop which could turn for ever, or without time passing."""
    for conversation in file.conversations:
        graph = flow_graph(conversation)
        yield from _loops(graph, partial(_passes_at_once, graph), NO_WAIT)
        yield from _loops(graph, partial(_passes_for_ever, graph), NO_BOUND)


def _loops(graph: FlowGraph, stays: Callable[[int, str], bool], saying: tuple[str, str]) -> Iterator[Diagnostic]:
    """A finding for each loop over the edges that stay, the closing edges taken away one after the other."""
    closed: set[int] = set()

    def keeps(start: int, edge: str, _: int) -> bool:
        return stays(start, edge) and not (edge == TARGET and start in closed)

    while len(closed) < MOST_LOOPS and (cycle := graph.cycle(keeps)):
        closing = cycle[-1]
        closed.add(closing)
        names = [graph.flow.steps[number].name for number in (*cycle, cycle[0])]
        message, hint = saying
        yield error("CDX103", graph.steps[closing].span, message.format(f"`{' -> '.join(names)}`"), hint)


def _passes_at_once(graph: FlowGraph, number: int, _: str) -> bool:
    step = graph.flow.steps[number]
    signature = graph.steps[number].signature
    if signature is None or not signature.waits or step.kind != signature.name:
        return True
    return may_take_no_time(step.arguments)


def may_take_no_time(arguments: Mapping[str, Any]) -> bool:
    """Whether a wait can be over when it begins: the window is open, or the day has passed."""
    has_day = "date" in arguments or "moment" in arguments
    return "window" in arguments or (has_day and arguments.get("if_past") != "next_year")


def _passes_for_ever(graph: FlowGraph, number: int, edge: str) -> bool:
    return edge != TARGET or "limit" not in graph.flow.steps[number].arguments
