"""Which fields have a value for everybody who arrives at a step: the ways there ask for it, set it, or give it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from conductor_dsl.language.bound import Assignments, BoundConversation, BoundStep, FieldName
from conductor_dsl.language.checks.flow_graph import FlowGraph, flow_graph
from conductor_dsl.language.checks.walk import named_values
from conductor_dsl.language.expressions import (
    All,
    AnyOf,
    Calc,
    Compare,
    Constant,
    Day,
    Expression,
    Field,
    Gap,
    Known,
    Now,
    Shift,
    from_json,
)
from conductor_dsl.language.flow import FlowStep
from conductor_dsl.language.signatures import Effect

Fields = frozenset[str]
ALWAYS: Fields = frozenset({"key"})
"""The fields that no contact lacks."""
YES, NO = "yes", "no"


def known_fields(conversation: BoundConversation) -> Mapping[int, Fields]:
    """For the name of each step, by where it begins in the source, the fields that are known there.

    What an import takes away while a contact waits is not thought of: it is rare, and the warning would be everywhere.
    """
    graph = flow_graph(conversation)
    arriving: dict[int, Fields] = {}
    waiting = [(number, fields) for number, fields in _entrances(graph)]
    while waiting:
        number, fields = waiting.pop()
        old = arriving.get(number)
        new = fields if old is None else old & fields
        if new != old:
            arriving[number] = new
            step = graph.flow.steps[number]
            waiting += ((to, _leaving(step, edge, graph.steps[number], new)) for edge, to in step.edges.items())
    # Two numbers may stand for a step with a guard; it is asked before the step, so the later one knows more.
    return {graph.steps[number].name_span.start: arriving[number] for number in sorted(arriving)}


def _entrances(graph: FlowGraph) -> Iterator[tuple[int, Fields]]:
    for thread in graph.flow.threads:
        if thread.first is not None and thread.trigger is not None:
            condition = thread.trigger.arguments.get("condition")
            yield thread.first, ALWAYS | (_implied(from_json(condition)) if condition else frozenset())


def _leaving(flow_step: FlowStep, edge: str, step: BoundStep, fields: Fields) -> Fields:
    """What is known of those who leave a step over an edge."""
    condition = flow_step.arguments.get("condition")
    if condition is not None:
        holds = edge == YES or (edge != NO and YES not in flow_step.edges)
        return fields | _implied(from_json(condition)) if holds else fields
    if step.signature is None or step.signature.effect is not Effect.WRITES:
        return fields
    given, taken = set[str](), set[str]()
    for parameter, value in named_values(step.phrase):
        if isinstance(value, FieldName):
            (given if edge == "next" and parameter in step.signature.fills else taken).add(value.name)
        elif isinstance(value, Assignments):
            for field, formula in value.items:
                (given if _is_known(formula.expression, fields) else taken).add(field.name)
    return fields - taken | given


def _is_known(expression: Expression, fields: Fields) -> bool:
    """Whether an expression has a value for everybody, where these fields have one."""
    match expression:
        case Constant() | Now() | Compare() | All() | AnyOf() | Known():
            return True
        case Field(name):
            return name in fields
        case Shift(value) | Day(value):
            return _is_known(value, fields)
        case Gap(_, start, end) | Calc("*", start, end):
            return _is_known(start, fields) and _is_known(end, fields)
        case Calc("+" | "-", left, right):
            return _is_known(left, fields) or _is_known(right, fields)
    return False


def _implied(condition: Expression) -> Fields:
    """The fields that must have a value where a condition is true; a comparison with a missing value is false."""
    match condition:
        case Known(Field(name)):
            return frozenset({name})
        case Compare(_, left, right):
            return frozenset(_read(left)) | frozenset(_read(right))
        case All(items):
            return frozenset().union(*map(_implied, items))
        case AnyOf(items):
            return frozenset.intersection(*map(_implied, items))
    return frozenset()


def _read(value: Expression) -> Iterator[str]:
    """The fields without which a value is missing."""
    match value:
        case Field(name):
            yield name
        case Shift(inner) | Day(inner):
            yield from _read(inner)
        case Gap(_, start, end) | Calc("*" | "/", start, end):
            yield from _read(start)
            yield from _read(end)
