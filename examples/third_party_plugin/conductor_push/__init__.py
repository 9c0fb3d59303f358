"""Push messages for Conductor: the step `push "..."`, and the provider `push_http` that carries them.

This module is imported whenever a script is checked, so it is light; what sends is imported by `build`.
"""

from __future__ import annotations

from collections.abc import Sequence

from conductor_dsl.api import (
    ChannelProvider,
    Effect,
    FlowStep,
    Kind,
    Operation,
    Option,
    Param,
    ProviderSetting,
    ProviderType,
    Send,
    StepSignature,
    StepType,
    ValueType,
    hookimpl,
)

CONTRACT = 1
OUTCOMES = {
    "missing": "there is no address",
    "unsubscribed": "the contact has not agreed to the list",
    "failed": "the service refused the message",
}

SIGNATURE = StepSignature(
    name="push",
    summary="send a push message",
    forms=((Param("body", (Kind.TEMPLATE,), "the text, a Liquid template"),),),
    options=(
        Option(
            ("list", Param("list", (Kind.REF,), "who may be written to", refs=("list",))),
            "whose consent counts",
            default="the list of the conversation, else `push`",
        ),
        Option(
            ("to", Param("to", (Kind.FIELD,), "where the address stands", types=(ValueType.TEXT,))),
            "another field with the address",
            default="push_token",
        ),
        Option(("as", Param("name", (Kind.TEXT,), "the name")), "the step's name, for reports and `goto`"),
        Option(
            ("ttl", Param("ttl", (Kind.DURATION,), "how long")),
            "how old the message may get before it is not worth sending",
            default="by the class of the conversation",
        ),
        *(
            Option(
                (f"on_{outcome}", Param(outcome, (Kind.BRANCH,))), f"what to do when it is {outcome}", default="pass"
            )
            for outcome in OUTCOMES
        ),
    ),
    outcomes=tuple(OUTCOMES),
    effect=Effect.SENDS,
    example="push \"Hello {{ first_name | default: 'friend' }}\" on_missing end",
)


def lower(step: FlowStep) -> Operation:
    """A message of the channel `push`, to the field `push_token` unless `to` names another."""
    given, following = step.arguments, step.edge("next")
    asked = given.get("list")
    return Send(
        channel="push",
        address=given.get("to", "push_token"),
        next=following,
        body=given["body"],
        list=asked["ref"][1] if asked else None,
        ttl=given.get("ttl"),
        edges={outcome: step.edge(outcome) for outcome in OUTCOMES if step.edge(outcome) != following},
    )


def build(setting: ProviderSetting) -> ChannelProvider:
    """The provider, from its table `[push]` in `conductor.toml`; raises ConfigError for one that makes no sense."""
    from conductor_push.provider import build_provider  # noqa: PLC0415  # see above

    return build_provider(setting.options)


PROVIDER = ProviderType("push_http", ("push",), build, "posts messages to a service, one call for each")


@hookimpl
def conductor_steps() -> Sequence[StepType]:
    """The step `push`."""
    return (StepType(SIGNATURE, lower),)


@hookimpl
def conductor_providers() -> Sequence[ProviderType]:
    """The provider `push_http`."""
    return (PROVIDER,)
