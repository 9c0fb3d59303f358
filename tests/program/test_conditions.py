"""The two interpreters of conditions agree about everybody, on both databases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    ValueType,
    from_json,
    to_json,
    walk,
)
from conductor_dsl.plugin.host import build_host
from conductor_dsl.program import condition_to_plain
from conductor_dsl.program.facts import Asking, PlainFacts, SqlFacts
from conductor_dsl.store.connect import connect
from conductor_dsl.testing.invented import ASKING, NOW
from conductor_dsl.testing.people import Person, in_sql, people, plain, store
from tests.program.questions import conditions

BARE = {"order_count": 0, "total_cents": 0, "email_state": "missing", "mobile_state": "missing", "zone": None}
CROWD = 40
NOTHING = {ValueType.TEXT: "", ValueType.NUMBER: 0, ValueType.BOOLEAN: False}
ORDINARY = {"seed": 1, "rounds": 3, "count": 40}


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    opened = connect(database_url)
    yield opened
    opened.dispose()


@pytest.fixture
def sqlite(sqlite_url: str) -> Iterator[sa.Engine]:
    opened = connect(sqlite_url)
    yield opened
    opened.dispose()


def differences(
    engine: sa.Engine, crowd: Sequence[Person], expressions: Sequence[Expression], asking: Asking = ASKING[0]
) -> list[tuple[Expression, Person]]:
    """Where the interpreters say different things: the condition, and the person."""
    found = []
    with engine.connect() as connection:
        store(connection, crowd)
        for expression in expressions:
            said = in_sql(connection, expression, len(crowd), NOW, asking)
            meant = plain(expression, crowd, NOW, asking)
            found += [(expression, crowd[place]) for place in range(len(crowd)) if said[place] != meant[place]]
        connection.rollback()
    return found


def compared(engine: sa.Engine, seed: int, rounds: int, count: int) -> int:
    """Compare so many conditions in each of some rounds, each over new people; returns the number of pairs."""
    chance = Random(seed)
    for number in range(rounds):
        crowd = people(chance, CROWD)
        assert differences(engine, crowd, conditions(chance, count), ASKING[number % len(ASKING)]) == []
    return rounds * count * CROWD


def test_both_interpreters_say_the_same_of_everybody(engine: sa.Engine) -> None:
    assert compared(engine, **ORDINARY) == 4_800


@pytest.mark.pairs
def test_both_interpreters_say_the_same_in_50_000_pairs(engine: sa.Engine) -> None:
    assert compared(engine, seed=2, rounds=25, count=50) == 50_000


def test_the_conditions_that_are_compared_are_of_every_kind_and_use_every_predicate() -> None:
    chance = Random(1)
    parts = [part for expression in conditions(chance, 4_000) for part in walk(expression)]
    assert {type(part) for part in parts} >= set(Expression.__args__)
    assert {part.name for part in parts if isinstance(part, Call)} == set(build_host().predicates)


def test_an_interpreter_that_takes_what_is_missing_for_nothing_is_noticed(
    sqlite: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = condition_to_plain._typed
    monkeypatch.setattr(condition_to_plain, "_typed", lambda value, type_: typed(value, type_) or NOTHING.get(type_))
    assert_noticed(sqlite)


def test_an_interpreter_with_an_interval_that_has_both_its_ends_is_noticed(
    sqlite: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PlainFacts, "within", lambda facts, text, at: facts.ago(text) <= at <= facts.now)
    assert_noticed(sqlite)


def test_an_interpreter_that_forgets_an_option_of_a_predicate_is_noticed(
    sqlite: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SqlFacts, "within", lambda *_: sa.true())
    assert_noticed(sqlite)


def assert_noticed(engine: sa.Engine) -> None:
    """The ordinary run finds a difference."""
    with pytest.raises(AssertionError):
        compared(engine, **ORDINARY)


def test_a_condition_survives_json() -> None:
    for expression in conditions(Random(3), 300):
        assert from_json(to_json(expression)) == expression


@pytest.mark.parametrize("stored", [{}, {"tier": None}, {"tier": 5}, {"tier": ["Gold"]}, {"tier": {"a": 1}}])
def test_a_comparison_with_what_is_missing_or_of_another_type_is_false_and_its_opposite_true(
    sqlite: sa.Engine, stored: dict[str, object]
) -> None:
    crowd = [Person(BARE, stored, {}, {})]
    for op in ("=", "!=", "contains"):
        gold = Compare(op, Field("tier", ValueType.TEXT), Constant(ValueType.TEXT, "Gold"))
        assert differences(sqlite, crowd, [gold, Not(gold)]) == []
        assert plain(gold, crowd) == [False]
        assert plain(Not(gold), crowd) == [True]


def test_an_invalid_number_has_no_value(sqlite: sa.Engine) -> None:
    row = BARE | {"email_state": "valid", "mobile_state": "invalid", "mobile": "12", "email": "12"}
    crowd = [Person(row, {}, {}, {})]
    same = [Compare("=", Field(name, ValueType.PHONE), Constant(ValueType.PHONE, "12")) for name in ("mobile", "email")]
    assert differences(sqlite, crowd, list(same)) == []
    assert [plain(expression, crowd) for expression in same] == [[False], [True]]


def test_today_is_the_date_by_the_clock_of_each_contact(engine: sa.Engine) -> None:
    zones = ("Pacific/Kiritimati", "Pacific/Pago_Pago", None)
    crowd = [Person(BARE | {"zone": zone}, {"birthday": "2026-03-03"}, {}, {}) for zone in zones]
    here = Compare("=", Field("birthday", ValueType.DATE), Now(ValueType.DATE))
    assert plain(here, crowd) == [True, False, False]
    assert plain(here, crowd, asking=Asking(zone="Pacific/Kiritimati", contact_zone=False)) == [True, True, True]
    assert differences(engine, crowd, [here]) == []


GAPS = (
    ("days", "2026-02-27", "2026-03-02", 3),
    ("weeks", "2026-03-14", "2026-03-01", -1),
    ("months", "2026-01-31", "2026-02-28", 1),
    ("months", "2026-01-31", "2026-02-27", 0),
    ("years", "2000-02-29", "2001-02-28", 1),
    ("years", "2000-02-29", "2001-02-27", 0),
    ("years", "2001-02-28", "2000-02-29", -1),
    ("days", "2026-02-30", "2026-03-02", None),
)


def test_between_two_dates_lie_as_many_units_as_can_be_added(engine: sa.Engine) -> None:
    crowd = [Person(BARE, {}, {}, {})]
    for unit, start, end, expected in GAPS:
        days = [Constant(ValueType.DATE, day) for day in (start, end)]
        gap = Compare("=", Gap(unit, *days), Constant(ValueType.NUMBER, -99 if expected is None else expected))
        assert plain(gap, crowd) == [expected is not None]
        assert differences(engine, crowd, [gap]) == []
