"""The lines of a test that say when it begins, and what happens then: `at` and `when`."""

from __future__ import annotations

from conductor_dsl.language.signatures import Kind, Option, Param, StatementSignature
from conductor_dsl.language.statement_parts import AFTER, CONSENT, ENGAGED, EVENT, FOR, ITEMS, LINK, LIST, PAYLOAD, STEP

AT = (
    StatementSignature(
        "at",
        "at",
        "When the test begins, by the clock of the conversation or of a zone; it ends when all is over, or not before "
        "`until`.",
        ((Param("date", (Kind.DATE,)), Param("clock", (Kind.CLOCK,))),),
        (
            Option(("in", Param("zone", (Kind.TEXT,))), "by the clock of which zone", default="of the conversation"),
            Option(("until", Param("until", (Kind.DURATION,))), "how long to let time pass at least"),
        ),
        'at 2026-03-02 10:00 in "Europe/Berlin"',
    ),
)

HAPPENS = (
    StatementSignature(
        "when",
        "engagement",
        "Somebody opens or clicks the message of a step.",
        ((ENGAGED, STEP),),
        (LINK, AFTER, FOR),
        'when clicked step:"sms" after 1h',
        'clicked step:"..."',
    ),
    StatementSignature(
        "when",
        "consent",
        "Somebody agrees to a list, or takes it back.",
        ((CONSENT, LIST),),
        (AFTER, FOR),
        'when unsubscribed list:"News" after 1d',
        'subscribed list:"..."',
    ),
    StatementSignature(
        "when",
        "changed",
        "A field of somebody gets a value from outside.",
        (("changed", Param("field", (Kind.FIELD,)), Param("value", (Kind.VALUE,))),),
        (AFTER, FOR),
        'when changed first_name "Ada" after 1d',
        "changed",
    ),
    StatementSignature(
        "when",
        "failed",
        "The provider refuses the messages of a step.",
        (("failed", STEP),),
        (FOR,),
        'when failed step:"sms"',
        'failed step:"..."',
    ),
    StatementSignature(
        "when",
        "product",
        "The stock or the price of a product changes.",
        (
            (
                Param("measure", (Kind.WORD,), words=("stock", "price")),
                "sku",
                Param("sku", (Kind.TEXT,)),
                Param("value", (Kind.NUMBER,)),
            ),
        ),
        (AFTER,),
        'when stock sku "A" 5 after 1d',
        "stock",
    ),
    StatementSignature(
        "when",
        "cart",
        "Somebody fills a cart, or changes it.",
        (("cart", Param("fields", (Kind.PAYLOAD,), record="cart")),),
        (ITEMS, AFTER, FOR),
        'when cart { total 40 } items "A" after 1h',
        "cart",
    ),
    StatementSignature(
        "when",
        "keyword",
        "Somebody sends a text to a number of yours.",
        (("keyword", Param("text", (Kind.TEXT,)), Param("code", (Kind.REF,), refs=("code",))),),
        (AFTER, FOR),
        'when keyword "SALE" code:"34567" after 1d',
        "keyword",
    ),
    StatementSignature(
        "when",
        "event",
        "Something happens to somebody.",
        ((EVENT, PAYLOAD), (EVENT,)),
        (ITEMS, AFTER, FOR),
        'when order.placed { order_id "1", total 20 } after 1d',
        "EVENT",
    ),
)
