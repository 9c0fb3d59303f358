"""The tests in the examples pass, and together they come by every message, every wait and every end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from conductor_dsl.cli.check_paths import check_paths
from conductor_dsl.cli.play import example_names
from conductor_dsl.language.bound_to_flow import bound_to_flow
from conductor_dsl.language.check import Checked
from conductor_dsl.language.source import Source
from conductor_dsl.plugin.host import build_host
from conductor_dsl.runtime.rehearse import rehearse as rehearsing
from conductor_dsl.runtime.rehearse.checked_to_parts import checked_to_parts
from conductor_dsl.runtime.rehearse.judge import judge
from conductor_dsl.runtime.rehearse.nouns import Failure, Scene, Seen
from conductor_dsl.shared.clock import VirtualClock

EXAMPLES = Path(__file__).parents[2] / "examples"
SEEN_KINDS = ("sms", "email", "wait", "end")
"""The steps of which the history tells, or at which a run ends."""


@pytest.mark.parametrize("name", example_names())
def test_every_test_passes_and_every_step_is_come_by(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    reached: set[tuple[str, str]] = set()

    def watch(scene: Scene, seen: Seen, source: Source) -> Iterator[Failure]:
        reached.update((note.conversation, note.step) for note in seen.history)
        reached.update((each.conversation, each.step) for each in seen.passes)
        reached.update((each.conversation, each.step) for each in seen.sent)
        return judge(scene, seen, source)

    monkeypatch.setattr(rehearsing, "judge", watch)
    host = build_host()
    checked = check_paths((EXAMPLES / name,), host.vocabulary)
    parts = checked_to_parts([(each, each.tests) for each in checked], host)
    outcomes = list(rehearsing.rehearse(parts, host, VirtualClock(0)))
    assert [outcome.place for outcome in outcomes if outcome.failures] == []
    assert sorted(steps(checked) - reached) == []


def steps(checked: list[Checked]) -> set[tuple[str, str]]:
    """The steps that a test has to come by."""
    return {
        (flow.name, step.name)
        for each in checked
        for flow in map(bound_to_flow, each.conversations)
        for step in flow.steps
        if step.kind in SEEN_KINDS
    }
