"""From a flow to the operations that the engine runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from conductor_dsl.language.flow import Flow, FlowStep, Settings
from conductor_dsl.program.operations import Hold, Lowering, Operation, Program
from conductor_dsl.shared.errors import PluginError, blamed


def flow_to_program(flow: Flow, lowerings: Mapping[str, Lowering]) -> Program:
    """One operation for each step.

    Raises PluginError when a step belongs to a plugin that is no longer installed, or fails: the conversation then
    stands still, and nothing of it is lost.
    """
    for step in flow.steps:
        if step.kind not in lowerings:
            raise PluginError(
                f"conversation `{flow.name}` uses step `{step.kind}`, which no installed plugin provides",
                hint="install the plugin again, or publish the conversation without that step",
            )
    return Program(tuple(_completed(_lowered(step, lowerings), flow.settings) for step in flow.steps))


def _lowered(step: FlowStep, lowerings: Mapping[str, Lowering]) -> Operation:
    with blamed(f"the step `{step.kind}`"):
        operation = lowerings[step.kind](step)
        if not isinstance(operation, Operation):
            raise TypeError(f"it becomes a {type(operation).__name__}, which is no operation")
    return operation


def _completed(operation: Operation, settings: Settings) -> Operation:
    """An operation with what it needs to know of the head of its conversation."""
    if isinstance(operation, Hold) and operation.until_window:
        return replace(operation, opens=settings.opens, closes=settings.closes)
    return operation
