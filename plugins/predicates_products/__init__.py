"""Conditions and measures over products: what a contact bought, and what the shop has."""

from __future__ import annotations

from collections.abc import Sequence
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
    hookimpl,
)

if TYPE_CHECKING:  # checking a script loads this module for its words; SQLAlchemy is needed only to run it
    import sqlalchemy as sa

_ANY_OF: Phrase = ("sku", Param("skus", (Kind.VALUE,), "one of these", types=(ValueType.TEXT,), many=True))
_ONE: Phrase = ("sku", Param("sku", (Kind.VALUE,), "which product", types=(ValueType.TEXT,)))
_CATEGORY: Phrase = (Param("category", (Kind.TEXT,), "the column `category` of the file of products"),)
_ORDER = ("order.placed",)
"""What lets the measures of purchases grow."""
_WITHIN = Option(("within", Param("within", (Kind.DURATION,))), "only what was bought in this time", default="ever")


def _bought_rows(facts: SqlFacts, arguments: Arguments) -> tuple[sa.FromClause, list[sa.ColumnElement[bool]]]:
    items = facts.rows("order_item")
    where = [items.c.sku.in_([facts.value(each) for each in arguments["skus"]])]
    return items, where + _recent(facts, arguments, items)


def _recent(facts: SqlFacts, arguments: Arguments, items: sa.FromClause) -> list[sa.ColumnElement[bool]]:
    return [facts.within(arguments["within"], items.c.at)] if "within" in arguments else []


def _bought_items(facts: PlainFacts, arguments: Arguments) -> list[Any]:
    skus = [facts.value(each) for each in arguments["skus"]]
    return [each for each in _recent_items(facts, arguments) if each["sku"] in skus]


def _recent_items(facts: PlainFacts, arguments: Arguments) -> list[Any]:
    within = arguments.get("within")
    items = facts.rows.get("order_item", ())
    return [each for each in items if within is None or facts.within(within, each["at"])]


def _bought_sql(facts: SqlFacts, arguments: Arguments) -> sa.ColumnElement[bool]:
    items, where = _bought_rows(facts, arguments)
    return facts.some(items, *where)


def _bought(facts: PlainFacts, arguments: Arguments) -> bool:
    return bool(_bought_items(facts, arguments))


def _times_sql(facts: SqlFacts, arguments: Arguments) -> sa.ColumnElement[int]:
    import sqlalchemy as sa  # noqa: PLC0415

    items, where = _bought_rows(facts, arguments)
    return facts.of(items, sa.func.count(items.c.order_key.distinct()), *where)


def _times(facts: PlainFacts, arguments: Arguments) -> int:
    return len({each["order_key"] for each in _bought_items(facts, arguments)})


def _pieces_sql(facts: SqlFacts, arguments: Arguments) -> sa.ColumnElement[int]:
    import sqlalchemy as sa  # noqa: PLC0415

    items, where = _bought_rows(facts, arguments)
    return facts.of(items, sa.func.coalesce(sa.func.sum(items.c.quantity), 0), *where)


def _pieces(facts: PlainFacts, arguments: Arguments) -> int:
    return sum(each["quantity"] for each in _bought_items(facts, arguments))


def _last_sql(facts: SqlFacts, arguments: Arguments) -> sa.ColumnElement[int]:
    import sqlalchemy as sa  # noqa: PLC0415

    items, where = _bought_rows(facts, arguments)
    return facts.of(items, sa.func.max(items.c.at), *where)


def _last(facts: PlainFacts, arguments: Arguments) -> int | None:
    return max((each["at"] for each in _bought_items(facts, arguments)), default=None)


def _category_where(arguments: Arguments) -> list[Any]:
    """Whether a product is of the category, as a condition over its fields."""
    return ["compare", "=", ["field", "event.category", "text"], ["constant", "text", arguments["category"]]]


def _of_category_sql(facts: SqlFacts, arguments: Arguments) -> sa.ColumnElement[bool]:
    items, products = facts.rows("order_item"), facts.rows("product")
    alike = facts.where(_category_where(arguments), products.c.fields)
    known = facts.some(products, products.c.sku == items.c.sku, alike)
    return facts.some(items, known, *_recent(facts, arguments, items))


def _of_category(facts: PlainFacts, arguments: Arguments) -> bool:
    return any(
        product["sku"] == item["sku"] and facts.where(_category_where(arguments), product["fields"])
        for item in _recent_items(facts, arguments)
        for product in facts.rows.get("product", ())
    )


def _of_product_sql(facts: SqlFacts, arguments: Arguments, column: str) -> sa.ColumnElement[Any]:
    products = facts.rows("product")
    return facts.of(products, products.c[column], products.c.sku == facts.value(arguments["sku"]))


def _of_product(facts: PlainFacts, arguments: Arguments, column: str) -> Any:
    sku = facts.value(arguments["sku"])
    return next((each[column] for each in facts.rows.get("product", ()) if each["sku"] == sku), None)


def _price_sql(facts: SqlFacts, arguments: Arguments) -> sa.ColumnElement[Any]:
    import sqlalchemy as sa  # noqa: PLC0415

    price: sa.ColumnElement[Any] = sa.cast(_of_product_sql(facts, arguments, "price_cents"), sa.Double) / 100.0
    return price


def _price(facts: PlainFacts, arguments: Arguments) -> float | None:
    cents = _of_product(facts, arguments, "price_cents")
    return None if cents is None else cents / 100.0


def _in_stock(facts: PlainFacts, arguments: Arguments) -> bool:
    return (_of_product(facts, arguments, "stock") or 0) > 0


def _purchase(name: str, summary: str, type_: ValueType, example: str, meanings: tuple[Any, Any]) -> Predicate:
    """Something about what was bought, ever or within a time."""
    options = () if type_ is ValueType.INSTANT else (_WITHIN,)
    least = 0 if type_ is ValueType.NUMBER else None
    signature = PredicateSignature(
        name, summary, type_, (_ANY_OF,), options, example=example, grows_by=_ORDER, least=least
    )
    return Predicate(signature, *meanings, ages=(("orders.at", "within"),))


def _supply(name: str, summary: str, type_: ValueType, example: str, meanings: tuple[Any, Any]) -> Predicate:
    """Something about the catalogue, which may change for everybody with an import of products."""
    return Predicate(PredicateSignature(name, summary, type_, (_ONE,), example=example), *meanings)


@hookimpl
def conductor_predicates() -> Sequence[Predicate]:
    """What was bought, and what there is."""
    number, instant, boolean = ValueType.NUMBER, ValueType.INSTANT, ValueType.BOOLEAN
    category = PredicateSignature(
        "bought_category",
        "something of a category of the catalogue was bought",
        forms=(_CATEGORY,),
        options=(_WITHIN,),
        example='bought_category "Shoes" within 90d',
        grows_by=_ORDER,
    )
    times = "in how many orders one of these products is"
    last = "when one of these products was bought last; missing where never"
    pieces = "how many pieces of these products were bought"
    stock = "how many pieces the catalogue has; missing where it does not tell"
    return (
        _purchase("bought", "a product was bought", boolean, 'bought sku "A-1" within 90d', (_bought_sql, _bought)),
        _purchase("times_bought", times, number, 'times_bought sku "A-1", "A-2" >= 2', (_times_sql, _times)),
        _purchase("pieces_bought", pieces, number, 'pieces_bought sku "A-1" within 1y > 3', (_pieces_sql, _pieces)),
        _purchase("last_bought", last, instant, 'last_bought sku "A-1" before 30d', (_last_sql, _last)),
        Predicate(category, _of_category_sql, _of_category),
        _supply(
            "in_stock",
            "the catalogue has at least one piece",
            boolean,
            'in_stock sku "A-1"',
            (lambda facts, arguments: _of_product_sql(facts, arguments, "stock") > 0, _in_stock),
        ),
        _supply(
            "stock",
            stock,
            number,
            'stock sku "A-1" >= 10',
            (
                lambda facts, arguments: _of_product_sql(facts, arguments, "stock"),
                lambda facts, arguments: _of_product(facts, arguments, "stock"),
            ),
        ),
        _supply("price", "the price in the catalogue", number, 'price sku "A-1" < 50', (_price_sql, _price)),
    )
