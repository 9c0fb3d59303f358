"""What lets contacts in: a standing audience (`when`) and events (`on`)."""

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

EVENT = TriggerSignature(
    name="event",
    summary="each such event lets its contact in; its fields are `event.<name>`",
    forms=(("on", Param("events", (Kind.EVENT,), "one event, or several with commas", many=True)),),
    options=(Option(("where", Param("where", (Kind.PREDICATE,), "which events count")), "a filter", default="all"),),
    example="on order.placed where event.total >= 50",
)


def audience_arguments(written: Arguments) -> Arguments:
    """`condition`, `every` and `at`, the last two with their defaults."""
    at = written.get("at")
    return {"condition": written["condition"], "every": written.get("every", "1d" if at else EVERY), "at": at}


def event_arguments(written: Arguments) -> Arguments:
    """`events` and `where`, which is None where every event counts."""
    return {"events": written["events"], "where": written.get("where")}


@hookimpl
def conductor_triggers() -> Sequence[Trigger]:
    """The two triggers."""
    return (
        Trigger(AUDIENCE, TriggerSource.AUDIENCE, audience_arguments),
        Trigger(EVENT, TriggerSource.EVENT, event_arguments),
    )
