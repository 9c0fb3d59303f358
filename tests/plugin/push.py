"""A plugin with a channel of its own, as tests install it: a live provider that must not be built, and two steps."""

from __future__ import annotations

CODE = """
from conductor_dsl.api import (
    Call, Effect, Kind, Option, Param, ProviderType, Send, StepSignature, StepType, ValueType, hookimpl
)

PUSH = StepSignature(
    "push",
    "send a push message",
    ((Param("body", (Kind.TEMPLATE,)),),),
    (Option(("as", Param("name", (Kind.TEXT,))), "its name"),),
    effect=Effect.SENDS,
)
PING = StepSignature("ping", "tell a machine of ours", effect=Effect.SENDS)
LOOK = StepSignature("look", "look at them", effect=Effect.READS)
LOOKED = []


def build(setting):
    raise RuntimeError("a live provider was built")


def call(rows, arguments):
    raise RuntimeError("a function that sends was called")


@hookimpl
def conductor_steps():
    return [
        StepType(PUSH, lambda step: Send("push", "push_token", step.edge("next"), body=step.arguments["body"])),
        StepType(PING, lambda step: Call("ping", {}, step.edge("next")), call),
        StepType(LOOK, lambda step: Call("look", {}, step.edge("next")), lambda rows, _: LOOKED.extend(rows)),
    ]


@hookimpl
def conductor_providers():
    return [ProviderType("cloud", ("push",), build, "a service in the cloud")]
"""

SETTINGS = """
[brand]
name = "Shop"
[lists]
"push" = "push messages"
[push]
provider = "cloud"
from = "Shop app"
token = { env = "PUSH_TOKEN" }
"""

SCRIPT = """\
field push_token text

conversation "Back" {
  cap push 1 per 2d
  exit on order.placed
  reentry never
  when no_order_within 60d
    -> push "Hi {{ first_name | default: 'friend' }}" -> ping -> look -> wait 3d -> push "Twice" -> end
}

test "a push" {
  given contact { push_token "device-1", first_name "Ada" } ordered 61d ago
  at 2026-03-02 10:00
  expect push contains "Hi Ada"
  expect 2 push
  expect no sms
}

test "without a yes" {
  given contact { push_token "device-1" } ordered 61d ago never_subscribed list:"push"
  at 2026-03-02 10:00
  expect nothing
}

test "without a device" {
  given contact { first_name "Ada" } ordered 61d ago
  at 2026-03-02 10:00
  expect no push
}
"""
