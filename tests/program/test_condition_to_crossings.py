"""Whoever comes into or out of an audience by the mere passing of time is among those who are looked at."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conductor_dsl.language.expressions import Call, Compare, Constant, Expression, Field, Not, ValueType
from conductor_dsl.plugin.host import build_host
from conductor_dsl.program.condition_to_crossings import condition_to_crossings
from conductor_dsl.program.facts import SqlFacts
from conductor_dsl.shared.clock import DAY, HOUR, Instant
from conductor_dsl.store import tables as t
from conductor_dsl.store.connect import connect
from tests.program.people import NOW, Person, conditions, people, plain, store

SHARED = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large)


@pytest.fixture
def engine(sqlite_url: str) -> Iterator[sa.Engine]:
    opened = connect(sqlite_url)
    yield opened
    opened.dispose()


def looked_at(connection: sa.Connection, expression: Expression, before: Instant, now: Instant) -> set[int] | None:
    """The contacts that a look goes through; None for everybody."""
    ages = {name: each.ages for name, each in build_host().predicates.items()}
    facts = [SqlFacts(t.contact, t.orders, t.membership, at) for at in (before, now)]
    crossed = condition_to_crossings(expression, facts[0], facts[1], ages)
    if crossed is None:
        return None
    return set(connection.scalars(sa.select(t.contact.c.id).where(sa.or_(sa.false(), *crossed))))


@settings(max_examples=50, deadline=None, suppress_health_check=SHARED)
@given(
    crowd=st.lists(people(), min_size=8, max_size=8),
    expressions=st.lists(conditions, min_size=3, max_size=5),
    passed=st.sampled_from([1, HOUR, 36 * HOUR, 29 * DAY, 59 * DAY, 400 * DAY]) | st.integers(1, 500 * DAY),
)
def test_whose_condition_changes_without_a_change_of_the_data_is_looked_at(
    engine: sa.Engine, crowd: list[Person], expressions: list[Expression], passed: int
) -> None:
    before = NOW - passed
    with engine.connect() as connection:
        store(connection, crowd)
        for expression in expressions:
            found = looked_at(connection, expression, before, NOW)
            pairs = zip(plain(expression, crowd, before), plain(expression, crowd, NOW), strict=True)
            changed = {number for number, (then, now) in enumerate(pairs, 1) if then != now}
            assert found is None or changed <= found
        connection.rollback()


def test_only_those_are_looked_at_who_came_to_the_age(engine: sa.Engine) -> None:
    """The saving that all this is for: whoever is far from the age is left alone."""
    row = {"order_count": 1, "total_cents": 0, "email_state": "missing", "mobile_state": "missing"}
    ages = [59 * DAY, 60 * DAY, 61 * DAY, 62 * DAY]
    crowd = [Person(row | {"last_order_at": NOW - age}, {}, {}, {}) for age in ages]
    lapsed = Not(Call("ordered_within", ValueType.BOOLEAN, {"duration": "60d"}))
    aged = Compare("before", Call("last_order", ValueType.INSTANT, {}), Constant(ValueType.TEXT, "60d"))
    with engine.connect() as connection:
        store(connection, crowd)
        assert looked_at(connection, lapsed, NOW - DAY, NOW) == {2}
        assert looked_at(connection, aged, NOW - DAY, NOW) == {2}
        connection.rollback()


def test_a_condition_that_does_not_depend_on_the_time_has_no_crossings(engine: sa.Engine) -> None:
    gold = Compare("=", Field("tier", ValueType.TEXT), Constant(ValueType.TEXT, "Gold"))
    with engine.connect() as connection:
        assert looked_at(connection, gold, NOW - DAY, NOW) == set()
