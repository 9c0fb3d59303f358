"""The suite for steps passes good ones, and notices those that do not say what they do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace

from conductor_dsl.api import (
    Call,
    Effect,
    FlowStep,
    Kind,
    Operation,
    Option,
    Param,
    ProviderType,
    Send,
    StepSignature,
    StepType,
    hookimpl,
)
from conductor_dsl.testing.step_suite import StepSuite
from tests.testing.failing import failing

PUSH = StepSignature(
    "push",
    "send a push message",
    forms=((Param("body", (Kind.TEMPLATE,)),),),
    options=(Option(("on_failed", Param("failed", (Kind.BRANCH,)))),),
    outcomes=("failed",),
    effect=Effect.SENDS,
    example='push "Hello" on_failed { wait 1h -> end }',
)


def lower(step: FlowStep) -> Operation:
    edges = {} if step.edge("failed") == step.edge("next") else {"failed": step.edge("failed")}
    return Send("push", "push_token", step.edge("next"), body=step.arguments["body"], edges=edges)


def suite_of(step: StepType, channel: str = "push") -> StepSuite:
    def build(_setting: object) -> None:
        raise AssertionError("no provider is needed to try a step")

    provider = ProviderType("cloud", (channel,), build)  # type: ignore[arg-type]  # it is never built
    steps, providers = hookimpl(lambda: [step]), hookimpl(lambda: [provider])
    plugin = SimpleNamespace(conductor_steps=steps, conductor_providers=providers)

    class Suite(StepSuite):
        def plugin(self) -> object:
            return plugin

    return Suite()


def changed(**changes: object) -> StepSignature:
    return replace(PUSH, **changes)  # type: ignore[arg-type]  # members of the signature


def without_edges(step: FlowStep) -> Operation:
    return Send("push", "push_token", step.edge("next"), body=step.arguments["body"])


def ticking() -> Callable[[FlowStep], Operation]:
    ticks = iter(range(1_000))
    return lambda step: Send("push", "push_token", step.edge("next"), body=str(next(ticks)))


def test_a_good_step_passes() -> None:
    assert failing(suite_of(StepType(PUSH, lower))) == set()


def test_a_step_that_sends_and_does_not_say_so_is_noticed() -> None:
    quiet = StepType(changed(effect=Effect.PURE), lower)
    assert failing(suite_of(quiet)) == {"test_a_step_says_what_it_does"}


def test_a_step_that_calls_and_has_nothing_to_call_is_noticed() -> None:
    def call(step: FlowStep) -> Operation:
        return Call("push", {}, step.edge("next"))

    assert failing(suite_of(StepType(PUSH, call))) == {"test_a_step_says_what_it_does"}


def test_a_channel_that_nobody_carries_is_noticed() -> None:
    assert failing(suite_of(StepType(PUSH, lower), "pigeon")) == {"test_a_message_has_a_channel_that_somebody_carries"}


def test_an_outcome_without_its_way_is_noticed() -> None:
    assert failing(suite_of(StepType(PUSH, without_edges))) == {"test_every_outcome_leads_somewhere"}


def test_a_step_that_becomes_something_else_each_time_is_noticed() -> None:
    assert "test_every_example_checks_and_becomes_an_operation" in failing(suite_of(StepType(PUSH, ticking())))


def test_an_example_that_does_not_check_is_noticed() -> None:
    wrong = StepType(changed(example="push"), lower)
    assert "test_every_example_checks_and_becomes_an_operation" in failing(suite_of(wrong))
