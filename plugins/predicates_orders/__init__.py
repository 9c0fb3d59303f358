"""Conditions and measures over a contact's orders.

Without `within` they read the sums that are kept with the contact, with it the orders.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from conductor_dsl.api import (
    Arguments,
    Kind,
    Option,
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
_WITHIN = Option(("within", Param("within", (Kind.DURATION,))), "only the orders of this time", default="all orders")
_ORDER = ("order.placed",)
"""What lets the measures grow."""
_INTERVAL = "`within 60d` is the time after the moment 60 days ago, up to and including now."


def _ordered_within_sql(facts: SqlFacts, arguments: Arguments) -> sa.ColumnElement[Any]:
    import sqlalchemy as sa  # noqa: PLC0415

    latest = facts.contact.c.last_order_at
    return sa.and_(latest.is_not(None), facts.within(arguments["duration"], latest))


def _ordered_within(facts: PlainFacts, arguments: Arguments) -> bool:
    latest = facts.contact["last_order_at"]
    return latest is not None and facts.within(arguments["duration"], latest)


def _no_order_within_sql(facts: SqlFacts, arguments: Arguments) -> sa.ColumnElement[Any]:
    import sqlalchemy as sa  # noqa: PLC0415

    latest = facts.contact.c.last_order_at
    return sa.or_(latest.is_(None), latest <= facts.ago(arguments["duration"]), latest > facts.at_now())


def _no_order_within(facts: PlainFacts, arguments: Arguments) -> bool:
    return not _ordered_within(facts, arguments)


def _counted_sql(facts: SqlFacts, arguments: Arguments, measure: Callable[[Any], Any]) -> sa.ColumnElement[Any]:
    """Something over the orders of the contact, or over those within a time."""
    orders = facts.rows("orders")
    recent = [facts.within(arguments["within"], orders.c.at)] if "within" in arguments else []
    return facts.of(orders, measure(orders.c.total_cents), *recent)


def _totals(facts: PlainFacts, arguments: Arguments) -> list[int]:
    """The totals of the orders, or of those within a time, in hundredths."""
    orders = facts.rows.get("orders", ())
    within = arguments.get("within")
    return [each["total_cents"] for each in orders if within is None or facts.within(within, each["at"])]


def _in_units(cents: Any) -> sa.ColumnElement[Any]:
    import sqlalchemy as sa  # noqa: PLC0415

    units: sa.ColumnElement[Any] = sa.cast(cents, sa.Double) / 100.0
    return units


def _count_sql(facts: SqlFacts, arguments: Arguments) -> sa.ColumnElement[Any]:
    import sqlalchemy as sa  # noqa: PLC0415

    return _counted_sql(facts, arguments, sa.func.count) if "within" in arguments else facts.contact.c.order_count


def _count(facts: PlainFacts, arguments: Arguments) -> int:
    return len(_totals(facts, arguments)) if "within" in arguments else int(facts.contact["order_count"])


def _total_sql(facts: SqlFacts, arguments: Arguments) -> sa.ColumnElement[Any]:
    import sqlalchemy as sa  # noqa: PLC0415

    if "within" not in arguments:
        return _in_units(facts.contact.c.total_cents)
    return _in_units(_counted_sql(facts, arguments, lambda cents: sa.func.coalesce(sa.func.sum(cents), 0)))


def _total(facts: PlainFacts, arguments: Arguments) -> float:
    cents = sum(_totals(facts, arguments)) if "within" in arguments else facts.contact["total_cents"]
    return float(cents) / 100.0


def _average_sql(facts: SqlFacts, arguments: Arguments) -> sa.ColumnElement[Any]:
    import sqlalchemy as sa  # noqa: PLC0415

    return _total_sql(facts, arguments) / sa.func.nullif(_count_sql(facts, arguments), 0)


def _average(facts: PlainFacts, arguments: Arguments) -> float | None:
    count = _count(facts, arguments)
    return _total(facts, arguments) / count if count else None


def _extreme(name: str, summary: str, choose: Callable[..., int], example: str) -> Predicate:
    """The largest or the smallest total."""

    def sql(facts: SqlFacts, arguments: Arguments) -> sa.ColumnElement[Any]:
        import sqlalchemy as sa  # noqa: PLC0415

        return _in_units(_counted_sql(facts, arguments, getattr(sa.func, choose.__name__)))

    def plain(facts: PlainFacts, arguments: Arguments) -> float | None:
        totals = _totals(facts, arguments)
        return choose(totals) / 100.0 if totals else None

    return _measure(name, summary, example, (sql, plain))


def _measure(name: str, summary: str, example: str, meanings: tuple[Any, Any]) -> Predicate:
    """A number, over all orders or over those of a time."""
    signature = PredicateSignature(name, summary, ValueType.NUMBER, options=(_WITHIN,), example=example)
    return Predicate(signature, *meanings, ages=(("orders.at", "within"),))


def _condition(name: str, summary: str, sql: Any, plain: Any) -> Predicate:
    signature = PredicateSignature(name, summary, forms=(_AGO,), doc=_INTERVAL, example=f"{name} 60d")
    return Predicate(signature, sql, plain, ages=(("last_order_at", "duration"),))


def _grows(predicate: Predicate, least: float | None = None) -> Predicate:
    """A predicate that an order makes true, or greater, or later; a number is never below `least`."""
    return replace(predicate, signature=replace(predicate.signature, grows_by=_ORDER, least=least))


def _falls(predicate: Predicate) -> Predicate:
    """A condition that an order makes false."""
    return replace(predicate, signature=replace(predicate.signature, falls_by=_ORDER))


def _date(name: str, summary: str, column: str, example: str) -> Predicate:
    """An instant that is a column of the contact."""
    return Predicate(
        PredicateSignature(name, summary, ValueType.INSTANT, example=example),
        lambda facts, _: facts.contact.c[column],
        lambda facts, _: facts.contact[column],
        ages=(),
    )


@hookimpl
def conductor_predicates() -> Sequence[Predicate]:
    """Two conditions and seven measures."""
    ordered, count = "the latest order is no older than this", "how many orders there are"
    total = "the total of all orders, in units of the currency"
    average = "the average total of an order, in units of the currency; missing without orders"
    largest = "the largest total of an order, in units of the currency; missing without orders"
    smallest = "the smallest total of an order, in units of the currency; missing without orders"
    return (
        _grows(_condition("ordered_within", ordered, _ordered_within_sql, _ordered_within)),
        _falls(_condition("no_order_within", "no order in this time, or ever", _no_order_within_sql, _no_order_within)),
        _grows(_measure("order_count", count, "order_count within 90d >= 2", (_count_sql, _count)), 0),
        _grows(_measure("total_spent", total, "total_spent >= 500", (_total_sql, _total)), 0),
        _measure("average_order", average, "average_order within 1y > 80", (_average_sql, _average)),
        _extreme("largest_order", largest, max, "largest_order >= 200"),
        _extreme("smallest_order", smallest, min, "smallest_order within 1y < 20"),
        _grows(_date("last_order", "when the latest one was", "last_order_at", "last_order before 60d")),
        _date("first_order", "when the first one was", "first_order_at", "first_order before 1y"),
    )
