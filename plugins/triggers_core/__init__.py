"""What lets contacts in: a standing audience (`when`), events and the calendar (`on`)."""

from __future__ import annotations

from collections.abc import Sequence

from conductor_dsl.api import (
    Arguments,
    Kind,
    Option,
    Param,
    Trigger,
    TriggerSignature,
    TriggerSource,
    hookimpl,
)
from conductor_plugins.triggers_core import by_calendar, from_events

EVERY = "1h"
"""How often an audience is looked at unless the script says otherwise."""

AUDIENCE = TriggerSignature(
    name="audience",
    summary="a standing audience: a contact enters when the condition becomes true for it",
    forms=(("when", Param("condition", (Kind.PREDICATE,), "who enters")),),
    options=(
        Option(("check", "every", Param("every", (Kind.DURATION,), "how often")), "how often to look", default=EVERY),
        Option(
            ("at", Param("at", (Kind.CLOCK,), "a time of day, in the zone of the conversation")),
            "at what time of day to look",
            default="at no time in particular; with it, every 1d",
        ),
    ),
    doc="A contact enters again only after the condition has been false for it in between.",
    example="when no_order_within 60d check every 1d at 00:30",
)


def audience_arguments(written: Arguments) -> Arguments:
    """`condition`, `every` and `at`, the last two with their defaults."""
    at = written.get("at")
    return {"condition": written["condition"], "every": written.get("every", "1d" if at else EVERY), "at": at}


@hookimpl
def conductor_triggers() -> Sequence[Trigger]:
    """The triggers that every project has."""
    return (Trigger(AUDIENCE, TriggerSource.AUDIENCE, audience_arguments), *from_events.TRIGGERS, *by_calendar.TRIGGERS)
