"""Steps and triggers for tests of the binder, beside those of the plugins."""

from __future__ import annotations

from conductor_dsl.language.signatures import Kind, Option, Param, StepSignature, TriggerSignature

_EVENTS = Param("events", (Kind.EVENT,), many=True)
_WHERE = Option(("where", Param("where", (Kind.PREDICATE,), own_event=True)))

SHARE = StepSignature(
    "share",
    "ways with shares",
    forms=((Param("name", (Kind.TEXT,)), Param("arms", (Kind.ARMS,))), (Param("arms", (Kind.ARMS,)),)),
    splits=True,
)
TELL = StepSignature(
    "tell", "an event of the contact", forms=((Param("event", (Kind.EVENT,)), Param("payload", (Kind.PAYLOAD,))),)
)
POST = StepSignature(
    "post",
    "names with values for somebody else",
    forms=((Param("to", (Kind.TEXT,)),),),
    options=(Option(("payload", Param("payload", (Kind.PAYLOAD,)))),),
)
AWAIT = StepSignature(
    "await",
    "until something happens",
    forms=((_EVENTS,),),
    options=(
        _WHERE,
        Option(("then", Param("came", (Kind.BRANCH,)))),
    ),
    waits=True,
)
STEPS = {step.name: step for step in (SHARE, TELL, POST, AWAIT)}

REPLY = TriggerSignature(
    "reply",
    "an answer by text",
    forms=(("on", "reply", Param("word", (Kind.TEXT,))),),
    options=(Option(("where", Param("where", (Kind.PREDICATE,)))),),
    events=("sms.received",),
)
EACH = TriggerSignature(
    "each",
    "now and then",
    forms=(("on", "each", Param("every", (Kind.DURATION,))),),
    options=(Option(("for", Param("condition", (Kind.PREDICATE,)))),),
)
TRIGGERS = {trigger.name: trigger for trigger in (REPLY, EACH)}
