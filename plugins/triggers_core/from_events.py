"""Triggers that let contacts in when something happens to them."""

from __future__ import annotations

from typing import Any

from conductor_dsl.api import (
    AllExpression,
    Arguments,
    CompareExpression,
    ConstantExpression,
    Expression,
    FieldExpression,
    Kind,
    Option,
    Param,
    Trigger,
    TriggerSignature,
    TriggerSource,
    ValueType,
    from_json,
    to_json,
)

WHERE = Option(("where", Param("where", (Kind.PREDICATE,), "which events count")), "a filter", default="all")
MARKS = " .,!?"
"""What does not matter behind a word that somebody texts."""
_TRUTH = ("true", "false")
_ADDRESSES = ("email", "mobile")

EVENT = TriggerSignature(
    name="event",
    summary="each such event lets its contact in; its fields are `event.<name>`",
    forms=(("on", Param("events", (Kind.EVENT,), "one event, or several with commas", many=True)),),
    options=(WHERE,),
    example="on order.placed where event.total >= 50",
)

SUBSCRIBED = TriggerSignature(
    name="subscribed",
    summary="whoever joins a list enters",
    forms=(("on", "subscribed", Param("list", (Kind.REF,), "the list", refs=("list",))), ("on", "subscribed")),
    options=(Option(("first",), "only the first time ever", default="those who come back enter, too"), WHERE),
    doc="A second yes of somebody who is on the list already is no reason to enter.",
    example='on subscribed list:"News" first',
    events=("subscribed",),
)

UNSUBSCRIBED = TriggerSignature(
    name="unsubscribed",
    summary="whoever leaves a list enters",
    forms=(("on", "unsubscribed", Param("list", (Kind.REF,), "the list", refs=("list",))), ("on", "unsubscribed")),
    options=(WHERE,),
    doc="Who leaves all lists at once leaves each of those agreed to before.",
    example='on unsubscribed list:"News"',
    events=("unsubscribed",),
)

_VALUE = (Kind.TEXT, Kind.NUMBER, Kind.WORD)

CHANGED = TriggerSignature(
    name="changed",
    summary="whoever gets another value of a field enters",
    forms=(("on", "changed", Param("field", (Kind.FIELD,), "the field")), ("on", "changed")),
    options=(
        Option(("from", Param("before", _VALUE, "the old value", words=_TRUTH)), "what it was", default="anything"),
        Option(("to", Param("value", _VALUE, "the new value", words=_TRUTH)), "what it becomes", default="anything"),
        WHERE,
    ),
    doc=(
        "What an import and other conversations write counts, not what this conversation writes itself, and not what "
        "is told of a contact for the first time. `event.value` and `event.before` are texts. Without a field it is "
        "any but the addresses, for which there is `on address.changed`."
    ),
    example='on changed first_name to "Ada"',
    events=("changed",),
)


def _engagement(event: str, summary: str, *options: Option) -> TriggerSignature:
    step = Param("step", (Kind.REF,), "the step that sent the message", refs=("step",))
    other = Param("conversation", (Kind.REF,), "the conversation of the step", refs=("conversation",))
    return TriggerSignature(
        name=event,
        summary=summary,
        forms=(("on", event, step), ("on", event)),
        options=(*options, Option(("of", other), "a step of another conversation", default="this one"), WHERE),
        doc=(
            "Whoever is still inside leaves the thread it is in and goes on in this one; the messages of the old run "
            "that have not left are called back. Without a step it is any message of any conversation."
        ),
        example=f'on {event} step:"Winback" of conversation:"Winback"',
        events=(event,),
    )


OPENED = _engagement("opened", "whoever opens the e-mail of a step enters")
CLICKED = _engagement(
    "clicked",
    "whoever clicks in the message of a step enters",
    Option(("link", Param("link", (Kind.TEXT,), "its address")), "which link", default="any"),
)

KEYWORD = TriggerSignature(
    name="keyword",
    summary="whoever sends a text with this word enters",
    forms=(
        ("on", "keyword", Param("word", (Kind.TEXT,), "the text"), Param("code", (Kind.REF,), "to it", refs=("code",))),
        ("on", "keyword", Param("word", (Kind.TEXT,), "the text")),
    ),
    options=(WHERE,),
    doc=(
        "The word is the whole text; capitals, blanks and the marks behind it do not matter. With a number, only texts "
        "to that number count. The event is `sms.received`."
    ),
    example='on keyword "SALE" code:"34567"',
    events=("sms.received",),
)


def event_arguments(written: Arguments) -> Arguments:
    """`events` and `where`, which is None where every event counts."""
    return {"events": written["events"], "where": written.get("where")}


def subscribed_arguments(written: Arguments) -> Arguments:
    """Words on one list or on any, perhaps only the first one."""
    truth = ConstantExpression(ValueType.BOOLEAN, value=True)
    first = CompareExpression("=", FieldExpression("event.first", ValueType.BOOLEAN), truth)
    conditions = (_is("list", _name(written, "list")), first if written.get("first") else None)
    return _arguments("subscribed", written, *conditions)


def unsubscribed_arguments(written: Arguments) -> Arguments:
    """Words on one list or on any."""
    return _arguments("unsubscribed", written, _is("list", _name(written, "list")))


def changed_arguments(written: Arguments) -> Arguments:
    """Changes of one field or of any."""
    field = written.get("field")
    event = "address.changed" if field in _ADDRESSES else "changed"
    values = (_is(name, None if name not in written else str(written[name])) for name in ("before", "value"))
    return _arguments(event, written, _is("field", field), *values)


def opened_arguments(written: Arguments) -> Arguments:
    """Openings of the message of a step, of this conversation unless another is named."""
    return _of_message("opened", written)


def clicked_arguments(written: Arguments) -> Arguments:
    """Clicks in the message of a step, of this conversation unless another is named."""
    return _of_message("clicked", written, _is("link", written.get("link")))


def keyword_arguments(written: Arguments) -> Arguments:
    """Inbound texts that are the word, in the form in which an import stores it."""
    word = " ".join(str(written["word"]).split()).upper().rstrip(MARKS)
    return _arguments("sms.received", written, _is("keyword", word), _is("code", _name(written, "code")))


def _of_message(event: str, written: Arguments, *more: Expression | None) -> Arguments:
    step, conversation = _name(written, "step"), _name(written, "conversation")
    found = _arguments(event, written, _is("step", step), _is("conversation", conversation), *more)
    return {**found, "own": step is not None and conversation is None}


def _arguments(event: str, written: Arguments, *conditions: Expression | None) -> Arguments:
    """The arguments of an event that all of the conditions filter, and the author's own."""
    given = [condition for condition in conditions if condition is not None]
    if written.get("where") is not None:
        given.append(from_json(written["where"]))
    return {"events": [event], "where": to_json(AllExpression(tuple(given))) if given else None}


def _is(name: str, value: Any) -> Expression | None:
    """That a field of the event is a text; nothing to ask where none is given."""
    if value is None:
        return None
    return CompareExpression(
        "=", FieldExpression(f"event.{name}", ValueType.TEXT), ConstantExpression(ValueType.TEXT, value)
    )


def _name(written: Arguments, parameter: str) -> str | None:
    """The name in a reference such as `list:"News"`."""
    reference = written.get(parameter)
    return None if reference is None else str(reference["ref"][1])


TRIGGERS = (
    Trigger(EVENT, TriggerSource.EVENT, event_arguments),
    Trigger(SUBSCRIBED, TriggerSource.EVENT, subscribed_arguments),
    Trigger(UNSUBSCRIBED, TriggerSource.EVENT, unsubscribed_arguments),
    Trigger(CHANGED, TriggerSource.EVENT, changed_arguments),
    Trigger(OPENED, TriggerSource.EVENT, opened_arguments),
    Trigger(CLICKED, TriggerSource.EVENT, clicked_arguments),
    Trigger(KEYWORD, TriggerSource.EVENT, keyword_arguments),
)
