"""From a checked conversation to a flow: steps get numbers, names and edges.

Numbers follow the text: a step comes before its branches, and they before what follows. So every edge leads to a
higher number, and only a `goto` can lead back. The last step of a branch goes on behind the step that branches.

A step with `if P` behind it (`goto step:"A" if P`) becomes two: an `if` that chooses, and the step itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from conductor_dsl.language import expressions
from conductor_dsl.language.bound import (
    BoundChain,
    BoundConversation,
    BoundStep,
    BoundThread,
    Formula,
    Reference,
    phrase_to_json,
)
from conductor_dsl.language.flow import Flow, FlowStep, FlowThread, FlowTrigger
from conductor_dsl.language.step_names import Targets, named_steps

GUARD = "if"
"""The kind of the step that stands for an `if P` behind another step: `yes` leads to that step, `no` past it."""
TARGETS = ("step", "thread")
"""The kinds of references that are edges of a step behind which nothing comes; the edge has the name of the parameter.
Another step only names what it speaks of."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A step with its number, the number where it goes on, and those where its branches begin."""

    number: int
    step: BoundStep
    thread: BoundThread
    follow: int | None
    branches: Mapping[str, int | None]

    @property
    def entrance(self) -> int:
        """Where a `goto` arrives: at the condition in front of the step, if it has one."""
        return self.number - 1 if self.step.guard else self.number


def bound_to_flow(conversation: BoundConversation) -> Flow:
    """The flow of a conversation that has been checked without errors."""
    placed = place_steps(conversation)
    entrances = {item.step.name_span.start: item.entrance for item in placed}
    names = {
        step.name_span.start: name for thread in conversation.threads for name, step in named_steps(thread).items()
    }
    targets = Targets(conversation)
    steps: list[FlowStep] = []
    for item in placed:
        name = names.get(item.step.name_span.start, item.step.name)
        line = conversation.source.position(item.step.span.start).line
        step = _flow_step(item, name, line, _edges(item, targets, entrances))
        guard = item.step.guard
        steps += [_guard_step(step, guard, item.follow), step] if guard else [step]
    return Flow(
        name=conversation.name,
        settings=conversation.settings,
        threads=tuple(_threads(conversation)),
        steps=tuple(steps),
        field_types={name: type_.value for name, type_ in conversation.fields.items()},
    )


def place_steps(conversation: BoundConversation) -> list[Placed]:
    """Every step with its number, in the order of the numbers."""
    placed: list[Placed] = []
    first = 0
    for thread in conversation.threads:
        placed += _place(thread.chain, thread, first, None)
        first += _chain_size(thread.chain)
    return placed


def _threads(conversation: BoundConversation) -> Iterator[FlowThread]:
    first = 0
    for thread in conversation.threads:
        yield FlowThread(thread.name, first if thread.chain else None, _trigger(thread))
        first += _chain_size(thread.chain)


def _place(chain: BoundChain | None, thread: BoundThread, first: int, follow: int | None) -> Iterator[Placed]:
    """The steps of a chain and its branches, numbered from `first`; behind the last one comes `follow`."""
    number = first
    for index, step in enumerate(chain.steps if chain else ()):
        end = number + _step_size(step)
        after = end if chain and index + 1 < len(chain.steps) else follow
        own = number + 1 if step.guard else number
        inner = own + 1
        branches: dict[str, int | None] = {}
        below: list[Placed] = []
        for name, branch in step.branches:
            branches[name] = inner if branch.chain else after
            below += _place(branch.chain, thread, inner, after)
            inner += _chain_size(branch.chain)
        yield Placed(own, step, thread, after, branches)
        yield from below
        number = end


def _chain_size(chain: BoundChain | None) -> int:
    return sum(map(_step_size, chain.steps)) if chain else 0


def _step_size(step: BoundStep) -> int:
    return (2 if step.guard else 1) + sum(_chain_size(branch.chain) for _, branch in step.branches)


def _edges(item: Placed, targets: Targets, entrances: Mapping[int, int]) -> dict[str, int]:
    """Where a step leads: on, into its branches, and to what it names."""
    step = item.step
    edges: dict[str, int | None] = {} if step.leaves or step.branches_always else {"next": item.follow}
    edges |= item.branches
    for parameter, value in step.phrase.values():
        if isinstance(value, Reference) and value.kind in TARGETS and step.signature and step.signature.ends:
            target = targets.find(value, item.thread)
            edges[parameter] = entrances[target.name_span.start] if target else None
    return {edge: number for edge, number in edges.items() if number is not None}


def _flow_step(item: Placed, name: str, line: int, edges: Mapping[str, int]) -> FlowStep:
    arguments = phrase_to_json(item.step.phrase)
    if item.step.guard:
        del arguments["guard"]
    return FlowStep(
        number=item.number,
        kind=item.step.name,
        name=name,
        thread=item.thread.name,
        line=line,
        arguments=arguments,
        edges=edges,
    )


def _guard_step(step: FlowStep, guard: Formula, follow: int | None) -> FlowStep:
    edges = {"yes": step.number} | ({} if follow is None else {"no": follow, "next": follow})
    arguments = {"condition": expressions.to_json(guard.expression)}
    return replace(step, number=step.number - 1, kind=GUARD, name=f"{step.name} if", arguments=arguments, edges=edges)


def _trigger(thread: BoundThread) -> FlowTrigger | None:
    trigger = thread.trigger
    return FlowTrigger(trigger.name, phrase_to_json(trigger.phrase)) if trigger else None
