"""Whose turn it is, and how much is done in one."""

from __future__ import annotations

from collections import Counter

from conductor_dsl.program.states import Lane
from conductor_dsl.runtime.turns import FIRST, LEAST, MOST, QUEUES, ROUND, TURN, Newcomers, Turns


def test_every_queue_has_its_turn_in_which_it_goes_first() -> None:
    turns = Turns()
    orders = [turns.queues() for _ in range(10 * ROUND)]
    assert Counter(order[0] for order in orders) == {
        Lane.TRANSACTIONAL: 70,
        Lane.ALERT: 10,
        Lane.MARKETING: 10,
        Newcomers.NEWCOMERS: 10,
    }
    assert {tuple(sorted(order, key=QUEUES.index)) for order in orders} == {QUEUES}


def test_behind_the_first_one_the_order_is_that_of_the_lanes() -> None:
    turns = Turns()
    for order in (turns.queues() for _ in range(ROUND)):
        assert list(order[1:]) == [queue for queue in QUEUES if queue is not order[0]]


def test_what_takes_too_long_is_done_in_smaller_parts_and_grows_again() -> None:
    turns = Turns()
    assert (turns.size("work", 10_000), turns.size("work", 1_000)) == (FIRST, 1_000)
    turns.learn("work", FIRST, 100)
    turns.learn("work", FIRST * 2, 100)
    assert turns.size("work", 50_000) == 10_000
    turns.learn("work", 10_000, 4 * TURN)
    assert turns.size("work", 10_000) == 2_500
    assert turns.size("other", 10_000) == FIRST
    turns.learn("work", 2_500, TURN - 1)
    assert turns.size("work", 10_000) == 2_500
    turns.learn("work", 2_500, TURN // 2)
    assert turns.size("work", 10_000) == 5_000
    for _ in range(100):
        turns.learn("work", 5_000, 0)
    assert (turns.size("work", 10_000), turns.size("work", 10 * MOST)) == (10_000, MOST)


def test_a_turn_does_something_however_slow_it_is() -> None:
    turns = Turns()
    turns.learn("work", 5, 60_000)
    assert turns.size("work", 10_000) == LEAST


def test_who_was_served_is_known_by_the_turn() -> None:
    turns = Turns()
    for conversation in (7, 8):
        turns.queues()
        turns.serve(conversation)
    assert turns.served(9) < turns.served(7) < turns.served(8)
