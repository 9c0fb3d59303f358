"""CDX504: a time to live that ends after what ends it anyway."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.language.bound import BoundFile, BoundStep, Scalar
from conductor_dsl.language.checks.flow_graph import FlowGraph, flow_graph
from conductor_dsl.language.checks.sendings import EMAIL, SMS
from conductor_dsl.language.diagnostics import Diagnostic, warning
from conductor_dsl.language.most_messages import gap_behind, nominal
from conductor_dsl.language.vocabulary import Context
from conductor_dsl.shared.clock import MINUTE
from conductor_dsl.shared.duration import Duration


def check_long_ttl(file: BoundFile, _: Context) -> Iterator[Diagnostic]:
    """Every `ttl` that is longer than the window, or than the time to the next message."""
    for conversation in file.conversations:
        steps = [step for step in conversation.steps() if isinstance(step.phrase.get("ttl"), Scalar)]
        graph = flow_graph(conversation) if steps else None
        for number, step in graph.steps.items() if graph else ():
            ttl = step.phrase.get("ttl")
            if graph and isinstance(ttl, Scalar) and graph.stands_for(number):
                problem = _problem(graph, number, nominal(Duration.parse(str(ttl.value))))
                if problem:
                    yield warning("CDX504", ttl.span, f"`ttl {ttl.value}` {problem[0]}", problem[1])


def _problem(graph: FlowGraph, number: int, length: float) -> tuple[str, str] | None:
    settings = graph.flow.settings
    if settings.opens and settings.closes and length > _minutes(settings.closes) - _minutes(settings.opens):
        window = f"{settings.opens}-{settings.closes}"
        return f"is longer than the window {window}, with which every message ends", "leave it out, or shorten it"
    if gap_behind(graph, number, _sends, nominal) < length:
        return "outlives the wait for the next message: both may come at once", "make it shorter than the wait"
    return None


def _sends(step: BoundStep) -> bool:
    return step.name in (SMS, EMAIL)


def _minutes(clock: str) -> float:
    hours, _, minutes = clock.partition(":")
    return (int(hours) * 60 + int(minutes)) * MINUTE
