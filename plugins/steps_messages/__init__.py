"""Steps that send: `sms` and `email`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from conductor_dsl.api import (
    Effect,
    FlowStep,
    Kind,
    Operation,
    Option,
    Param,
    Send,
    StepSignature,
    StepType,
    ValueType,
    hookimpl,
)

OUTCOMES = ("invalid", "missing", "unsubscribed", "failed")
_MEANINGS = {
    "invalid": "the address is not a valid one",
    "missing": "there is no address",
    "unsubscribed": "the contact may not be written to on this list",
    "failed": "the provider refused the message; the run waits for its verdict",
}


def _options(sender: Option, address: ValueType, field: str) -> tuple[Option, ...]:
    """The options that both channels have; `field` is where the address stands unless `to` says otherwise."""
    return (
        sender,
        Option(
            ("list", Param("list", (Kind.REF,), "who may be written to", refs=("list",))),
            "whose consent counts: texts go to its subscribers, e-mails to all but those who unsubscribed",
            default="the list of the conversation, else the one named after the channel",
        ),
        Option(
            ("to", Param("to", (Kind.FIELD,), "where the address stands", types=(address,))),
            "another field with the address",
            default=field,
        ),
        Option(("as", Param("name", (Kind.TEXT,), "the name")), "the step's name, for reports and `goto`"),
        *(_outcome(outcome) for outcome in OUTCOMES),
        Option(
            (
                "notify",
                Param("address", (Kind.TEXT,), "an e-mail address of your staff"),
                "on",
                Param("outcome", (Kind.WORD,), "what to tell", words=OUTCOMES),
            ),
            "tell your staff; may be repeated",
            once=False,
            default="nobody",
        ),
        Option(
            ("ttl", Param("ttl", (Kind.DURATION,), "how long")),
            "how old the message may get before it is not worth sending",
            default="by the class of the conversation",
        ),
        Option(("ignore_cap",), "send even where a `cap` is reached", default="the cap counts"),
    )


def _outcome(outcome: str) -> Option:
    branch = Param(outcome, (Kind.BRANCH,), "`pass`, a step such as `end`, or a block")
    return Option((f"on_{outcome}", branch), f"what to do when {_MEANINGS[outcome]}", default="pass")


_SAVED = Param("saved", (Kind.REF,), "a file of `messages/`", refs=("saved",))

SMS = StepSignature(
    name="sms",
    summary="send a text message",
    forms=((Param("body", (Kind.TEMPLATE,), "the text, a Liquid template"),), (_SAVED,)),
    options=(
        *_options(
            Option(
                ("from", Param("code", (Kind.REF,), "a code of conductor.toml", refs=("code",))),
                "the number it comes from, provisioned for the class of the conversation",
                default="the first code of conductor.toml for the class",
            ),
            ValueType.PHONE,
            "mobile",
        ),
        Option(
            ("media", Param("media", (Kind.TEXT,), "an https address")),
            "a picture that goes with the text, which makes it an MMS; may be repeated",
            once=False,
            default="none",
        ),
    ),
    outcomes=OUTCOMES,
    effect=Effect.SENDS,
    example='sms "{{ brand }}: we miss you! Reply STOP to opt out." on_invalid pass',
)

EMAIL = StepSignature(
    name="email",
    summary="send an e-mail",
    forms=(
        (_SAVED,),
        (
            "subject",
            Param("subject", (Kind.TEMPLATE,), "the subject, a Liquid template"),
            "body",
            Param("body", (Kind.TEMPLATE,), "the body in HTML, a Liquid template"),
        ),
    ),
    options=(
        *_options(
            Option(
                ("from", Param("sender", (Kind.TEXT,), "an e-mail address")),
                "who it comes from",
                default="the sender of the saved message, or of conductor.toml",
            ),
            ValueType.EMAIL,
            "email",
        ),
        Option(
            ("reply_to", Param("reply_to", (Kind.TEXT,), "an e-mail address")),
            "where answers go",
            default="the reply_to of conductor.toml, or the sender",
        ),
    ),
    outcomes=OUTCOMES,
    effect=Effect.SENDS,
    example='email saved:"Winback1" on_missing end',
)


def lower_sms(step: FlowStep) -> Operation:
    """Send to the mobile number."""
    return _lower(step, "sms", "mobile", _name(step.arguments.get("code")))


def lower_email(step: FlowStep) -> Operation:
    """Send to the e-mail address."""
    return _lower(step, "email", "email", step.arguments.get("sender"))


def _lower(step: FlowStep, channel: str, address: str, sender: str | None) -> Send:
    given = step.arguments
    following = step.edge("next")
    return Send(
        channel=channel,
        address=given.get("to", address),
        next=following,
        saved=_name(given.get("saved")),
        subject=given.get("subject", ""),
        body=given.get("body", ""),
        list=_name(given.get("list")),
        sender=sender,
        reply_to=given.get("reply_to"),
        ttl=given.get("ttl"),
        ignore_cap=given.get("ignore_cap", False),
        edges={outcome: step.edge(outcome) for outcome in OUTCOMES if step.edge(outcome) != following},
        media=tuple(each["media"] for each in given.get("media", ())),
        notices=tuple((notice["address"], notice["outcome"]) for notice in given.get("notify", ())),
    )


def _name(reference: Mapping[str, Any] | None) -> str | None:
    """The name in `{"ref": [kind, name]}`."""
    return reference["ref"][1] if reference else None


@hookimpl
def conductor_steps() -> Sequence[StepType]:
    """The two steps."""
    return (StepType(SMS, lower_sms), StepType(EMAIL, lower_email))
