"""After a power failure the file knows of every message that was on its way; with less syncing it would not."""

from __future__ import annotations

from pathlib import Path

from tests.power.power import fail_everywhere
from tests.simulate.bugs import BUGS


def test_after_a_power_failure_no_message_that_was_accepted_is_forgotten(tmp_path: Path) -> None:
    told = fail_everywhere(tmp_path)
    assert (told.forgotten, told.damaged) == ((), ())
    assert told.failures > 10


def test_with_less_syncing_messages_would_be_forgotten(tmp_path: Path) -> None:
    with BUGS["less_synchronous"].put():
        told = fail_everywhere(tmp_path)
    assert told.forgotten
    assert told.damaged == ()
