"""Steps that change a contact's data: `set`, `clear`, `coupon`."""

from __future__ import annotations

from collections.abc import Sequence

from conductor_dsl.api import (
    Coupon,
    Effect,
    FlowStep,
    Kind,
    Operation,
    Option,
    Param,
    StepSignature,
    StepType,
    ValueType,
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

COUPON = StepSignature(
    name="coupon",
    summary="give each contact a code of its own from a pool, and put it into a field",
    forms=(
        (
            Param("pool", (Kind.REF,), "a pool of conductor.toml", refs=("pool",)),
            "into",
            Param("field", (Kind.FIELD,), "the field for the code", types=(ValueType.TEXT,)),
        ),
    ),
    options=(
        Option(
            ("fallback", Param("fallback", (Kind.TEXT,), "a code for everybody")),
            "the code of those for whom the pool has none left",
            default="they take `else`",
        ),
        Option(
            ("expires", "into", Param("last_day", (Kind.FIELD,), "the field for the day", types=(ValueType.DATE,))),
            "keep the last day on which the code is worth something, too",
            default="only the code is kept",
        ),
        Option(
            ("else", Param("empty", (Kind.BRANCH,), "the way of those who get no code")),
            "what to do when the pool is empty and there is no fallback",
            default="they leave, with the reason `no code left`",
        ),
    ),
    effect=Effect.WRITES,
    fills=("field",),
    doc=(
        "No code is ever given twice, and the ones that expire first go first. A contact that comes by again in one "
        "run keeps its code while that is good."
    ),
    example='coupon pool:"WB20" into offer fallback "WB20"',
)


def lower_set(step: FlowStep) -> Operation:
    """Write one field."""
    return Write(((step.arguments["field"], from_json(step.arguments["value"])),), step.edge("next"))


def lower_clear(step: FlowStep) -> Operation:
    """Write nothing into one field."""
    return Write(((step.arguments["field"], None),), step.edge("next"))


def lower_coupon(step: FlowStep) -> Operation:
    """Claim a code."""
    given = step.arguments
    return Coupon(
        pool=given["pool"]["ref"][1],
        field=given["field"],
        next=step.edge("next"),
        fallback=given.get("fallback"),
        empty=step.edges.get("empty"),
        last_day=given.get("last_day"),
    )


@hookimpl
def conductor_steps() -> Sequence[StepType]:
    """The steps."""
    return (StepType(SET, lower_set), StepType(CLEAR, lower_clear), StepType(COUPON, lower_coupon))
