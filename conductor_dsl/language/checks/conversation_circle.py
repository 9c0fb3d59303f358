"""CDX118: conversations that begin each other at once, for ever."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from conductor_dsl.language.bound import BoundConversation, BoundFile, Reference, Scalar
from conductor_dsl.language.checks.flow_graph import FlowGraph, flow_graph
from conductor_dsl.language.checks.walk import entry_events
from conductor_dsl.language.diagnostics import Diagnostic, error
from conductor_dsl.language.source import Span
from conductor_dsl.language.vocabulary import Context

STARTS, EMITS = "starts", "emits"


@dataclass(frozen=True, slots=True)
class _Begins:
    """A step through which a contact that has just come into one conversation comes into another, at once."""

    target: str
    span: Span


def check_conversation_circle(file: BoundFile, _: Context) -> Iterator[Diagnostic]:
    """Every circle of conversations of the file without a wait, where it closes."""
    links = {conversation.name: tuple(_links(conversation, file)) for conversation in file.conversations}
    if not any(links.values()):
        return
    done: set[str] = set()
    for name in links:
        yield from _circles(name, links, done)


def _circles(start: str, links: Mapping[str, tuple[_Begins, ...]], done: set[str]) -> Iterator[Diagnostic]:
    """Walk from one conversation; a link that leads back onto the way closes a circle."""
    way: list[tuple[str, Iterator[_Begins]]] = [] if start in done else [(start, iter(links[start]))]
    done.add(start)
    while way:
        link = next(way[-1][1], None)
        names = [name for name, _ in way]
        if link is None:
            way.pop()
        elif link.target in names:
            circle = " -> ".join((*names[names.index(link.target) :], link.target))
            hint = "put a `wait` between, or contacts run in circles at once"
            yield error("CDX118", link.span, f"the conversations begin each other without a wait: `{circle}`", hint)
        elif link.target not in done:
            done.add(link.target)
            way.append((link.target, iter(links[link.target])))


def _links(conversation: BoundConversation, file: BoundFile) -> Iterator[_Begins]:
    """What the steps begin at which contacts arrive without a wait."""
    graph = flow_graph(conversation)
    steps = {graph.steps[number].name_span.start: graph.steps[number] for number in sorted(_reached_at_once(graph))}
    for step in steps.values():
        for name, value in step.phrase.values():
            if name == STARTS and isinstance(value, Reference) and value.name != conversation.name:
                if any(other.name == value.name for other in file.conversations):
                    yield _Begins(value.name, value.span)
            elif name == EMITS and isinstance(value, Scalar):
                others = (other for other in file.conversations if other.name != conversation.name)
                yield from (_Begins(other.name, value.span) for other in others if _enters(other, str(value.value)))


def _reached_at_once(graph: FlowGraph) -> set[int]:
    waiting = [thread.first for thread in graph.flow.threads if thread.first is not None]
    found: set[int] = set()
    while waiting:
        number = waiting.pop()
        signature = graph.steps[number].signature
        if number not in found and not (signature and signature.waits):
            found.add(number)
            waiting += graph.flow.steps[number].edges.values()
    return found


def _enters(conversation: BoundConversation, event: str) -> bool:
    return any(thread.trigger and event in entry_events(thread.trigger) for thread in conversation.threads)
