"""Steps that change a contact's data: `set` and `clear`."""

from __future__ import annotations

from collections.abc import Sequence

from conductor_dsl.api import (
    Effect,
    FlowStep,
    Kind,
    Operation,
    Param,
    StepSignature,
    StepType,
    Write,
    from_json,
    hookimpl,
)

SET = StepSignature(
    name="set",
    summary="give a field of the contact a value",
    forms=(
        (
            Param("field", (Kind.FIELD,), "a field that the file declares, or a name"),
            "=",
            Param("value", (Kind.VALUE,), "a literal, a field or a measure of the same type"),
        ),
    ),
    effect=Effect.WRITES,
    example="set won_back = true",
)

CLEAR = StepSignature(
    name="clear",
    summary="make a field of the contact empty",
    forms=((Param("field", (Kind.FIELD,), "the field"),),),
    effect=Effect.WRITES,
    example="clear tier",
)


def lower_set(step: FlowStep) -> Operation:
    """Write one field."""
    return Write(((step.arguments["field"], from_json(step.arguments["value"])),), step.edge("next"))


def lower_clear(step: FlowStep) -> Operation:
    """Write nothing into one field."""
    return Write(((step.arguments["field"], None),), step.edge("next"))


@hookimpl
def conductor_steps() -> Sequence[StepType]:
    """The two steps."""
    return (StepType(SET, lower_set), StepType(CLEAR, lower_clear))
