"""Steps that lead contacts through a conversation: `when`, `if`, `split`, `holdout`, `wait`, `goto`, `end`."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from conductor_dsl.api import (
    Effect,
    FlowStep,
    Gate,
    Hold,
    Holdout,
    Kind,
    Move,
    Operation,
    Option,
    Param,
    Split,
    StepSignature,
    StepType,
    Stop,
    from_json,
    hookimpl,
)

_CONDITION = Param("condition", (Kind.PREDICATE,), "what must be true")

WHEN = StepSignature(
    name="when",
    summary="a gate: whoever does not match leaves, with the reason recorded",
    forms=((_CONDITION,),),
    options=(
        Option(
            ("else", Param("no", (Kind.BRANCH,), "where the others go")),
            "send the others elsewhere",
            default="they leave",
        ),
    ),
    effect=Effect.READS,
    example='when no_order_within 60d else { goto thread:"Buyers" }',
)

IF = StepSignature(
    name="if",
    summary="two ways that join again behind the block",
    forms=((_CONDITION, Param("yes", (Kind.BRANCH,), "the way of those who match")),),
    options=(Option(("else", Param("no", (Kind.BRANCH,), "the way of the others")), "the other way", default="pass"),),
    effect=Effect.READS,
    splits=True,
    example='if total_spent >= 500 { sms "Gold!" } else { sms "Hello!" }',
)

SPLIT = StepSignature(
    name="split",
    summary="each contact goes one of several ways, the same one every time",
    forms=(
        (
            Param("name", (Kind.TEXT,), "what is compared; another name draws anew"),
            Param("arms", (Kind.ARMS,), "the ways with their shares, which add up to 100%"),
        ),
    ),
    effect=Effect.READS,
    splits=True,
    doc=(
        "The ways join again behind the block. Who goes which way is drawn from the contact's key, the name of the "
        "conversation and the name of the split: nothing is random, and nobody changes sides from one run to the next. "
        "Ways without a name are called `A`, `B`, ... in reports."
    ),
    example='split "subject line" { 50% { sms "Hello!" } 50% "B" { sms "Hi!" } }',
)

HOLDOUT = StepSignature(
    name="holdout",
    summary="keep a share of the contacts out of what follows, for comparison",
    forms=(
        (Param("share", (Kind.PERCENT,), "how many"), Param("name", (Kind.TEXT,), "whom: the same in every file")),
        (Param("share", (Kind.PERCENT,), "how many"),),
    ),
    effect=Effect.READS,
    doc=(
        "Their run ends here, and `conductor status` counts them. It is the same contacts in every run; with a name "
        "it is the same ones in every conversation that names it. Give them something else to do with a `split`."
    ),
    example='holdout 10% "global"',
)

WAIT = StepSignature(
    name="wait",
    summary="wait for a length of time, or until a time of day",
    forms=(
        (Param("duration", (Kind.DURATION,), "how long"),),
        ("until", Param("until", (Kind.CLOCK,), "the next time the contact's clock shows it")),
    ),
    waits=True,
    doc=(
        "Days, weeks, months and years keep the time of day in the contact's zone, whatever daylight saving does in "
        "between; minutes and hours are elapsed time."
    ),
    example="wait 3d",
)

GOTO = StepSignature(
    name="goto",
    summary="go on at another step or thread",
    forms=((Param("target", (Kind.REF,), "where to go on", refs=("step", "thread")),),),
    options=(
        Option(("if", Param("guard", (Kind.PREDICATE,), "who goes")), "only for those who match", default="everybody"),
        Option(
            ("at", "most", Param("limit", (Kind.NUMBER,), "how often in one run"), "times"),
            "go so often, then pass on to the next step; a way back needs this bound, and a wait",
            default="no bound",
        ),
    ),
    ends=True,
    example='goto step:"Reminder" if no_order_within 7d at most 3 times',
)

END = StepSignature(
    name="end",
    summary="the run ends here",
    forms=((Param("reason", (Kind.TEXT,), "why, for the history"),), ()),
    ends=True,
    example='end "clicked"',
)


def lower_gate(step: FlowStep) -> Operation:
    """Those who match take `yes`, or the next step; the others take `no`, or leave."""
    return Gate(from_json(step.arguments["condition"]), yes=step.edge("yes"), no=step.edges.get("no"))


def lower_if(step: FlowStep) -> Operation:
    """Those who match take `yes`; the others take `no`, or go on."""
    return Gate(from_json(step.arguments["condition"]), yes=step.edge("yes"), no=step.edge("no"), reason="end of path")


def lower_split(step: FlowStep) -> Operation:
    """Each arm has an edge of its own."""
    arms = tuple((name, share, step.edge(f"arm:{name}")) for name, share in step.arguments["arms"])
    return Split(step.arguments["name"], arms)


def lower_holdout(step: FlowStep) -> Operation:
    """The rest goes on."""
    share = int(Decimal(step.arguments["share"]) * 100)
    return Holdout(share, step.edge("next"), step.arguments.get("name"))


def lower_wait(step: FlowStep) -> Operation:
    """Hold for a length of time, or until a wall-clock time."""
    return Hold(step.edge("next"), duration=step.arguments.get("duration"), clock=step.arguments.get("until"))


def lower_goto(step: FlowStep) -> Operation:
    """Move to the target, at most so many times."""
    return Move(step.edges["target"], next=step.edges.get("next"), limit=step.arguments.get("limit"))


def lower_end(step: FlowStep) -> Operation:
    """Stop, with the author's reason."""
    return Stop(step.arguments.get("reason", "end"))


@hookimpl
def conductor_steps() -> Sequence[StepType]:
    """The seven steps."""
    return (
        StepType(WHEN, lower_gate),
        StepType(IF, lower_if),
        StepType(SPLIT, lower_split),
        StepType(HOLDOUT, lower_holdout),
        StepType(WAIT, lower_wait),
        StepType(GOTO, lower_goto),
        StepType(END, lower_end),
    )
