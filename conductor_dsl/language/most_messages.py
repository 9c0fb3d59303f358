"""At most how many messages a conversation can send to one contact in a time: an upper bound over all its ways.

The search follows every edge, whatever the conditions say, with the shortest time that each wait can take, and counts
the turns of every loop that has a bound. So no contact ever gets more; that somebody gets as many is not promised.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush

from conductor_dsl.language.bound import BoundStep
from conductor_dsl.language.checks.flow_graph import TARGET, FlowGraph
from conductor_dsl.language.flow import FlowStep, FlowThread
from conductor_dsl.shared.clock import DAY, HOUR
from conductor_dsl.shared.duration import PATTERN, Duration

Measure = Callable[[Duration], float]
"""From a length of time to milliseconds."""

MANY = 1_000
"""From so many messages on there is no bound worth naming."""
MOST_LABELS = 50_000
"""How far the search goes before it gives up, and says that there is no bound."""
CAME = "came"
"""The edge of those to whom came what they waited for; where it is not written, all take the same one."""
ALWAYS, NEVER, RESTART = "always", "never", "restart"
_MONTH, _SHORTEST_MONTH, _LONGEST_MONTH = 30 * DAY, 28 * DAY, 31 * DAY


def nominal(duration: Duration) -> float:
    """As people count: a day has 24 hours, a month 30 days."""
    return duration.months * _MONTH + duration.days * DAY + duration.millis


def shortest(duration: Duration) -> float:
    """The least that a wait can take, in the shortest month, when the clocks go forward."""
    calendar = duration.months * _SHORTEST_MONTH + duration.days * DAY
    return max(calendar - 2 * HOUR, 0) + duration.millis


def longest(duration: Duration) -> float:
    """The most that a period can last, in the longest month, when the clocks go back."""
    calendar = duration.months * _LONGEST_MONTH + duration.days * DAY
    return calendar + (2 * HOUR if calendar else 0) + duration.millis


@dataclass(frozen=True, slots=True)
class Most:
    """A bound, infinite where there is none, and the numbers of the steps of a way that comes up to it."""

    count: float
    path: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Search:
    """What is asked: which steps count, within how many milliseconds, and how long a wait is.

    Without `again` it is about one run; with it, about all the runs that the re-entry rule allows.
    """

    counts: Callable[[BoundStep], bool]
    period: float
    again: bool = False
    measure: Measure = shortest


@dataclass(frozen=True, slots=True, order=True)
class _Label:
    """A contact on its way: the time since its first message here, where it is, how often it took each bounded jump."""

    elapsed: float
    count: int
    number: int
    turns: tuple[tuple[int, int], ...]
    before: _Label | None = field(compare=False)


def most_messages(graph: FlowGraph, search: Search) -> Most:
    """The bound over every way through a conversation, beginning with any of its messages."""
    sends = {number for number, step in graph.steps.items() if graph.stands_for(number) and search.counts(step)}
    waiting = [_Label(0, 1, number, (), None) for number in sorted(sends)]
    seen: set[tuple[int, int, tuple[tuple[int, int], ...]]] = set()
    best: _Label | None = None
    while waiting:
        label = heappop(waiting)
        key = (label.number, label.count, label.turns)
        if key in seen:
            continue
        seen.add(key)
        if best is None or label.count > best.count:
            best = label
        if label.count >= MANY or len(seen) > MOST_LABELS:
            return Most(math.inf, _path(best))
        for follower in _followers(graph, label, search):
            counted = follower.count + (follower.number in sends)
            heappush(waiting, _Label(follower.elapsed, counted, follower.number, follower.turns, label))
    return Most(best.count, _path(best)) if best else Most(0)


def _followers(graph: FlowGraph, label: _Label, search: Search) -> Iterator[_Label]:
    """Every place where a contact can be next, within the period."""
    step = graph.flow.steps[label.number]
    for edge, number in step.edges.items():
        turns = _turned(label.turns, step, edge)
        elapsed = label.elapsed + _delay(graph.steps[label.number], step, edge, search.measure)
        if turns is not None and elapsed < search.period:
            yield _Label(elapsed, label.count, number, turns, label)
    pause = _pause(graph, step, search)
    if search.again and label.elapsed + pause < search.period:
        for thread in graph.flow.threads:
            if thread.trigger and thread.first is not None:
                yield _Label(label.elapsed + pause, label.count, thread.first, (), label)


def _turned(turns: tuple[tuple[int, int], ...], step: FlowStep, edge: str) -> tuple[tuple[int, int], ...] | None:
    """The turns after taking an edge; None where the bound of a jump forbids it."""
    limit = step.arguments.get("limit")
    if edge != TARGET or limit is None:
        return turns
    taken = dict(turns)
    taken[step.number] = taken.get(step.number, 0) + 1
    return tuple(sorted(taken.items())) if taken[step.number] <= limit else None


def _delay(written: BoundStep, step: FlowStep, edge: str, measure: Measure) -> float:
    """The least time between arriving at a step and arriving behind it."""
    if not written.signature or not written.signature.waits or step.kind != written.name:
        return 0
    lengths = [value for value in _lengths(step, edge) if PATTERN.fullmatch(value)]
    return max((measure(Duration.parse(value)) for value in lengths), default=0)


def _lengths(step: FlowStep, edge: str) -> Iterator[str]:
    """A plain wait lasts; one for an event lasts until it is too late, for those to whom it does not come."""
    duration, timeout = step.arguments.get("duration"), step.arguments.get("timeout")
    if isinstance(duration, str):
        yield duration
    if isinstance(timeout, str) and edge != CAME and CAME in step.edges:
        yield timeout


def _pause(graph: FlowGraph, step: FlowStep, search: Search) -> float:
    """How long after this step the same contact may come in again; infinite where the run cannot end here."""
    settings = graph.flow.settings
    if settings.reentry == NEVER:
        return math.inf
    if settings.reentry == RESTART:
        return 0
    ends = "next" not in step.edges or step.arguments.get("if_past") == "end"
    if not ends and not settings.exits:
        return math.inf
    return 0 if settings.reentry == ALWAYS else search.measure(Duration.parse(settings.reentry))


def _path(label: _Label | None) -> tuple[int, ...]:
    path: list[int] = []
    while label:
        path.append(label.number)
        label = label.before
    return tuple(reversed(path))


def time_to(graph: FlowGraph, threads: Iterable[FlowThread], measure: Measure) -> dict[int, float]:
    """The least time in milliseconds from coming in by some threads to every step that can be reached."""
    found: dict[int, float] = {}
    waiting = [(0.0, thread.first) for thread in threads if thread.first is not None]
    while waiting:
        elapsed, number = heappop(waiting)
        if number in found:
            continue
        found[number] = elapsed
        step = graph.flow.steps[number]
        for edge, following in step.edges.items():
            heappush(waiting, (elapsed + _delay(graph.steps[number], step, edge, measure), following))
    return found


def gap_behind(graph: FlowGraph, number: int, counts: Callable[[BoundStep], bool], measure: Measure) -> float:
    """The least time from one step to the next that counts; infinite where none follows, or none but behind no wait."""
    found: set[int] = set()
    waiting = [(0.0, number)]
    while waiting:
        elapsed, at = heappop(waiting)
        if elapsed and graph.stands_for(at) and counts(graph.steps[at]):
            return elapsed
        if at not in found:
            found.add(at)
            step = graph.flow.steps[at]
            for edge, following in step.edges.items():
                heappush(waiting, (elapsed + _delay(graph.steps[at], step, edge, measure), following))
    return math.inf
