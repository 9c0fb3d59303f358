"""Steps that change what is known of a contact: its fields, lists, events, and the conversations it is in."""

from __future__ import annotations

from collections.abc import Sequence

from conductor_dsl.api import (
    Coupon,
    Effect,
    Emit,
    Enlist,
    FlowStep,
    Kind,
    Operation,
    Option,
    Param,
    Start,
    StepSignature,
    StepType,
    ValueType,
    Write,
    from_json,
    hookimpl,
)

SET = StepSignature(
    name="set",
    summary="give fields of the contact values",
    forms=((Param("assignments", (Kind.ASSIGNMENTS,), "fields, each with a value of its type"),),),
    effect=Effect.WRITES,
    doc=(
        "Every value is read before any of them is written. Numbers are computed with `+ - * /`: what is missing "
        "counts as 0 in a sum, so that `visits + 1` begins to count; a product with it, and a quotient by 0, are "
        "missing. A field whose value is missing is cleared."
    ),
    example="set won_back = true",
)

CLEAR = StepSignature(
    name="clear",
    summary="make fields of the contact empty",
    forms=((Param("field", (Kind.FIELD,), "the field", many=True),),),
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
            never_with="fallback",
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

_LIST = Param("list", (Kind.REF,), "a list of conductor.toml", refs=("list",))

SUBSCRIBE = StepSignature(
    name="subscribe",
    summary="write down that the contact agreed to a list, by the event that let it in",
    forms=((_LIST, "text", Param("consent", (Kind.TEXT,), "what the contact agreed to, word for word")),),
    doc=(
        "The ledger keeps the words, the event as the proof, the conversation and the step. The yes dates from the "
        "event, so a STOP that came since counts. Only a thread that begins with an event may subscribe."
    ),
    example='subscribe list:"News" text "Yes, send me your monthly letter."',
)

UNSUBSCRIBE = StepSignature(
    name="unsubscribe",
    summary="take the contact off a list, as if it had asked for that",
    forms=((_LIST,),),
    doc="What has not left yet to the contact on that list is called back.",
    example='unsubscribe list:"News"',
)

EMIT = StepSignature(
    name="emit",
    summary="let an event of the project happen to the contact",
    forms=(
        (
            Param("emits", (Kind.EVENT,), "an event that the file declares"),
            Param("payload", (Kind.PAYLOAD,), "its fields with their values"),
        ),
        (Param("emits", (Kind.EVENT,), "an event that the file declares"),),
    ),
    doc=(
        "It takes its effect once the contact has come to rest: it ends and begins runs of other conversations, and is "
        "there for conditions. On the conversation that emits it has no effect."
    ),
    example="emit points.earned { points 10 }",
)

START = StepSignature(
    name="start",
    summary="let the contact into another conversation too, as the re-entry rule of that one says",
    forms=((Param("starts", (Kind.REF,), "a conversation of the project", refs=("conversation",)),),),
    options=(
        Option(
            ("at", Param("thread", (Kind.TEXT,), "the name of a thread")),
            "where to begin",
            default="the first thread",
        ),
    ),
    doc=(
        "The contact goes on here, too. The event that let it in here is `event` there. Nobody is let in who came in "
        "less than an hour before."
    ),
    example='start conversation:"Loyalty"',
)


def lower_set(step: FlowStep) -> Operation:
    """Write each field."""
    assignments = step.arguments["assignments"]
    return Write(tuple((field, from_json(value)) for field, value in assignments), step.edge("next"))


def lower_clear(step: FlowStep) -> Operation:
    """Write nothing into each field."""
    return Write(tuple((field, None) for field in step.arguments["field"]), step.edge("next"))


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


def lower_subscribe(step: FlowStep) -> Operation:
    """A yes, with its words."""
    return Enlist(_name(step, "list"), "subscribed", step.edge("next"), step.arguments["consent"])


def lower_unsubscribe(step: FlowStep) -> Operation:
    """A no."""
    return Enlist(_name(step, "list"), "unsubscribed", step.edge("next"))


def lower_emit(step: FlowStep) -> Operation:
    """An event with what it carries."""
    payload = step.arguments.get("payload", ())
    return Emit(step.arguments["emits"], tuple((name, from_json(value)) for name, value in payload), step.edge("next"))


def lower_start(step: FlowStep) -> Operation:
    """Into another conversation."""
    return Start(_name(step, "starts"), step.edge("next"), step.arguments.get("thread"))


def _name(step: FlowStep, parameter: str) -> str:
    """The name in `{"ref": [kind, name]}`."""
    name: str = step.arguments[parameter]["ref"][1]
    return name


@hookimpl
def conductor_steps() -> Sequence[StepType]:
    """The steps."""
    return (
        StepType(SET, lower_set),
        StepType(CLEAR, lower_clear),
        StepType(COUPON, lower_coupon),
        StepType(SUBSCRIBE, lower_subscribe),
        StepType(UNSUBSCRIBE, lower_unsubscribe),
        StepType(EMIT, lower_emit),
        StepType(START, lower_start),
    )
