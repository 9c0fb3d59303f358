"""The suite for conditions passes good ones, and notices where their two meanings differ."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa

from conductor_dsl.api import Kind, Param, PlainFacts, Predicate, PredicateSignature, SqlFacts, hookimpl
from conductor_dsl.testing.predicate_suite import PredicateSuite
from tests.testing.failing import failing

SIGNATURE = PredicateSignature(
    "has_spent",
    "the orders come to so much",
    forms=((Param("amount", (Kind.NUMBER,)),),),
    example="has_spent 100",
)


def spent(facts: PlainFacts, arguments: Any) -> bool:
    return bool(sum(order["total_cents"] for order in facts.rows["orders"]) >= arguments["amount"] * 100)


def spent_sql(facts: SqlFacts, arguments: Any) -> sa.ColumnElement[bool]:
    orders = facts.rows("orders")
    total = facts.of(orders, sa.func.coalesce(sa.func.sum(orders.c.total_cents), 0))
    return total >= sa.bindparam(None, arguments["amount"] * 100, sa.Double)


GOOD = Predicate(SIGNATURE, spent_sql, spent)
SAME = "test_sql_and_plain_python_say_the_same_of_everybody"


def suite_of(predicate: Predicate, *conditions: str) -> PredicateSuite:
    plugin = SimpleNamespace(conductor_predicates=hookimpl(lambda: [predicate]))

    class Suite(PredicateSuite):
        crowd = 150

        def plugin(self) -> object:
            return plugin

    suite = Suite()
    suite.conditions = conditions
    return suite


def test_a_good_condition_passes() -> None:
    assert failing(suite_of(GOOD, "not has_spent 50.5", "has_spent 1 and known first_name")) == set()


def test_two_meanings_that_differ_are_noticed() -> None:
    assert SAME in failing(suite_of(replace(GOOD, plain=lambda _facts, _arguments: True)))
    assert SAME in failing(suite_of(replace(GOOD, plain=lambda facts, _: bool(facts.rows["orders"]))))


def test_a_meaning_that_raises_for_somebody_is_noticed() -> None:
    assert SAME in failing(suite_of(replace(GOOD, plain=lambda facts, _: facts.contact["first_name"].isupper())))


def test_a_condition_that_is_true_of_everybody_has_not_been_tried() -> None:
    assert failing(suite_of(GOOD, "has_spent 0")) == {"test_some_contacts_are_meant_and_some_are_not"}


def test_a_predicate_without_an_example_is_noticed() -> None:
    bare = replace(GOOD, signature=replace(SIGNATURE, example=""))
    assert "test_every_predicate_has_an_example_and_a_summary" in failing(suite_of(bare))
