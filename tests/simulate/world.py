"""The shop in which it all happens: contacts, conversations in several editions, and a plugin that fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.metadata import entry_points
from typing import Any

import sqlalchemy as sa

from conductor_dsl.api import Effect, Operation, StepSignature, StepType, hookimpl
from conductor_dsl.language.bound_to_flow import bound_to_flow
from conductor_dsl.language.check import check
from conductor_dsl.language.flow import FlowStep
from conductor_dsl.language.source import Source
from conductor_dsl.language.vocabulary import Context
from conductor_dsl.messages.template_to_reading import read_template
from conductor_dsl.plugin.host import Host, build_host
from conductor_dsl.program.operations import Call
from conductor_dsl.runtime.publish import Script, publish
from conductor_dsl.shared.clock import DAY, Instant
from conductor_dsl.shared.draw import bucket_of
from conductor_dsl.shared.rules import Rules
from conductor_dsl.store import tables as t
from tests.conformance.shop import NOW, catalogue

START = NOW
ZONES = ("America/New_York", "America/Los_Angeles", "Europe/London", None)
FALLBACK = "America/New_York"
"""The zone of the conversations for contacts without one."""
CAPPED = Rules(caps=(("sms", 1, "1d"), ("email", 2, "1d")))
"""Caps of the project, for worlds that have some."""
PATHS_OF_TWO = ("Winback", "Thanks")
"""Conversations of which every path goes through two sending steps."""

_WINBACK = """
event cart.left {{ }}
conversation "Winback" {{
  timezone contact else "America/New_York"
  window 09:00-20:00
  cap sms 2 per 2d
  reentry after 1d
  exit on order.placed
  in_flight {in_flight}
  thread "Lapsed" when no_order_within 60d check every 1d {{
    sms "{{{{ first_name | default: 'friend' }}}}, we {verb} you" as "First" on_invalid pass
    -> wait {wait} -> email saved:"Winback1" as "Second" -> end
  }}
  thread "Left" on cart.left {{
    sms "You left something" as "Left" on_invalid pass
    -> wait for cart.left up to {wait} -> email saved:"Hello" as "Late" -> end
  }}
}}
"""
_THANKS = """
conversation "Thanks" {{
  class transactional
  reentry always
  thread "Bought" on order.placed {{
    sms "{word} {{{{ first_name }}}}" as "Thanks" -> email saved:"Hello" as "Receipt" -> end
  }}
}}
"""
_STEPS = """
event visited {{ }}
field tier text
conversation "Steps" {{
  timezone contact else "America/New_York"
  reentry restart
  exit on order.placed
  thread "Visited" on visited {{
    ping -> sms "Seen {{{{ first_name }}}}" as "Seen" on_failed {{ wait 1d -> email saved:"Hello" as "Other" -> end }}
    -> set tier = "{tier}" -> split "half" {{ 50% {{ wait 3h }} 50% {{ email saved:"Winback1" as "Half" }} }}
    -> wait until 10:00 -> sms "Come" as "Come" -> end
  }}
}}
conversation "Tier" {{
  timezone contact else "America/New_York"
  window 08:00-21:00
  thread "Up" on changed tier {{ sms "You are {{{{ tier }}}}" as "Up" -> wait 1d -> end }}
}}
"""
EDITIONS: tuple[tuple[str, ...], ...] = (
    (
        _WINBACK.format(in_flight="keep", verb="miss", wait="2d"),
        _THANKS.format(word="Thank you"),
        _STEPS.format(tier="seen"),
    ),
    (
        _WINBACK.format(in_flight="move", verb="want", wait="1d"),
        _THANKS.format(word="Thanks"),
        _STEPS.format(tier="known"),
    ),
    (
        _WINBACK.format(in_flight="keep", verb="need", wait="20h"),
        _THANKS.format(word="Many thanks"),
        _STEPS.format(tier="seen"),
    ),
    (_WINBACK.format(in_flight="end", verb="miss", wait="3d"), _THANKS.format(word="Thank you")),
)
"""What is published, and then published anew; the last one has let two conversations go."""


class Ping:
    """A plugin with a step that asks somebody outside, who may not answer: `fails` says whether."""

    def __init__(self) -> None:
        self.fails: Callable[[], bool] = lambda: False

    @hookimpl
    def conductor_steps(self) -> Sequence[StepType]:
        """The step `ping`."""
        signature = StepSignature("ping", "asks somebody outside", effect=Effect.SENDS)
        return [StepType(signature, _lower, self._ping)]

    def _ping(self, _rows: Sequence[Mapping[str, Any]], _arguments: Mapping[str, Any]) -> None:
        if self.fails():
            raise ConnectionError("nobody answered")


def _lower(step: FlowStep) -> Operation:
    return Call("ping", {}, step.edge("next"))


PING = Ping()


@cache
def simulated_host() -> Host:
    """The first-party plugins and the one that fails."""
    installed = [(each.name, each.load()) for each in entry_points(group="conductor")]
    found = build_host([*installed, ("ping", PING)])
    assert not found.problems
    return found


@cache
def _scripts(edition: int) -> tuple[Script, ...]:
    scripts = []
    for text in EDITIONS[edition]:
        checked = check(Source("shop.cdx", text), Context(simulated_host().vocabulary, catalogue(), read_template))
        scripts += [Script(bound_to_flow(each), text) for each in checked.conversations]
    return tuple(scripts)


def publish_edition(engine: sa.Engine, edition: int, now: Instant) -> None:
    """Publish what was written in an edition."""
    with engine.begin() as connection:
        publish(connection, _scripts(edition), catalogue(), simulated_host(), now)


def build(engine: sa.Engine, contacts: int) -> None:
    """Fill an empty database: contacts, most of whom have agreed and bought long ago, and the first edition."""
    numbers = range(1, contacts + 1)
    agreed = [number for number in numbers if number % 7]
    with engine.begin() as connection:
        connection.execute(t.contact.insert(), [_contact(number) for number in numbers])
        connection.execute(t.membership.insert(), [_word(number, "state", "since_at") for number in agreed])
        words = [_word(number, "action", "at") | {"stored_at": START - DAY} for number in agreed]
        connection.execute(t.consent.insert(), words)
    publish_edition(engine, 0, START)


def _contact(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "key": f"c{number}",
        "email": f"c{number}@example.com",
        "email_state": "valid",
        "mobile": f"+1717555{number:04}",
        "mobile_state": "valid" if number % 11 else "invalid",
        "first_name": "Ada" if number % 3 else None,
        "zone": ZONES[number % len(ZONES)],
        "updated_at": START - DAY,
        "last_order_at": START - (70 if number % 5 else 55) * DAY,
        "bucket": bucket_of(f"c{number}"),
    }


def _word(number: int, action: str, at: str) -> dict[str, Any]:
    return {"contact_id": number, "list": "sms", action: "subscribed", at: START - DAY}
