"""Steps that tell others than the contact: `webhook` calls another program, `notify` tells the staff."""

from __future__ import annotations

from collections.abc import Sequence

from conductor_dsl.api import (
    Effect,
    FlowStep,
    Kind,
    Note,
    Operation,
    Option,
    Param,
    Send,
    StepSignature,
    StepType,
    from_json,
    hookimpl,
)

_URL = Param("url", (Kind.TEXT,), "an https address at a host that conductor.toml names under [webhook]")
_PAYLOAD = Param("payload", (Kind.PAYLOAD,), "what is told: names with values")

WEBHOOK = StepSignature(
    name="webhook",
    summary="call another program, once for each contact, with a JSON object",
    forms=((_URL, _PAYLOAD), (_URL,)),
    options=(
        Option(("as", Param("name", (Kind.TEXT,), "the name")), "the step's name, for reports and `goto`"),
        Option(
            ("on_failed", Param("failed", (Kind.BRANCH,), "`pass`, a step such as `end`, or a block")),
            "what to do when the program refused the call; the run waits for its verdict",
            default="pass",
        ),
        Option(
            (
                "notify",
                Param("address", (Kind.TEXT,), "an e-mail address of your staff"),
                "on",
                Param("outcome", (Kind.WORD,), "what to tell", words=("failed",)),
            ),
            "tell your staff; may be repeated",
            once=False,
            default="nobody",
        ),
        Option(
            ("ttl", Param("ttl", (Kind.DURATION,), "how long")),
            "how old the call may get before it is not worth making",
            default="1d",
        ),
    ),
    outcomes=("failed",),
    effect=Effect.SENDS,
    doc=(
        "A call is made like a message: written down before it leaves, tried again where it did not get through, with "
        "one key for every attempt. It asks for nobody's consent, and knows no window and no cap. Without a payload it "
        "tells the key of the contact, as `contact`. What is missing is left out."
    ),
    example='webhook "https://hooks.shop.example/loyalty" { contact key, spent total_spent } on_failed pass',
)

NOTIFY = StepSignature(
    name="notify",
    summary="tell a member of the staff, with the digest of the day, how many contacts came by",
    forms=(
        (
            Param("address", (Kind.TEXT,), "an e-mail address of your staff"),
            Param("text", (Kind.TEXT,), "what to tell, as it is"),
        ),
    ),
    example='notify "crm@shop.example" "came back after a year"',
)


def lower_webhook(step: FlowStep) -> Operation:
    """Send to an address that is the same for everybody."""
    given = step.arguments
    payload = given.get("payload") or [["contact", ["field", "key", "text"]]]
    following, failed = step.edge("next"), step.edge("failed")
    return Send(
        channel="webhook",
        address="",
        next=following,
        ttl=given.get("ttl"),
        edges={} if failed == following else {"failed": failed},
        notices=tuple((notice["address"], notice["outcome"]) for notice in given.get("notify", ())),
        url=given["url"],
        payload=tuple((name, from_json(value)) for name, value in payload),
    )


def lower_notify(step: FlowStep) -> Operation:
    """Note it down for the digest."""
    return Note(step.arguments["address"], step.arguments["text"], step.edge("next"))


@hookimpl
def conductor_steps() -> Sequence[StepType]:
    """The two steps."""
    return (StepType(WEBHOOK, lower_webhook), StepType(NOTIFY, lower_notify))
