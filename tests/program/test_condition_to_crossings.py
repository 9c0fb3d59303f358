"""Whoever comes into or out of an audience by the mere passing of time is among those who are looked at."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest
import sqlalchemy as sa

from conductor_dsl.language.expressions import (
    Call,
    Compare,
    Constant,
    Expression,
    Field,
    Gap,
    Not,
    Now,
    Shift,
    ValueType,
)
from conductor_dsl.program import condition_to_crossings as condition_to_crossings_module
from conductor_dsl.program.condition_to_crossings import condition_to_crossings
from conductor_dsl.shared.clock import DAY, HOUR, Instant
from conductor_dsl.store import tables as t
from conductor_dsl.store.connect import connect
from conductor_dsl.testing.invented import ASKING, NOW
from conductor_dsl.testing.people import Person, people, plain, sql_facts, store, with_payloads
from tests.program.questions import conditions

ROW = {"order_count": 1, "total_cents": 0, "email_state": "missing", "mobile_state": "missing"}
BIRTHDAY = Field("birthday", ValueType.DATE)
TODAY = Now(ValueType.DATE)


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    opened = connect(database_url)
    yield opened
    opened.dispose()


def looked_at(connection: sa.Connection, expression: Expression, before: Instant, now: Instant) -> set[int] | None:
    """The contacts that a look goes through; None for everybody."""
    crossed = condition_to_crossings(expression, sql_facts(before), sql_facts(now))
    if crossed is None:
        return None
    anybody = with_payloads(sa.select(t.contact.c.id))
    return set(connection.scalars(anybody.where(sa.or_(sa.false(), *crossed))))


@pytest.mark.parametrize("passed", [1, HOUR, 36 * HOUR, 29 * DAY, 59 * DAY, 400 * DAY])
def test_whose_condition_changes_without_a_change_of_the_data_is_looked_at(engine: sa.Engine, passed: int) -> None:
    chance = Random(passed)
    before = NOW - passed
    crowd = people(chance, 60)
    told = changes = 0
    with engine.connect() as connection:
        store(connection, crowd)
        for expression in conditions(chance, 150):
            found = looked_at(connection, expression, before, NOW)
            pairs = zip(
                plain(expression, crowd, before, ASKING[0]), plain(expression, crowd, NOW, ASKING[0]), strict=True
            )
            changed = {number for number, (then, now) in enumerate(pairs, 1) if then != now}
            assert found is None or changed <= found, expression
            told += found is not None
            changes += len(changed)
        connection.rollback()
    assert told > 50
    assert changes or passed == 1


def test_a_look_that_forgets_an_age_is_noticed(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = connect(sqlite_url)
    real = condition_to_crossings_module._crossed
    monkeypatch.setattr(condition_to_crossings_module, "_crossed", lambda *given: real(*given)[1:])
    with pytest.raises(AssertionError):
        test_whose_condition_changes_without_a_change_of_the_data_is_looked_at(engine, 29 * DAY)
    engine.dispose()


def test_only_those_are_looked_at_who_came_to_the_age(engine: sa.Engine) -> None:
    """The saving that all this is for: whoever is far from the age is left alone."""
    ages = [59 * DAY, 60 * DAY, 61 * DAY, 62 * DAY]
    crowd = [Person(ROW | {"last_order_at": NOW - age}, {}, {}, {}) for age in ages]
    lapsed = Not(Call("ordered_within", ValueType.BOOLEAN, {"duration": "60d"}))
    aged = Compare("before", Call("last_order", ValueType.INSTANT, {}), Constant(ValueType.TEXT, "60d"))
    with engine.connect() as connection:
        store(connection, crowd)
        assert looked_at(connection, lapsed, NOW - DAY, NOW) == {2}
        assert looked_at(connection, aged, NOW - DAY, NOW) == {2}
        connection.rollback()


def test_only_those_are_looked_at_whose_date_comes_near(engine: sa.Engine) -> None:
    """A date ages by the clocks of all contacts, so the neighbouring days are looked at, too."""
    days = ["2025-02-25", "2025-03-01", "2025-03-02", "2026-03-02", "2026-03-05", "2027-03-02"]
    crowd = [Person(ROW, {"birthday": day}, {}, {}) for day in days]
    year = Constant(ValueType.TEXT, "1y")
    shifted = Shift(TODAY, "-1y", ValueType.DATE)
    with engine.connect() as connection:
        store(connection, crowd)
        assert looked_at(connection, Compare("before", BIRTHDAY, year), NOW - HOUR, NOW) == {2, 3, 4}
        assert looked_at(connection, Compare("=", BIRTHDAY, TODAY), NOW - HOUR, NOW) == {4}
        assert looked_at(connection, Compare("<", shifted, BIRTHDAY), NOW - HOUR, NOW) == {2, 3}
        connection.rollback()


def test_everybody_is_looked_at_where_no_range_tells(engine: sa.Engine) -> None:
    age = Compare(">=", Gap("years", BIRTHDAY, TODAY), Constant(ValueType.NUMBER, 18))
    with engine.connect() as connection:
        assert looked_at(connection, age, NOW - DAY, NOW) is None


def test_a_condition_that_does_not_depend_on_the_time_has_no_crossings(engine: sa.Engine) -> None:
    gold = Compare("=", Field("tier", ValueType.TEXT), Constant(ValueType.TEXT, "Gold"))
    with engine.connect() as connection:
        assert looked_at(connection, gold, NOW - DAY, NOW) == set()
