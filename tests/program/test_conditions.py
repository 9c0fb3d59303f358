"""The two interpreters of conditions agree about everybody, on both databases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conductor_dsl.language.expressions import Compare, Constant, Expression, Field, Not, ValueType, from_json, to_json
from conductor_dsl.store.connect import connect
from tests.program.people import Person, conditions, in_sql, people, plain, store

CROWD = 8
crowds = st.lists(people(), min_size=CROWD, max_size=CROWD)
SHARED = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large)


@pytest.fixture
def sqlite(sqlite_url: str) -> Iterator[sa.Engine]:
    engine = connect(sqlite_url)
    yield engine
    engine.dispose()


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[sa.Engine]:
    engine = connect(postgres_url)
    yield engine
    engine.dispose()


def compare(engine: sa.Engine, crowd: list[Person], expressions: list[Expression]) -> None:
    with engine.connect() as connection:
        store(connection, crowd)
        for expression in expressions:
            assert in_sql(connection, expression, len(crowd)) == plain(expression, crowd)
        connection.rollback()


@settings(max_examples=50, deadline=None, suppress_health_check=SHARED)
@given(crowd=crowds, expressions=st.lists(conditions, min_size=4, max_size=6))
def test_sqlite_says_what_the_plain_interpreter_says(
    sqlite: sa.Engine, crowd: list[Person], expressions: list[Expression]
) -> None:
    compare(sqlite, crowd, expressions)


@settings(max_examples=20, deadline=None, suppress_health_check=SHARED)
@given(crowd=crowds, expressions=st.lists(conditions, min_size=3, max_size=5))
def test_postgresql_says_what_the_plain_interpreter_says(
    postgres: sa.Engine, crowd: list[Person], expressions: list[Expression]
) -> None:
    compare(postgres, crowd, expressions)


@given(expression=conditions)
def test_a_condition_survives_json(expression: Expression) -> None:
    assert from_json(to_json(expression)) == expression


@pytest.mark.parametrize("stored", [{}, {"tier": None}, {"tier": 5}, {"tier": ["Gold"]}, {"tier": {"a": 1}}])
def test_a_comparison_with_what_is_missing_or_of_another_type_is_false_and_its_opposite_true(
    sqlite: sa.Engine, stored: dict[str, object]
) -> None:
    row = {"order_count": 0, "total_cents": 0, "email_state": "missing", "mobile_state": "missing"}
    crowd = [Person(row, stored, {}, {})]
    for op in ("=", "!="):
        gold = Compare(op, Field("tier", ValueType.TEXT), Constant(ValueType.TEXT, "Gold"))
        compare(sqlite, crowd, [gold, Not(gold)])
        assert plain(gold, crowd) == [False]
        assert plain(Not(gold), crowd) == [True]


def test_an_invalid_number_has_no_value(sqlite: sa.Engine) -> None:
    row = {"order_count": 0, "total_cents": 0, "email_state": "valid", "mobile_state": "invalid", "mobile": "12"}
    crowd = [Person(row | {"email": "12"}, {}, {}, {})]
    same = [Compare("=", Field(name, ValueType.PHONE), Constant(ValueType.PHONE, "12")) for name in ("mobile", "email")]
    compare(sqlite, crowd, list(same))
    assert [plain(expression, crowd) for expression in same] == [[False], [True]]
