"""While a batch is in hand no garbage is looked for."""

from __future__ import annotations

import gc

import pytest

from conductor_dsl.shared.collecting_later import collecting_later


def fail_with_a_batch_in_hand() -> None:
    with collecting_later():
        raise KeyError(gc.isenabled())


def test_the_collector_rests_inside_and_goes_on_afterwards_whatever_happens() -> None:
    with pytest.raises(KeyError, match="False"):
        fail_with_a_batch_in_hand()
    assert gc.isenabled()


def test_a_collector_that_somebody_has_turned_off_stays_off() -> None:
    with collecting_later():
        with collecting_later():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
