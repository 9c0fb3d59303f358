"""The bound on messages is never passed, whatever way a contact takes."""

from __future__ import annotations

import math
from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from conductor_dsl.language.bound import BoundStep
from conductor_dsl.language.checks.flow_graph import TARGET, FlowGraph, flow_graph
from conductor_dsl.language.most_messages import Search, most_messages, nominal
from conductor_dsl.shared.clock import DAY
from conductor_dsl.shared.duration import Duration
from tests.language.contexts import check_text

WEEK = 7 * DAY


def graph(text: str) -> FlowGraph:
    checked = check_text(text)
    assert checked.conversations, checked.report.findings
    return flow_graph(checked.conversations[0])


def is_text(step: BoundStep) -> bool:
    return step.name == "sms"


def most(text: str, period: float = math.inf, *, again: bool = False) -> float:
    return most_messages(graph(text), Search(is_text, period, again, nominal)).count


def test_a_chain_sends_each_message_once() -> None:
    assert most('when order_count > 1 -> sms "a" -> email saved:"LastCall" -> sms "b" -> end') == 2


def test_of_two_branches_the_one_with_more_counts() -> None:
    both = 'when order_count > 1 -> if order_count > 5 { sms "a" -> sms "b" } else { sms "c" } -> sms "d" -> end'
    assert most(both) == 3


def test_a_period_holds_what_no_wait_parts() -> None:
    text = 'when order_count > 1 -> sms "a" -> wait 3d -> sms "b" -> wait 3d -> sms "c" -> wait 3d -> sms "d" -> end'
    assert [most(text, days * DAY) for days in (1, 3, 4, 7, 9, 10)] == [1, 1, 2, 3, 3, 4]


def test_a_loop_sends_as_often_as_its_bound_lets_it() -> None:
    loop = 'when order_count > 1 -> sms "a" as "A" -> wait 1d -> goto step:"A" at most 3 times -> end'
    assert most(loop) == 4
    assert most(loop, 2 * DAY) == 2


def test_loops_in_loops_multiply() -> None:
    text = (
        'when order_count > 1 -> sms "a" as "A" -> wait 1d -> goto step:"A" at most 2 times'
        ' -> wait 1d -> goto step:"A" at most 1 times -> end'
    )
    assert most(text) == 4  # the first jump goes back twice in a run, not twice in each round
    assert most(text.replace("at most 1 times", "")) == math.inf


def test_a_loop_without_a_wait_or_a_bound_has_no_bound() -> None:
    assert most('when order_count > 1 -> sms "a" as "A" -> goto step:"A"', DAY) == math.inf
    assert most('when order_count > 1 -> sms "a" as "A" -> wait 1d -> goto step:"A"', WEEK) == 7


def test_reentry_counts_where_it_is_asked_for() -> None:
    def head(rule: str) -> str:
        return f'conversation "A" {{ {rule} thread "T" on order.placed {{ sms "a" -> sms "b" -> end }} }}'

    assert most(head("reentry never"), WEEK, again=True) == 2
    assert most(head("reentry after 3d"), WEEK, again=True) == 6
    assert most(head("reentry after 7d"), WEEK, again=True) == 2
    assert most(head(""), WEEK, again=True) == math.inf
    assert most(head(""), WEEK) == 2


def test_an_exit_lets_a_contact_in_again_before_the_end() -> None:
    text = 'conversation "A" {{ {} thread "T" on order.placed {{ sms "a" -> wait 30d -> end }} }}'
    assert most(text.format("reentry after 3d"), WEEK, again=True) == 1
    assert most(text.format("reentry after 3d exit on order.placed"), WEEK, again=True) == 3
    assert most(text.format("reentry restart"), WEEK, again=True) == math.inf


def test_the_way_is_one_that_sends_as_many() -> None:
    found = graph('when order_count > 1 -> sms "a" -> if order_count > 5 { sms "b" } -> end')
    path = most_messages(found, Search(is_text, DAY)).path
    assert [found.flow.steps[number].name for number in path] == ["sms", "if", "sms 2"]


def walks(found: FlowGraph, number: int, turns: dict[int, int], sent: list[float], now: float) -> Iterator[list[float]]:
    """The times of the texts of every way from a step to the end, as a run that waits no longer than it must."""
    step = found.flow.steps[number]
    if step.kind == "sms":
        sent = [*sent, now]
    yield sent
    for edge, target in step.edges.items():
        taken = turns
        if edge == TARGET:
            if turns.get(number, 0) >= step.arguments["limit"]:
                continue
            taken = {**turns, number: turns.get(number, 0) + 1}
        later = now + nominal(Duration.parse(step.arguments["duration"])) if step.kind == "wait" else now
        yield from walks(found, target, taken, sent, later)


def within(times: list[float], period: float) -> int:
    """The most texts in any window of a period."""
    return max((sum(first <= time < first + period for time in times) for first in times), default=0)


PLAIN = st.sampled_from(['sms "a"', "wait 1d", "wait 2d", "wait 5h", 'email saved:"LastCall"'])
ROW = st.lists(PLAIN, min_size=1, max_size=2).map(" -> ".join)
FORK = st.builds("if order_count > 3 {{ {} }} else {{ {} }}".format, ROW, ROW)


@st.composite
def scripts(draw: st.DrawFn) -> str:
    """A chain of steps with at most two forks, which begins anew at most three times."""
    steps = [*draw(st.lists(PLAIN, max_size=2)), *draw(st.lists(FORK, max_size=2)), *draw(st.lists(PLAIN, max_size=2))]
    limits = draw(st.sampled_from([[], [1], [2], [3], [1, 1], [1, 2]]))
    jumps = [f'wait 1d -> goto step:"Top" at most {limit} times' for limit in limits]
    return "when order_count > 1 -> " + " -> ".join(['sms "top" as "Top"', *steps, *jumps, "end"])


@settings(max_examples=60, deadline=None)
@given(scripts(), st.sampled_from([DAY, 2 * DAY, WEEK, math.inf]))
def test_no_walk_through_a_conversation_passes_the_bound(text: str, period: float) -> None:
    found = graph(text)
    most_walked = max(within(times, period) for times in walks(found, 0, {}, [], 0))
    bound = most_messages(found, Search(is_text, period, measure=nominal)).count
    assert most_walked <= bound
    if period == math.inf:
        assert most_walked == bound
