"""The lines of a test that say what was there before: `given`."""

from __future__ import annotations

from conductor_dsl.language.signatures import Kind, Option, Param, StatementSignature
from conductor_dsl.language.statement_parts import AGO, ENGAGED, EVENT, FOR, ITEMS, LINK, LIST, PAYLOAD, STEP


def _contact(name: str, *phrase: str | Param, doc: str) -> Option:
    return Option((name, *phrase), doc, once=False)


GIVEN = (
    StatementSignature(
        "given",
        "contact",
        "Somebody, with the fields named; agreed to every list that is written to, unless told otherwise.",
        (
            ("contact", Param("name", (Kind.TEXT,)), Param("fields", (Kind.PAYLOAD,), record="contact")),
            ("contact", Param("fields", (Kind.PAYLOAD,), record="contact")),
        ),
        (
            _contact("ordered", *AGO, doc="an order of that time; what it was worth and held may follow"),
            _contact("total", Param("total", (Kind.NUMBER,)), doc="what the order was worth"),
            _contact("items", Param("items", (Kind.TEXT,), many=True), doc="what the order held, by `sku`"),
            _contact("subscribed", LIST, doc="agreed to this list, too"),
            _contact("unsubscribed", LIST, doc='took it back; `list:"*"` is every list'),
            _contact("never_subscribed", LIST, doc='never agreed to it; `list:"*"` is every list'),
            _contact(
                "in",
                "group",
                Param("group", (Kind.TEXT,)),
                "of",
                Param("split", (Kind.TEXT,)),
                doc="the way that a split sends the contact",
            ),
            Option(("held_out",), "belongs to those of a holdout who get nothing", default="nobody does"),
        ),
        'given contact { first_name "Ada", email "ada@example.com" } ordered 70d ago total 20',
        "contact",
    ),
    StatementSignature(
        "given",
        "product",
        "A product of the catalogue.",
        (("product", Param("fields", (Kind.PAYLOAD,), record="product")),),
        (),
        'given product { sku "A", stock 0, price 20 }',
        "product",
    ),
    StatementSignature(
        "given",
        "cart",
        "A cart that somebody touched last so long ago.",
        (("cart", Param("fields", (Kind.PAYLOAD,), record="cart"), "touched", *AGO),),
        (ITEMS, FOR),
        'given cart { total 40 } touched 2h ago items "A"',
        "cart",
    ),
    StatementSignature(
        "given",
        "coupon",
        "The codes of a pool; without this line it has none.",
        (
            (
                "coupon",
                Param("pool", (Kind.REF,), refs=("pool",)),
                "codes",
                Param("codes", (Kind.TEXT,), many=True),
            ),
        ),
        (Option(("expires", Param("expires", (Kind.DATE,))), "the last day on which they are worth something"),),
        'given coupon pool:"WB20" codes "A1", "A2"',
        "coupon",
    ),
    StatementSignature(
        "given",
        "engagement",
        "Somebody opened or clicked a message before the beginning.",
        ((ENGAGED, STEP, *AGO),),
        (LINK, FOR),
        'given clicked step:"sms" 3d ago',
        'opened step:"..."',
    ),
    StatementSignature(
        "given",
        "event",
        "Something that happened to somebody before the beginning.",
        ((EVENT, PAYLOAD, *AGO), (EVENT, *AGO)),
        (ITEMS, FOR),
        'given product.viewed { sku "A" } 3d ago',
        "EVENT",
    ),
)
