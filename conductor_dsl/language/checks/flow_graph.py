"""A conversation as a graph of numbered steps, for the checks of its flow."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from conductor_dsl.language.bound import BoundConversation, BoundStep
from conductor_dsl.language.bound_to_flow import bound_to_flow, place_steps
from conductor_dsl.language.flow import Flow

TARGET = "target"
"""The edge of a `goto`."""


@dataclass(frozen=True, slots=True)
class FlowGraph:
    """The flow of a conversation, with the step as written for each number (one of two behind a guard)."""

    flow: Flow
    steps: Mapping[int, BoundStep]
    follows: Mapping[int, int | None]
    """Where each step goes on; None where its chain is at its end."""

    def reached(self, starts: Iterable[int]) -> set[int]:
        """Every step that can be reached from some."""
        found: set[int] = set()
        waiting = list(starts)
        while waiting:
            number = waiting.pop()
            if number not in found:
                found.add(number)
                waiting += self.flow.steps[number].edges.values()
        return found

    def before(self, stops: Callable[[BoundStep], bool]) -> list[BoundStep]:
        """The steps that contacts reach without passing one that stops; those that stop are among them."""
        found: dict[int, BoundStep] = {}
        waiting = [thread.first for thread in self.flow.threads if thread.trigger and thread.first is not None]
        while waiting:
            number = waiting.pop()
            if number in found:
                continue
            found[number] = self.steps[number]
            if not self.stands_for(number) or not stops(self.steps[number]):
                waiting += self.flow.steps[number].edges.values()
        return [step for number, step in found.items() if self.stands_for(number)]

    def stands_for(self, number: int) -> bool:
        """Whether a number stands for the step itself, and not for the condition in front of it."""
        return self.flow.steps[number].kind == self.steps[number].name

    def cycle(self, keeps: Callable[[int, str, int], bool]) -> tuple[int, ...] | None:
        """A cycle over the edges that `keeps(from, edge, to)` lets stand, or None; it starts where its `goto` leads."""
        edges = {
            step.number: {to for edge, to in step.edges.items() if keeps(step.number, edge, to)}
            for step in self.flow.steps
        }
        for start, targets in edges.items():
            # Only a goto leads back, so every cycle has an edge that does not lead to a higher number.
            for target in sorted(target for target in targets if target <= start):
                path = _path(edges, target, start)
                if path:
                    return path
        return None


def _path(edges: Mapping[int, set[int]], start: int, end: int) -> tuple[int, ...] | None:
    """The shortest path between two steps."""
    came_from: dict[int, int | None] = {start: None}
    waiting = [start]
    for number in waiting:
        if number == end:
            break
        for following in sorted(edges[number]):
            if following not in came_from:
                came_from[following] = number
                waiting.append(following)
    if end not in came_from:
        return None
    path: list[int] = []
    at: int | None = end
    while at is not None:
        path.append(at)
        at = came_from[at]
    return tuple(reversed(path))


@lru_cache(maxsize=16)
def flow_graph(conversation: BoundConversation) -> FlowGraph:
    """The graph of a conversation, as far as it could be bound; many checks ask for it, one after the other."""
    placed = place_steps(conversation)
    return FlowGraph(
        bound_to_flow(conversation),
        {item.number: item.step for item in placed} | {item.entrance: item.step for item in placed},
        {item.number: item.follow for item in placed},
    )
