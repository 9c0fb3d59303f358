"""Conditions over lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from conductor_dsl.api import (
    Arguments,
    Kind,
    Param,
    PlainFacts,
    Predicate,
    PredicateSignature,
    SqlFacts,
    hookimpl,
)

if TYPE_CHECKING:  # checking a script loads this module for its words; SQLAlchemy is needed only to run it
    import sqlalchemy as sa

SUBSCRIBED = PredicateSignature(
    name="subscribed",
    summary="the contact is subscribed to a list now",
    forms=((Param("list", (Kind.REF,), "a list of conductor.toml", refs=("list",)),),),
    example='subscribed list:"News"',
)


def subscribed_sql(facts: SqlFacts, arguments: Arguments) -> sa.ColumnElement[bool]:
    """Whether the latest word of the contact on the list is a subscription."""
    import sqlalchemy as sa  # noqa: PLC0415

    membership = facts.tables["membership"].c
    return sa.exists(
        sa.select(sa.literal(1))
        .where(membership.contact_id == facts.contact.c.id)
        .where(membership.list == arguments["list"]["ref"][1])
        .where(membership.state == "subscribed")
        .correlate(facts.contact)
    )


def subscribed(facts: PlainFacts, arguments: Arguments) -> bool:
    """The same, for one contact."""
    return ("subscribed", arguments["list"]["ref"][1]) in [
        (row["state"], row["list"]) for row in facts.rows.get("membership", ())
    ]


@hookimpl
def conductor_predicates() -> Sequence[Predicate]:
    """The one condition."""
    return (Predicate(SUBSCRIBED, subscribed_sql, subscribed, ages=()),)
