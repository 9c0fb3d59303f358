"""What lets contacts in that is worked out from the shop's own data: products, carts, and what is about to run out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from conductor_dsl.api import (
    Arguments,
    Kind,
    Option,
    Param,
    Phrase,
    Trigger,
    TriggerSignature,
    TriggerSource,
    hookimpl,
)

WAYS = ("asked", "viewed", "carted")
"""In which ways a contact may be interested in a product."""
ANY_DROP = "1"
"""The least fall of a price, in percent, unless the script says otherwise."""
AFTER = "1h"
"""How long a cart must lie untouched unless the script says otherwise."""
BEFORE = "0d"
"""How long before a product runs out, unless the script says otherwise."""

_OF = Option(
    (
        "of",
        Param("of", (Kind.WORD,), "signed up to be told, looked at it, or put it into a cart", words=WAYS, many=True),
    ),
    "who is told: those interested in one of these ways",
    default="asked, viewed, carted",
)
_SKU = Option(
    ("sku", Param("skus", (Kind.TEXT,), "one product, or several with commas", many=True)),
    "which products",
    default="all",
)
_WITHIN = Option(
    ("within", Param("within", (Kind.DURATION,), "since when")),
    "how fresh the interest must be",
    default="30d for those who viewed or carted, no bound for those who asked",
)
_WHERE = Option(
    ("where", Param("where", (Kind.PREDICATE,), "a condition that may read the event")), "a filter", default="all"
)
_LIMIT = Option(
    ("limit", Param("limit", (Kind.NUMBER,), "how many"), "per", "piece"),
    "how many may enter for each piece in stock, those first who have been interested longest",
    default="no limit",
)
_ONCE = "Whoever buys the product is interested no longer. What is not true any more when its turn comes is not told."


def _product(name: str, summary: str, *forms: Phrase, example: str, doc: str, limited: bool = True) -> TriggerSignature:
    options = (_OF, _SKU, _WITHIN, *((_LIMIT,) if limited else ()), _WHERE)
    return TriggerSignature(name, summary, forms, options, f"{doc} {_ONCE}", example, events=(name,))


BACK_IN_STOCK = _product(
    "back_in_stock",
    "a product that a contact is interested in can be bought again",
    ("on", "back_in_stock"),
    example='on back_in_stock of asked sku "A1" limit 10 per piece where event.price < 50',
    doc="An import of products has told a stock above 0 where it was 0 before; where none was known, those who asked "
    "are told.",
)
LOW_STOCK = _product(
    "low_stock",
    "only so many pieces are left of a product that a contact is interested in",
    ("on", "low_stock", Param("pieces", (Kind.NUMBER,), "how many at most, up to 100")),
    example="on low_stock 5 of carted within 7d",
    doc="The stock fell below that with this import, and is not 0.",
)
PRICE_DROP = _product(
    "price_drop",
    "a product that a contact is interested in has become cheaper",
    ("on", "price_drop", Param("percent", (Kind.PERCENT,), "by how much at least")),
    ("on", "price_drop"),
    example="on price_drop 10% of viewed, carted",
    doc=f"By {ANY_DROP}% where none is written, against the price of the day on which the contact became interested, "
    "and after that against the price that was told last.",
    limited=False,
)
CART = TriggerSignature(
    name="cart.abandoned",
    summary="a cart that nobody has touched for a while, and nobody has ordered",
    forms=(("on", "cart.abandoned"),),
    options=(
        Option(("after", Param("after", (Kind.DURATION,), "how long")), "how long it was not touched", default=AFTER),
        _WHERE,
    ),
    doc="A cart that is touched again has another chance. `1d` is 24 hours here. A cart that was left more than 3 days "
    "before anybody could look at it is not chased.",
    example="on cart.abandoned after 30m where event.total >= 50",
    events=("cart.abandoned",),
)
REPLENISH = TriggerSignature(
    name="replenish",
    summary="a product that the contact bought is about to run out",
    forms=(("on", "replenish"),),
    options=(
        _SKU,
        Option(
            ("every", Param("every", (Kind.DURATION,), "how long one piece lasts")),
            "how long one piece lasts",
            default="`lasts` of the product",
        ),
        Option(("before", Param("before", (Kind.DURATION,), "how long")), "how long before that", default=BEFORE),
        _WHERE,
    ),
    doc="The number of pieces counts. Whoever has bought the product twice has a pace of their own, which comes before "
    "that if it is neither twice as fast nor twice as slow. A new purchase starts anew. While the product is out of "
    "stock the reminder is put off, at most for 14 days. Without `sku` only products with a `lasts` count.",
    example='on replenish sku "A1", "A2" every 30d before 3d',
    events=("replenish",),
)


def product_arguments(kind: str) -> Callable[[Arguments], Arguments]:
    """What turns what was written into `events`, `kind`, `of`, `skus`, `within`, `percent`, `pieces`, `limit`."""

    def arguments(written: Arguments) -> Arguments:
        common = {"events": [kind], "kind": kind, "of": written.get("of") or list(WAYS), "skus": written.get("skus")}
        optional = {name: written.get(name) for name in ("within", "limit", "where")}
        least = {"percent": written.get("percent", ANY_DROP), "pieces": written.get("pieces")}
        return common | optional | least

    return arguments


def cart_arguments(written: Arguments) -> Arguments:
    """`events`, `after` with its default, and `where`."""
    return {"events": ["cart.abandoned"], "after": written.get("after", AFTER), "where": written.get("where")}


def replenish_arguments(written: Arguments) -> Arguments:
    """`events`, `skus`, `every`, `before` with its default, and `where`."""
    optional = {name: written.get(name) for name in ("skus", "every", "where")}
    return optional | {"events": ["replenish"], "before": written.get("before", BEFORE)}


@hookimpl
def conductor_triggers() -> Sequence[Trigger]:
    """Three for products, one for carts, one for what runs out."""
    products = (BACK_IN_STOCK, LOW_STOCK, PRICE_DROP)
    return (
        *(Trigger(each, TriggerSource.PRODUCT, product_arguments(each.name)) for each in products),
        Trigger(CART, TriggerSource.CART, cart_arguments),
        Trigger(REPLENISH, TriggerSource.REPLENISH, replenish_arguments),
    )
