"""Clocks move forward only, and instants keep their meaning."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conductor_dsl.shared.clock import SystemClock, VirtualClock, from_datetime, to_datetime, to_iso


def test_a_virtual_clock_never_goes_back() -> None:
    clock = VirtualClock(100)
    clock.move_to(200)
    clock.move_to(150)
    assert clock.now() == 200


def test_the_system_clock_does_not_go_back_when_the_machine_does(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([5_000_000_000, 4_000_000_000, 6_000_000_000])
    monkeypatch.setattr("conductor_dsl.shared.clock.time.time_ns", lambda: next(times))
    clock = SystemClock()
    assert [clock.now() for _ in range(3)] == [5_000, 5_000, 6_000]


@given(st.integers(0, 4_102_444_800_000))
def test_an_instant_survives_the_way_through_a_datetime(instant: int) -> None:
    assert from_datetime(to_datetime(instant)) == instant


def test_one_moment_is_one_instant_in_every_zone() -> None:
    there = datetime(2026, 3, 2, 12, tzinfo=timezone(timedelta(hours=-5)))
    assert from_datetime(there) == from_datetime(datetime(2026, 3, 2, 17, tzinfo=UTC))


def test_a_datetime_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        from_datetime(datetime(2026, 3, 2))  # noqa: DTZ001


def test_an_instant_reads_as_iso() -> None:
    assert to_iso(1_772_467_200_000) == "2026-03-02T16:00:00Z"
