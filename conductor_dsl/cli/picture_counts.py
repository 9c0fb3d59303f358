"""What has happened at each step of a conversation, as lines for the cards of its picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from conductor_dsl.language.bound import BoundConversation
from conductor_dsl.language.bound_to_flow import bound_to_flow
from conductor_dsl.language.flow import Flow, FlowStep
from conductor_dsl.picture.conversation_to_picture import door_key, out_key, step_key
from conductor_dsl.program.states import HistoryKind, RunState
from conductor_dsl.runtime.programs import Loaded
from conductor_dsl.runtime.words import in_words
from conductor_dsl.store.connect import Connection
from conductor_dsl.store.summaries import run_counts, standing_counts, step_counts


def picture_counts(
    connection: Connection, loaded: Loaded, conversation: BoundConversation
) -> Mapping[str, tuple[str, ...]]:
    """Lines by the keys of cards. A step of the published version is found in the script by its thread and name."""
    flow = bound_to_flow(conversation)
    places = {(step.thread, step.name): step_key(step.number) for step in flow.steps}
    lines: dict[str, list[str]] = {}
    for step, line in _happened(connection, loaded):
        lines.setdefault(places.get((step.thread, step.name), ""), []).append(line)
    runs = run_counts(connection, loaded.conversation_id)
    for run in runs:
        if run.state == RunState.EXITED and run.step is not None and run.step < len(loaded.flow.steps):
            step = loaded.flow.steps[run.step]
            key = places.get((step.thread, step.name), "")
            lines.setdefault(out_key(key), []).append(f"{run.count:,}")
    doors = [index for index, thread in enumerate(flow.threads) if thread.trigger]
    if len(doors) == 1:
        lines[door_key(doors[0])] = [f"{sum(run.count for run in runs):,} entered"]
    return {key: tuple(each) for key, each in lines.items()}


def has_changed(loaded: Loaded, conversation: BoundConversation) -> bool:
    """Whether the script has other steps than what is published, so that figures may be missing."""
    return _names(loaded.flow) != _names(bound_to_flow(conversation))


def _names(flow: Flow) -> list[tuple[str, str, str]]:
    return [(step.thread, step.name, step.kind) for step in flow.steps]


def _happened(connection: Connection, loaded: Loaded) -> Iterator[tuple[FlowStep, str]]:
    """What happened at each step, in words; who had to wait comes behind those among whom they are counted."""
    steps = loaded.flow.steps
    counts = [count for count in step_counts(connection, loaded.conversation_id) if count.step < len(steps)]
    for count in sorted(counts, key=lambda each: (each.step, each.what == HistoryKind.DEFERRED)):
        yield steps[count.step], f"{count.count:,} {in_words(count.what, count.reason)}"
    for number, standing in standing_counts(connection, loaded.version_id).items():
        if number < len(steps):
            yield steps[number], f"{standing:,} will go on here"
