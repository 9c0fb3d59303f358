"""CDX110: a message behind a wait that nobody asks for any more: the goal may have been reached meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.language.bound import BoundFile, BoundStep, BoundThread
from conductor_dsl.language.checks.flow_graph import FlowGraph, flow_graph
from conductor_dsl.language.checks.sendings import EMAIL, SMS
from conductor_dsl.language.checks.undone_by import undone_by
from conductor_dsl.language.checks.walk import condition_of, entry_events, is_bare
from conductor_dsl.language.diagnostics import Diagnostic, warning
from conductor_dsl.language.vocabulary import ANSWERED_BY, Context


def check_unchecked_goal(file: BoundFile, context: Context) -> Iterator[Diagnostic]:
    """The first such message behind every wait, in conversations that could say `exit on`."""
    for conversation in file.conversations:
        if is_bare(conversation):
            continue
        graph = flow_graph(conversation)
        for thread in conversation.threads:
            goals = _goals(thread, context)
            if goals and not set(goals) & set(conversation.settings.exits):
                yield from _late_messages(graph, thread, goals[0])


def _goals(thread: BoundThread, context: Context) -> list[str]:
    """The events after which the reason for being in a thread is gone."""
    trigger = thread.trigger
    if trigger is None:
        return []
    condition = condition_of(trigger.phrase)
    own = [goal for event in entry_events(trigger) for goal in ANSWERED_BY.get(event, ())]
    return [*own, *(undone_by(condition.expression, context.vocabulary) if condition else ())]


def _late_messages(graph: FlowGraph, thread: BoundThread, goal: str) -> Iterator[Diagnostic]:
    first = next((each.first for each in graph.flow.threads if each.name == thread.name), None)
    found: dict[int, BoundStep] = {}
    for number in sorted(graph.reached([first] if first is not None else [])):
        step = graph.steps[number]
        if step.signature and step.signature.waits and graph.stands_for(number):
            found |= _behind(graph, number, goal)
    for step in found.values():
        message = f"`{step.name}` is sent after a wait, to those too who have reached the goal meanwhile"
        hint = f"write `exit on {goal}` into the head, or ask again with `when` before it"
        yield warning("CDX110", step.name_span, message, hint)


def _behind(graph: FlowGraph, wait: int, goal: str) -> dict[int, BoundStep]:
    """The first messages behind a wait on every way that asks nothing."""
    if goal in str(graph.flow.steps[wait].arguments.get("events", "")):
        return {}
    found: dict[int, BoundStep] = {}
    seen: set[int] = set()
    waiting = list(graph.flow.steps[wait].edges.values())
    while waiting:
        number = waiting.pop()
        step = graph.steps[number]
        if number in seen or not graph.stands_for(number) or condition_of(step.phrase):
            continue
        seen.add(number)
        if step.name in (SMS, EMAIL):
            found[number] = step
        else:
            waiting += graph.flow.steps[number].edges.values()
    return found
