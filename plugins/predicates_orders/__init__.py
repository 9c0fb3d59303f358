"""Conditions and measures over a contact's orders; all read the totals kept with the contact, not the orders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from conductor_dsl.api import (
    Arguments,
    Kind,
    Param,
    PlainFacts,
    Predicate,
    PredicateSignature,
    SqlFacts,
    ValueType,
    hookimpl,
)

if TYPE_CHECKING:  # checking a script loads this module for its words; SQLAlchemy is needed only to run it
    import sqlalchemy as sa

_AGO = (Param("duration", (Kind.DURATION,), "how far to look back"),)
_INTERVAL = "`within 60d` is the time after the moment 60 days ago, up to and including now."


def _ordered_within_sql(facts: SqlFacts, arguments: Arguments) -> sa.ColumnElement[Any]:
    import sqlalchemy as sa  # noqa: PLC0415

    latest = facts.contact.c.last_order_at
    return sa.and_(latest.is_not(None), latest > facts.ago(arguments["duration"]), latest <= facts.at_now())


def _ordered_within(facts: PlainFacts, arguments: Arguments) -> bool:
    latest = facts.contact["last_order_at"]
    return latest is not None and facts.ago(arguments["duration"]) < latest <= facts.now


def _no_order_within_sql(facts: SqlFacts, arguments: Arguments) -> sa.ColumnElement[Any]:
    import sqlalchemy as sa  # noqa: PLC0415

    latest = facts.contact.c.last_order_at
    return sa.or_(latest.is_(None), latest <= facts.ago(arguments["duration"]), latest > facts.at_now())


def _no_order_within(facts: PlainFacts, arguments: Arguments) -> bool:
    return not _ordered_within(facts, arguments)


def _total_sql(facts: SqlFacts, _: Arguments) -> sa.ColumnElement[Any]:
    import sqlalchemy as sa  # noqa: PLC0415

    return sa.cast(facts.contact.c.total_cents, sa.Double) / 100.0


def _average_sql(facts: SqlFacts, arguments: Arguments) -> sa.ColumnElement[Any]:
    import sqlalchemy as sa  # noqa: PLC0415

    return _total_sql(facts, arguments) / sa.func.nullif(facts.contact.c.order_count, 0)


def _average(facts: PlainFacts, _: Arguments) -> float | None:
    count = facts.contact["order_count"]
    return float(facts.contact["total_cents"]) / 100.0 / count if count else None


def _condition(name: str, summary: str, sql: Any, plain: Any) -> Predicate:
    signature = PredicateSignature(name, summary, forms=(_AGO,), doc=_INTERVAL, example=f"{name} 60d")
    return Predicate(signature, sql, plain, ages=(("last_order_at", "duration"),))


def _column(name: str, summary: str, type_: ValueType, column: str, example: str) -> Predicate:
    """A measure that is a column of the contact."""
    return Predicate(
        PredicateSignature(name, summary, type_, example=example),
        lambda facts, _: facts.contact.c[column],
        lambda facts, _: facts.contact[column],
        ages=(),
    )


@hookimpl
def conductor_predicates() -> Sequence[Predicate]:
    """Two conditions and five measures."""
    return (
        _condition("ordered_within", "the latest order is no older than this", _ordered_within_sql, _ordered_within),
        _condition("no_order_within", "no order in this time, or ever", _no_order_within_sql, _no_order_within),
        _column("order_count", "how many orders there are", ValueType.NUMBER, "order_count", "order_count >= 1"),
        Predicate(
            PredicateSignature(
                "total_spent",
                "the total of all orders, in units of the currency",
                ValueType.NUMBER,
                example="total_spent >= 500",
            ),
            _total_sql,
            lambda facts, _: float(facts.contact["total_cents"]) / 100.0,
            ages=(),
        ),
        Predicate(
            PredicateSignature(
                "average_order",
                "the average total of an order, in units of the currency; missing without orders",
                ValueType.NUMBER,
                example="average_order > 80",
            ),
            _average_sql,
            _average,
            ages=(),
        ),
        _column("last_order", "when the latest one was", ValueType.INSTANT, "last_order_at", "last_order before 60d"),
        _column("first_order", "when the first one was", ValueType.INSTANT, "first_order_at", "first_order before 1y"),
    )
