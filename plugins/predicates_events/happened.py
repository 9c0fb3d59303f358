"""`happened`, `times_happened`, `last_happened`: events of a contact, orders among them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import reduce
from operator import add, or_
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

if TYPE_CHECKING:  # checking a script loads this module for its words; SQLAlchemy is needed only to run it
    import sqlalchemy as sa

PLACED = "order.placed"
AGES = (("event.at", "within"), ("orders.at", "within"))
WITHIN = Option(("within", Param("within", (Kind.DURATION,))), "only what happened in this time", default="ever")
_EVENTS: Phrase = (Param("events", (Kind.EVENT,), "one of these events", many=True),)
_WHERE = Option(
    ("where", Param("where", (Kind.PREDICATE,), own_event=True)), "only those that fit", default="all of them"
)
_DOC = "What follows `where` belongs to it, `and` and `or` too: put brackets round the whole to go on after it."


def rows_sql(facts: SqlFacts, arguments: Arguments) -> Iterator[tuple[sa.FromClause, list[sa.ColumnElement[bool]]]]:
    """The tables in which the events are, with what holds for their rows."""
    names = set(arguments["events"])
    if names - {PLACED}:
        events = facts.rows("event")
        where = [events.c.name.in_(sorted(names - {PLACED})), *_fits(facts, arguments, events, events.c.payload)]
        yield events, where
    if PLACED in names:
        orders = facts.rows("orders")
        yield orders, _fits(facts, arguments, orders, facts.order_payload(orders))


def _fits(facts: SqlFacts, arguments: Arguments, rows: Any, payload: Any) -> list[sa.ColumnElement[bool]]:
    fits = [facts.within(arguments["within"], rows.c.at)] if "within" in arguments else []
    return [*fits, facts.where(arguments["where"], payload)] if "where" in arguments else fits


def times(facts: PlainFacts, arguments: Arguments) -> list[int]:
    """When the events happened."""
    within, where = arguments.get("within"), arguments.get("where")
    return [
        at
        for name, at, payload in _happenings(facts)
        if name in arguments["events"]
        and (within is None or facts.within(within, at))
        and (where is None or facts.where(where, payload))
    ]


def _happenings(facts: PlainFacts) -> Iterator[tuple[str, int, dict[str, Any]]]:
    for each in facts.rows.get("event", ()):
        if each["name"] != PLACED:
            yield each["name"], each["at"], each["payload"]
    for each in facts.rows.get("orders", ()):
        payload = {"order_id": each["key"], "total": each["total_cents"] / 100.0, "placed_at": each["at"]}
        yield PLACED, each["at"], payload


def some_sql(facts: SqlFacts, arguments: Arguments) -> sa.ColumnElement[bool]:
    """Whether there was one."""
    return reduce(or_, (facts.some(rows, *where) for rows, where in rows_sql(facts, arguments)))


def count_sql(facts: SqlFacts, arguments: Arguments) -> sa.ColumnElement[int]:
    """How many there were."""
    import sqlalchemy as sa  # noqa: PLC0415

    return reduce(add, (facts.of(rows, sa.func.count(), *where) for rows, where in rows_sql(facts, arguments)))


def _last_sql(facts: SqlFacts, arguments: Arguments) -> sa.ColumnElement[int]:
    import sqlalchemy as sa  # noqa: PLC0415

    found = [facts.of(rows, sa.func.max(rows.c.at), *where) for rows, where in rows_sql(facts, arguments)]
    if len(found) == 1:
        return found[0]
    one, other = found
    return sa.case((sa.or_(other.is_(None), one >= other), one), else_=other)


def _predicate(signature: PredicateSignature, sql: Callable[..., Any], plain: Callable[[list[int]], Any]) -> Predicate:
    return Predicate(signature, sql, lambda facts, arguments: plain(times(facts, arguments)), ages=AGES)


HAPPENED = (
    _predicate(
        PredicateSignature(
            "happened",
            "an event happened to the contact",
            forms=(_EVENTS,),
            options=(WITHIN, _WHERE),
            doc=_DOC,
            example="happened order.placed within 30d where event.total >= 50",
        ),
        some_sql,
        bool,
    ),
    _predicate(
        PredicateSignature(
            "times_happened",
            "how often an event happened to the contact",
            ValueType.NUMBER,
            (_EVENTS,),
            (WITHIN, _WHERE),
            _DOC,
            "times_happened order.placed within 1y >= 3",
            least=0,
        ),
        count_sql,
        len,
    ),
    _predicate(
        PredicateSignature(
            "last_happened",
            "when an event happened last; missing where never",
            ValueType.INSTANT,
            (_EVENTS,),
            (_WHERE,),
            _DOC,
            "last_happened order.placed before 30d",
        ),
        _last_sql,
        lambda found: max(found, default=None),
    ),
)
