"""Steps that lead contacts through a conversation: `when`, `if`, `split`, `holdout`, `wait`, `goto`, `end`."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from conductor_dsl.api import (
    ENGAGEMENT,
    ORDINALS,
    WEEKDAYS,
    Await,
    CompareExpression,
    ConstantExpression,
    Effect,
    Expression,
    FieldExpression,
    FlowStep,
    Gate,
    Hold,
    Holdout,
    Kind,
    Move,
    Operation,
    Option,
    Param,
    ShiftExpression,
    Split,
    StepSignature,
    StepType,
    Stop,
    ValueType,
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

_WEEKDAY = Param("weekday", (Kind.WORD,), "the next such day; a week later if today is one", words=WEEKDAYS)
_ORDINAL = Param("ordinal", (Kind.WORD,), "which one of a month", words=ORDINALS)
_DAY = Param("weekday", (Kind.WORD,), "the day of the month", words=(*WEEKDAYS, "day"))
_WINDOW = Param("window", (Kind.WORD,), "when messages may go out again; at once where they may", words=("window",))
_CLOCK = Param("until", (Kind.CLOCK,), "the next time the contact's clock shows it")
_DATE = Param("date", (Kind.DATE,), "the day")
_MOMENT = Param(
    "moment",
    (Kind.VALUE,),
    "a day or a point in time of the contact, perhaps moved: `birthday - 7d`",
    types=(ValueType.DATE, ValueType.INSTANT),
)
_SENT = Param("message", (Kind.WORD,), "what is done with a message of this run", words=ENGAGEMENT)
_CLICKED = Param("message", (Kind.WORD,), "a link of a message of this run is followed", words=("clicked",))
_STEP = Param("step", (Kind.REF,), "the step that sent it; without it, the latest message", refs=("step",))
_LINK = Param("link", (Kind.TEXT,), "its address")
_REPLY = Param("reply", (Kind.WORD,), "any text from the contact", words=("reply",))
MARKS = " .,!?"
"""What may stand behind a keyword, as an import leaves it out."""
_KEYWORD = Param("keyword", (Kind.TEXT,), "the text; capitals, blanks and the marks behind it do not matter")
_EVENTS = Param("events", (Kind.EVENT,), "what is waited for; the first that comes counts", many=True)
_PAST = ("date", "moment")
_AWAITED = ("events", "message", "reply", "keyword")

WAIT = StepSignature(
    name="wait",
    summary="wait for a length of time, until a moment, or for something to happen",
    forms=(
        (Param("duration", (Kind.DURATION,), "how long"),),
        ("until", _ORDINAL, _DAY, _CLOCK),
        ("until", _ORDINAL, _DAY),
        ("until", _WEEKDAY, _CLOCK),
        ("until", _WEEKDAY),
        ("until", _WINDOW),
        ("until", _CLOCK),
        ("until", _DATE, _CLOCK),
        ("until", _DATE),
        ("until", _MOMENT),
        ("for", _CLICKED, _STEP, "link", _LINK),
        ("for", _SENT, _STEP),
        ("for", _CLICKED, "link", _LINK),
        ("for", _REPLY),
        ("for", "keyword", _KEYWORD),
        ("for", _EVENTS),
    ),
    options=(
        Option(
            ("at", Param("clock", (Kind.CLOCK,), "the time of day")),
            "at what time of that day",
            default="at that of a point in time; for a date, at the time at which the wait begins",
            beside=("moment",),
        ),
        Option(
            ("if_past", Param("if_past", (Kind.WORD,), "what then", words=("skip", "next_year", "end"))),
            "what to do where that day is over: go on at once, wait for the same day of the next year in which it is "
            "still to come, or end the run. Who has no such day goes on with `skip`; else the run ends",
            default="skip",
            beside=_PAST,
        ),
        Option(
            ("where", Param("where", (Kind.PREDICATE,), "which of them", own_event=True)),
            "only such events; `event` is the one that is waited for",
            default="all",
            beside=("events",),
        ),
        Option(
            (
                "up",
                "to",
                Param("timeout", (Kind.DURATION,), "how long at most"),
                Param("came", (Kind.BRANCH,), "the way of those for whom it came", optional=True),
            ),
            "how long to wait at most, and the way of those for whom it came",
            beside=_AWAITED,
            needed=True,
        ),
        Option(
            ("else", Param("late", (Kind.BRANCH,), "the way of the others")),
            "the way of those for whom it did not come in time",
            default="pass",
            beside=_AWAITED,
        ),
    ),
    waits=True,
    splits=True,
    doc=(
        "Days, weeks, months and years keep the time of day in the contact's zone, whatever daylight saving does "
        "in between; minutes and hours are elapsed time. A weekday or a date without a time of day means the time "
        "at which the wait begins. Of what is waited for, only that counts which happened since the latest message "
        "of the run (or since that of the step named), and one event ends one wait."
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
    """Hold until a moment, or await an event."""
    arguments = step.arguments
    if "timeout" in arguments:
        return _lower_await(step)
    moment, shifts = _unshifted(from_json(arguments["moment"])) if "moment" in arguments else (None, ())
    return Hold(
        step.edge("next"),
        duration=arguments.get("duration"),
        clock=arguments.get("until", arguments.get("clock")),
        weekday=arguments.get("weekday"),
        ordinal=arguments.get("ordinal"),
        date=arguments.get("date"),
        moment=moment,
        shifts=shifts,
        if_past=arguments.get("if_past", "skip"),
        until_window="window" in arguments,
    )


def _unshifted(moment: Expression) -> tuple[Expression, tuple[str, ...]]:
    """A value without the lengths of time by which it is moved, and these: the calendar of each zone moves it."""
    shifts: list[str] = []
    while isinstance(moment, ShiftExpression):
        shifts.insert(0, moment.duration)
        moment = moment.value
    return moment, tuple(shifts)


def _lower_await(step: FlowStep) -> Operation:
    arguments = step.arguments
    where = from_json(arguments["where"]) if "where" in arguments else None
    if "keyword" in arguments:
        where = CompareExpression(
            "=",
            FieldExpression("event.keyword", ValueType.TEXT),
            ConstantExpression(ValueType.TEXT, " ".join(arguments["keyword"].split()).upper().rstrip(MARKS)),
        )
    if "reply" in arguments or "keyword" in arguments:
        events: tuple[str, ...] = ("sms.received",)
    else:
        events = tuple(arguments.get("events", [arguments.get("message")]))
    return Await(
        events,
        arguments["timeout"],
        came=step.edge("came"),
        late=step.edge("late"),
        where=where,
        step=arguments["step"]["ref"][1] if "step" in arguments else None,
        link=arguments.get("link"),
    )


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
