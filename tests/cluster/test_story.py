"""A node of three is killed; the others take over within 15 seconds, and nothing is lost or doubled."""

from __future__ import annotations

from pathlib import Path

from tests.cluster.story import tell

CONTACTS = 1_200


def test_the_work_of_a_killed_node_is_taken_over(postgres_url: str, tmp_path: Path) -> None:
    told = tell(tmp_path, postgres_url, CONTACTS, lambda _: None)
    assert told.verification.holds, told.verification.verdicts
    assert sum(told.states.values()) == CONTACTS
    assert set(told.states) <= {"accepted", "delivered", "ambiguous"}
    assert told.twice == []
    assert told.in_hand > 0
    assert told.taken_over < 15 + 5
