"""The bell rings when something is due, loses no wake-up, and stops."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event

import pytest

from conductor_dsl.runtime.bell import Bell
from conductor_dsl.shared.clock import SECOND, Instant, SystemClock, VirtualClock

PATIENCE = 60.0


@contextmanager
def rung(ring: Callable[[], Instant | None], complain: Callable[[Exception], None] = print) -> Iterator[Bell]:
    bell = Bell(ring, SystemClock(), complain)
    bell.start()
    yield bell
    bell.stop(PATIENCE)


def test_it_rings_at_the_start_and_when_woken() -> None:
    rings = [Event(), Event()]
    coming = iter(rings)
    with rung(lambda: next(coming).set()) as bell:
        assert rings[0].wait(PATIENCE)
        bell.wake()
        assert rings[1].wait(PATIENCE)


def test_it_rings_at_the_instant_that_the_last_ring_named() -> None:
    clock, again = SystemClock(), Event()
    due = [clock.now() + SECOND // 10]

    def ring() -> Instant | None:
        if due:
            return due.pop()
        again.set()
        return None

    with rung(ring):
        assert again.wait(PATIENCE)


def test_however_often_it_is_woken_during_a_ring_it_rings_once_more() -> None:
    begun, go_on, again = Event(), Event(), Event()
    count = 0

    def ring() -> None:
        nonlocal count
        count += 1
        (begun if count == 1 else again).set()
        go_on.wait(PATIENCE)

    with rung(ring) as bell:
        assert begun.wait(PATIENCE)
        for _ in range(5):
            bell.wake()
        go_on.set()
        assert again.wait(PATIENCE)
    assert count == 2


def test_a_ring_that_fails_is_complained_of_and_the_bell_still_wakes() -> None:
    complained, again = Event(), Event()

    def ring() -> None:
        if complained.is_set():
            again.set()
            return
        raise OSError("no space left")

    with rung(ring, lambda _problem: complained.set()) as bell:
        assert complained.wait(PATIENCE)
        bell.wake()
        assert again.wait(PATIENCE)


def test_it_tells_once_of_what_goes_on_and_that_it_is_over() -> None:
    told: list[str] = []
    over = Event()
    failing = iter(["gone", "gone", "starting"])

    def ring() -> None:
        for words in failing:
            bell.wake()  # and not only when it would try again
            raise OSError(words)
        told.append("rung")

    bell = Bell(ring, SystemClock(), lambda problem: told.append(str(problem)), over.set)
    bell.start()
    assert over.wait(PATIENCE)
    bell.stop(PATIENCE)
    assert told[:3] == ["gone", "starting", "rung"]


def test_it_tries_again_every_second_and_less_often_when_that_does_not_help(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[int] = []
    clock = VirtualClock(0)
    monkeypatch.setattr(Bell, "_set", lambda _bell, at: waited.append(at - clock.now()))
    bell = Bell(lambda: fail("no space left"), clock, lambda _: None)
    for _ in range(12):
        bell._on_ring()
    assert [length / SECOND for length in waited] == [1] * 10 + [10] * 2


def fail(words: str) -> None:
    raise OSError(words)


def test_stopping_says_whether_the_ring_has_ended() -> None:
    begun, go_on = Event(), Event()

    def ring() -> None:
        begun.set()
        go_on.wait(PATIENCE)

    bell = Bell(ring, SystemClock(), print)
    bell.start()
    assert begun.wait(PATIENCE)
    bell.wake()
    assert not bell.stop(within=0)
    go_on.set()
