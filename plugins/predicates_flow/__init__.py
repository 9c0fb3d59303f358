"""Conditions over where a contact is and was: conversations, arms of splits, coupons."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from conductor_dsl.api import (
    Arguments,
    Asking,
    Kind,
    Option,
    Param,
    Phrase,
    PlainFacts,
    Predicate,
    PredicateSignature,
    SqlFacts,
    bounds,
    hookimpl,
    split_draw,
)

if TYPE_CHECKING:  # checking a script loads this module for its words; SQLAlchemy is needed only to run it
    import sqlalchemy as sa

_CONVERSATION: Phrase = (Param("conversation", (Kind.REF,), refs=("conversation",)),)
_POOL: Phrase = (Param("pool", (Kind.REF,), "a pool of conductor.toml", refs=("pool",)),)
_GROUP: Phrase = (
    Param("split", (Kind.TEXT,), "the name of a split of this conversation"),
    Param("group", (Kind.TEXT,), "the name of one of its ways"),
)
_WITHIN = Option(("within", Param("within", (Kind.DURATION,))), "only in this time", default="ever")


def _runs_sql(facts: SqlFacts, arguments: Arguments) -> tuple[sa.FromClause, sa.ColumnElement[bool]]:
    runs, conversations = facts.rows("run"), facts.rows("conversation")
    named = conversations.c.name == arguments["conversation"]["ref"][1]
    return runs, runs.c.conversation_id == facts.of(conversations, conversations.c.id, named)


def _runs(facts: PlainFacts, arguments: Arguments) -> list[Any]:
    name = arguments["conversation"]["ref"][1]
    ids = {each["id"] for each in facts.rows.get("conversation", ()) if each["name"] == name}
    return [each for each in facts.rows.get("run", ()) if each["conversation_id"] in ids]


def _inside_sql(facts: SqlFacts, arguments: Arguments) -> sa.ColumnElement[bool]:
    runs, named = _runs_sql(facts, arguments)
    return facts.some(runs, named, runs.c.ended_at.is_(None))


def _inside(facts: PlainFacts, arguments: Arguments) -> bool:
    return any(each["ended_at"] is None for each in _runs(facts, arguments))


def _entered_sql(facts: SqlFacts, arguments: Arguments) -> sa.ColumnElement[bool]:
    runs, named = _runs_sql(facts, arguments)
    recent = [facts.within(arguments["within"], runs.c.entered_at)] if "within" in arguments else []
    return facts.some(runs, named, *recent)


def _entered(facts: PlainFacts, arguments: Arguments) -> bool:
    within = arguments.get("within")
    runs = _runs(facts, arguments)
    return any(within is None or facts.within(within, each["entered_at"]) for each in runs)


def _ends_of_arm(asking: Asking, arguments: Arguments) -> tuple[int, int]:
    """Between which points of the draw an arm lies; nowhere if there is none such."""
    arms = asking.splits.get(arguments["split"], ())
    ends = pairwise((0, *bounds(tuple(share for _, share in arms))))
    return next((end for (name, _), end in zip(arms, ends, strict=True) if name == arguments["group"]), (0, 0))


def _in_group_sql(facts: SqlFacts, arguments: Arguments) -> sa.ColumnElement[bool]:
    import sqlalchemy as sa  # noqa: PLC0415

    start, end = _ends_of_arm(facts.asking, arguments)
    draw = split_draw(facts.asking.name, arguments["split"])
    point = draw.point(sa.cast(facts.contact.c.bucket, sa.BigInteger))
    return sa.and_(point >= start, point < end)


def _in_group(facts: PlainFacts, arguments: Arguments) -> bool:
    start, end = _ends_of_arm(facts.asking, arguments)
    return bool(start <= split_draw(facts.asking.name, arguments["split"]).point(facts.contact["bucket"]) < end)


def _has_coupon_sql(facts: SqlFacts, arguments: Arguments) -> sa.ColumnElement[bool]:
    codes = facts.rows("coupon")
    return facts.some(codes, codes.c.pool == arguments["pool"]["ref"][1], codes.c.expires_at > facts.at_now())


def _has_coupon(facts: PlainFacts, arguments: Arguments) -> bool:
    pool = arguments["pool"]["ref"][1]
    return any(each["pool"] == pool and each["expires_at"] > facts.now for each in facts.rows.get("coupon", ()))


@hookimpl
def conductor_predicates() -> Sequence[Predicate]:
    """Where the contact is and was, in which group, and with what in its hands."""
    inside = "the contact is inside a conversation now"
    entered = "the contact has entered a conversation, whatever became of it"
    group = "the contact belongs to an arm of a split, whether it has come there or not"
    coupon = "the contact has been given a code of a pool that has not expired"
    return (
        Predicate(
            PredicateSignature("inside", inside, forms=(_CONVERSATION,), example='inside conversation:"Winback"'),
            _inside_sql,
            _inside,
        ),
        Predicate(
            PredicateSignature(
                "entered",
                entered,
                forms=(_CONVERSATION,),
                options=(_WITHIN,),
                example='entered conversation:"Winback" within 90d',
            ),
            _entered_sql,
            _entered,
        ),
        Predicate(
            PredicateSignature("in_group", group, forms=(_GROUP,), example='in_group "subject line" "A"'),
            _in_group_sql,
            _in_group,
            ages=(),
        ),
        Predicate(
            PredicateSignature("has_coupon", coupon, forms=(_POOL,), example='has_coupon pool:"WB20"'),
            _has_coupon_sql,
            _has_coupon,
        ),
    )
