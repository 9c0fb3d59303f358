"""`received`, `opened`, `clicked` and how often: what became of the messages to a contact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conductor_dsl.api import (
    Arguments,
    Kind,
    Option,
    Param,
    Phrase,
    PlainFacts,
    Predicate,
    PredicateSignature,
    SqlFacts,
    ValueType,
)
from conductor_plugins.predicates_events.happened import AGES, WITHIN, count_sql, some_sql, times

if TYPE_CHECKING:  # checking a script loads this module for its words; SQLAlchemy is needed only to run it
    import sqlalchemy as sa

_TAKEN = ("accepted", "delivered")
_STEP: Phrase = (Param("step", (Kind.REF,), "the step that sent it", refs=("step",)),)
_OF = Option(
    ("of", Param("conversation", (Kind.REF,), refs=("conversation",))),
    "the conversation to which the step belongs",
    default="this one",
)
_LINK = Option(("link", Param("link", (Kind.TEXT,))), "only this link", default="any link")
_DOC = "Without a step it is asked of every message, of whatever conversation; with `of` alone, of those of that one."


def _conversation(facts: SqlFacts | PlainFacts, arguments: Arguments) -> str | None:
    """The conversation whose messages count; None for all."""
    if "conversation" in arguments:
        return str(arguments["conversation"]["ref"][1])
    return facts.asking.name if "step" in arguments else None


def _as_event(facts: SqlFacts | PlainFacts, arguments: Arguments, event: str) -> Arguments:
    """The same question about events, as `happened` asks it."""
    step = arguments["step"]["ref"][1] if "step" in arguments else None
    wanted = {"step": step, "conversation": _conversation(facts, arguments), "link": arguments.get("link")}
    where = [
        ["compare", "=", ["field", f"event.{name}", "text"], ["constant", "text", value]]
        for name, value in wanted.items()
        if value is not None
    ]
    asked: dict[str, Any] = {"events": [event], "where": ["all", *where]}
    return asked | ({"within": arguments["within"]} if "within" in arguments else {})


def _received_rows(facts: SqlFacts, arguments: Arguments) -> tuple[sa.FromClause, list[sa.ColumnElement[bool]]]:
    messages = facts.rows("intent")
    where: list[sa.ColumnElement[bool]] = [messages.c.state.in_(_TAKEN)]
    name = _conversation(facts, arguments)
    if "within" in arguments:
        where.append(facts.within(arguments["within"], messages.c.settled_at))
    if name is not None:
        conversations = facts.rows("conversation")
        where.append(
            messages.c.conversation_id == facts.of(conversations, conversations.c.id, conversations.c.name == name)
        )
    if "step" in arguments:
        steps = facts.rows("step")
        same = (steps.c.version_id == messages.c.version_id, steps.c.number == messages.c.step)
        where.append(facts.some(steps, *same, steps.c.name == arguments["step"]["ref"][1]))
    return messages, where


def _received(facts: PlainFacts, arguments: Arguments) -> list[Any]:
    """The messages that were taken for delivery."""
    name, within = _conversation(facts, arguments), arguments.get("within")
    conversations = {each["id"] for each in facts.rows.get("conversation", ()) if name in (None, each["name"])}
    steps = {
        (each["version_id"], each["number"])
        for each in facts.rows.get("step", ())
        if "step" not in arguments or each["name"] == arguments["step"]["ref"][1]
    }
    return [
        each
        for each in facts.rows.get("intent", ())
        if each["state"] in _TAKEN
        and (name is None or each["conversation_id"] in conversations)
        and ("step" not in arguments or (each["version_id"], each["step"]) in steps)
        and (within is None or (each["settled_at"] is not None and facts.within(within, each["settled_at"])))
    ]


def _count_received_sql(facts: SqlFacts, arguments: Arguments) -> sa.ColumnElement[int]:
    import sqlalchemy as sa  # noqa: PLC0415

    messages, where = _received_rows(facts, arguments)
    return facts.of(messages, sa.func.count(), *where)


def _some_received_sql(facts: SqlFacts, arguments: Arguments) -> sa.ColumnElement[bool]:
    messages, where = _received_rows(facts, arguments)
    return facts.some(messages, *where)


def _signature(
    name: str, summary: str, options: tuple[Option, ...], example: str, grows_by: tuple[str, ...] = ()
) -> PredicateSignature:
    """A condition, or with `times_` before its name a number."""
    counts = name.startswith("times_")
    return PredicateSignature(
        name,
        summary,
        ValueType.NUMBER if counts else ValueType.BOOLEAN,
        (_STEP, ()),
        options,
        _DOC,
        example,
        grows_by,
        least=0 if counts else None,
    )


def _engagement(event: str, summary: str, options: tuple[Option, ...]) -> tuple[Predicate, Predicate]:
    """Whether a message was opened or clicked, and how often."""
    once = _signature(event, f"a message was {summary}", options, f"{event} within 7d", (event,))
    often = _signature(
        f"times_{event}", f"how often messages were {summary}", options, f"times_{event} within 7d >= 2", (event,)
    )
    return (
        Predicate(
            once,
            lambda facts, arguments: some_sql(facts, _as_event(facts, arguments, event)),
            lambda facts, arguments: bool(times(facts, _as_event(facts, arguments, event))),
            ages=AGES,
        ),
        Predicate(
            often,
            lambda facts, arguments: count_sql(facts, _as_event(facts, arguments, event)),
            lambda facts, arguments: len(times(facts, _as_event(facts, arguments, event))),
            ages=AGES,
        ),
    )


_RECEIVED = "a message was sent to the contact, and its provider took it"
_TIMES_RECEIVED = "how many messages were sent to the contact, and their provider took them"

ENGAGEMENT = (
    *_engagement("opened", "opened", (_OF, WITHIN)),
    *_engagement("clicked", "clicked", (_LINK, _OF, WITHIN)),
    Predicate(
        _signature("received", _RECEIVED, (_OF, WITHIN), "received within 7d"),
        _some_received_sql,
        lambda facts, arguments: bool(_received(facts, arguments)),
    ),
    Predicate(
        _signature("times_received", _TIMES_RECEIVED, (_OF, WITHIN), "times_received within 7d < 3"),
        _count_received_sql,
        lambda facts, arguments: len(_received(facts, arguments)),
    ),
)
