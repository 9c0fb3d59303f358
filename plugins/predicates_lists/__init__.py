"""Conditions over lists and consent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from conductor_dsl.api import (
    Arguments,
    Kind,
    Param,
    Phrase,
    PlainFacts,
    Predicate,
    PredicateSignature,
    SqlFacts,
    ValueType,
    hookimpl,
)

if TYPE_CHECKING:  # checking a script loads this module for its words; SQLAlchemy is needed only to run it
    import sqlalchemy as sa

_LIST: Phrase = (Param("list", (Kind.REF,), "a list of conductor.toml", refs=("list",)),)
_EVERY_LIST = "*"
_TEXTS = ("sms:*", "sms:?")
"""What somebody leaves who texts STOP, or what may have been meant so."""
_SUBSCRIBED, _UNSUBSCRIBED = "subscribed", "unsubscribed"
_ADDRESSES = {"sms": "mobile", "email": "email"}


def _latest_sql(facts: SqlFacts, name: str, column: str = "state") -> sa.ColumnElement[Any]:
    """What the latest word of the contact on a list is; NULL where there is none."""
    words = facts.rows("membership")
    return facts.of(words, words.c[column], words.c.list == name)


def _latest(facts: PlainFacts, name: str, column: str = "state") -> Any:
    return next((each[column] for each in facts.rows.get("membership", ()) if each["list"] == name), None)


def _said(state: str, summary: str) -> Predicate:
    """Whether the latest word on a list is this."""
    signature = PredicateSignature(state, summary, forms=(_LIST,), example=f'{state} list:"News"')

    def sql(facts: SqlFacts, arguments: Arguments) -> sa.ColumnElement[bool]:
        return _latest_sql(facts, arguments["list"]["ref"][1]) == state

    def plain(facts: PlainFacts, arguments: Arguments) -> bool:
        return bool(_latest(facts, arguments["list"]["ref"][1]) == state)

    return Predicate(signature, sql, plain, ages=())


def _since_sql(facts: SqlFacts, arguments: Arguments) -> sa.ColumnElement[int]:
    import sqlalchemy as sa  # noqa: PLC0415

    name = arguments["list"]["ref"][1]
    return sa.case((_latest_sql(facts, name) == _SUBSCRIBED, _latest_sql(facts, name, "since_at")))


def _since(facts: PlainFacts, arguments: Arguments) -> int | None:
    name = arguments["list"]["ref"][1]
    return _latest(facts, name, "since_at") if _latest(facts, name) == _SUBSCRIBED else None


def _list_of(facts: SqlFacts | PlainFacts, arguments: Arguments, channel: str) -> str:
    """The list whose consent counts: the one that is named, else the conversation's, else that of the channel."""
    return str(arguments["list"]["ref"][1]) if "list" in arguments else facts.asking.list or channel


def _may_sql(facts: SqlFacts, arguments: Arguments, channel: str) -> sa.ColumnElement[bool]:
    import sqlalchemy as sa  # noqa: PLC0415

    refused = facts.rows("suppression")
    name = _list_of(facts, arguments, channel)
    word, words = _latest_sql(facts, name), facts.rows("membership")
    stopped = (words.c.list.in_(_TEXTS), words.c.state == _UNSUBSCRIBED)
    since = sa.func.coalesce(_latest_sql(facts, name, "since_at"), 0)
    nothing_said = sa.and_(word.is_(None), sa.func.coalesce(_latest_sql(facts, _EVERY_LIST), "") != _UNSUBSCRIBED)
    agrees = word == _SUBSCRIBED
    return sa.and_(
        facts.contact.c[f"{_ADDRESSES[channel]}_state"] == "valid",
        ~facts.some(refused, refused.c.channel == channel),
        sa.and_(agrees, ~facts.some(words, *stopped, words.c.since_at >= since))
        if channel == "sms"
        else sa.or_(sa.func.coalesce(agrees, sa.false()), nothing_said),
    )


def _may(facts: PlainFacts, arguments: Arguments, channel: str) -> bool:
    if facts.contact[f"{_ADDRESSES[channel]}_state"] != "valid":
        return False
    if any(each["channel"] == channel for each in facts.rows.get("suppression", ())):
        return False
    name = _list_of(facts, arguments, channel)
    word, since = _latest(facts, name), _latest(facts, name, "since_at")
    if channel == "sms" and word == _SUBSCRIBED:
        words = facts.rows.get("membership", ())
        stopped = [each for each in words if each["list"] in _TEXTS and each["state"] == _UNSUBSCRIBED]
        return not any(each["since_at"] >= since for each in stopped)
    if word is None and channel == "email":
        return bool(_latest(facts, _EVERY_LIST) != _UNSUBSCRIBED)
    return bool(word == _SUBSCRIBED)


def _permission(name: str, channel: str, summary: str) -> Predicate:
    """Whether a step that sends would send, as far as the address and the consent go."""
    signature = PredicateSignature(
        name,
        summary,
        forms=(_LIST, ()),
        doc="Without a list it is asked of the conversation's list, else of the one named after the channel.",
        example=f'{name} list:"News"',
    )
    return Predicate(
        signature,
        lambda facts, arguments: _may_sql(facts, arguments, channel),
        lambda facts, arguments: _may(facts, arguments, channel),
        ages=(),
    )


@hookimpl
def conductor_predicates() -> Sequence[Predicate]:
    """What the contact said of lists, and whether it may be written to."""
    since = "since when the contact has been subscribed to a list; missing where it is not"
    return (
        _said(_SUBSCRIBED, "the contact is subscribed to a list now"),
        _said(_UNSUBSCRIBED, "the contact has left a list, and not come back"),
        Predicate(
            PredicateSignature(
                "subscribed_since", since, ValueType.INSTANT, (_LIST,), example='subscribed_since list:"News" before 1y'
            ),
            _since_sql,
            _since,
            ages=(),
        ),
        _permission("may_text", "sms", "a text may be sent: the number is valid, and the contact agreed to the list"),
        _permission("may_email", "email", "an e-mail may be sent: the address is valid, and nobody said no"),
    )
