"""Triggers that let contacts in when the calendar says so."""

from __future__ import annotations

from conductor_dsl.api import Arguments, Kind, Option, Param, Trigger, TriggerSignature, TriggerSource, ValueType

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
AT = "09:00"
NO_TIME = "0d"
_AT = Param("at", (Kind.CLOCK,), "a time of day")

RECURRING = TriggerSignature(
    name="recurring",
    summary="every so often, everybody for whom a condition holds enters",
    forms=(
        ("on", "every", Param("every", (Kind.DURATION,), "how often")),
        ("on", "every", Param("weekday", (Kind.WORD,), "a day of the week", words=WEEKDAYS)),
    ),
    options=(
        Option(
            ("at", Param("at", (Kind.CLOCK,), "a time of day, in the zone of the conversation")), "when", default=AT
        ),
        Option(
            ("starting", Param("starting", (Kind.DATE,), "the first day")),
            "from when it is counted",
            default="the day of the publication",
        ),
        Option(("for", Param("condition", (Kind.PREDICATE,), "who enters")), "for whom", default="everybody"),
    ),
    doc=(
        "Each occurrence counts once. Of several that passed while nothing was running only the latest does. What is "
        "counted from the 31st comes on the last day of a shorter month. Who is inside already does not enter."
    ),
    example="on every 1mo at 08:00 starting 2026-12-01 for order_count >= 3",
)

_DATE = Param(
    "date", (Kind.VALUE,), "a date, or a measure such as `first_order`", types=(ValueType.DATE, ValueType.INSTANT)
)

ANNIVERSARY = TriggerSignature(
    name="anniversary",
    summary="each year on the day in a field, or some time before it, its contact enters",
    forms=(("on", "anniversary", "of", _DATE),),
    options=(
        Option(("before", Param("before", (Kind.DURATION,), whole_days=True)), "earlier", default="on the day"),
        Option(("at", _AT), "when, in the zone of the contact", default=AT),
        Option(
            ("leap", Param("leap", (Kind.WORD,), "a day", words=("feb28", "mar1"))),
            "when 29 February is celebrated in other years",
            default="feb28",
        ),
    ),
    doc=(
        "Each contact enters at most once for each year, whatever becomes of the date or the zone, and not in the year "
        "of the date itself. The day counts until it is over: who is imported on it still enters, who comes later "
        "waits for the next year. What passed while nothing was running is made good for 7 days."
    ),
    example="on anniversary of first_order before 7d at 09:00",
)


def recurring_arguments(written: Arguments) -> Arguments:
    """`every`, `weekday`, `at`, `starting` and `condition`, None where they say nothing."""
    given = {name: written.get(name) for name in ("weekday", "starting", "condition")}
    return {**given, "every": written.get("every", "1w"), "at": written.get("at", AT)}


def anniversary_arguments(written: Arguments) -> Arguments:
    """`date`, `before`, `at` and `leap`, with their defaults."""
    defaults = {"before": NO_TIME, "at": AT, "leap": "feb28"}
    return {"date": written["date"], **{name: written.get(name, default) for name, default in defaults.items()}}


TRIGGERS = (
    Trigger(RECURRING, TriggerSource.RECURRING, recurring_arguments),
    Trigger(ANNIVERSARY, TriggerSource.ANNIVERSARY, anniversary_arguments),
)
