"""On PostgreSQL the history has a table for each month, made ahead and dropped as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa

from conductor_dsl.runtime.prune import Pruned, plan_duties
from conductor_dsl.shared.clock import DAY
from conductor_dsl.store import tables as t
from conductor_dsl.store.connect import connect
from conductor_dsl.store.migrations.revisions.r05_retention import cut_history
from conductor_dsl.store.months import REST, make_months, months
from tests.conformance.shop import NOW, Shop, host
from tests.conformance.test_prune import KEEP, SCRIPT, broken, counts, entered, plan_of, prune


@pytest.fixture
def shop(postgres_url: str) -> Iterator[Shop]:
    """A shop on a database of its own, with the months of March to May 2026."""
    engine = connect(postgres_url)
    with engine.begin() as connection:
        plan_duties(connection, host(), KEEP, NOW)
    yield Shop(engine)
    engine.dispose()


def tables(shop: Shop) -> dict[str, int]:
    """How many rows of history each table holds."""
    name = sa.text("SELECT tableoid::regclass::text AS name, count(*) FROM history GROUP BY 1 ORDER BY 1")
    with shop.engine.connect() as connection:
        return {row[0]: row[1] for row in connection.execute(name)}


def names(shop: Shop) -> list[str]:
    with shop.engine.connect() as connection:
        return [f"{month:%Y-%m}" for month in months(connection)]


def test_months_are_made_ahead_by_the_duty(shop: Shop) -> None:
    assert names(shop) == ["2026-03", "2026-04", "2026-05"]
    shop.clock.move_to(NOW + 31 * DAY)
    assert shop.node.run_due() == shop.now + DAY
    assert names(shop) == ["2026-03", "2026-04", "2026-05", "2026-06"]


def test_what_is_told_lies_in_its_month_or_in_the_rest(shop: Shop) -> None:
    shop.publish(SCRIPT)
    shop.contact("a")
    entered(shop, "a")
    shop.clock.move_to(NOW + 400 * DAY)
    entered(replace_node(shop), "a")
    assert tables(shop) == {"history_2026_03": 1, REST: 1}


def replace_node(shop: Shop) -> Shop:
    """The shop as if its duty had nothing to do: nobody makes months."""
    shop.execute(sa.text("UPDATE retention SET due_at = NULL"))
    return shop


def test_an_old_month_is_dropped_and_what_must_stay_is_moved(shop: Shop) -> None:
    replace_node(shop)
    shop.publish(SCRIPT.replace("wait 1d", 'wait 1d -> if last_name = "Long" { wait 500d }'))
    for key in "abc":
        shop.contact(key, last_name="Long" if key == "c" else None)
    entered(shop, "a", "b", "c")
    shop.clock.move_to(NOW + 450 * DAY)
    before = counts(shop)
    assert tables(shop) == {"history_2026_03": 4}
    deleted = prune(shop)
    assert (deleted.history, deleted.messages, deleted.runs) == (2, 4, 0)
    assert (names(shop), tables(shop)) == (["2026-04", "2026-05"], {REST: 2})
    assert (counts(shop), broken(shop)) == (before, [])
    shop.pass_time("60d")
    assert shop.state("c") == "completed: done"
    assert broken(shop) == []


def test_a_month_that_others_use_is_deleted_by_rows(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conductor_dsl.store.months.PATIENCE", "50ms")
    replace_node(shop)
    shop.publish(SCRIPT)
    shop.contact("a")
    entered(shop, "a")
    shop.clock.move_to(NOW + 450 * DAY)
    with shop.engine.connect() as reader:
        assert reader.scalar(sa.select(sa.func.count()).select_from(t.history)) == 1
        assert prune(shop).history == 1
    assert "2026-03" in names(shop)
    assert (tables(shop), broken(shop)) == ({}, [])


def test_the_rows_of_many_who_stay_are_not_moved(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conductor_dsl.store.drop_month.MOST_STAYING", 0)
    replace_node(shop)
    shop.publish(SCRIPT.replace("wait 1d", "wait 500d"))
    shop.contact("a")
    entered(shop, "a")
    shop.clock.move_to(NOW + 450 * DAY)
    assert prune(shop).history == 0
    assert tables(shop) == {"history_2026_03": 1}


def test_a_history_without_months_becomes_the_rest_where_it_lies(shop: Shop) -> None:
    plain = "CREATE TABLE history AS TABLE old_history"
    shop.publish(SCRIPT)
    shop.contact("a")
    entered(shop, "a")
    with shop.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE history RENAME TO old_history")
        connection.exec_driver_sql(plain)
        connection.exec_driver_sql("DROP TABLE old_history")
        key = ", ".join(f'"{column.name}"' for column in t.history.primary_key)
        connection.exec_driver_sql(f"ALTER TABLE history ADD CONSTRAINT history_pkey PRIMARY KEY ({key})")
        for index in t.history.indexes:
            index.create(connection)
        cut_history(connection)
        assert make_months(connection, shop.now) == ["history_2026_04", "history_2026_05"]
    assert tables(shop) == {REST: 1}
    shop.clock.move_to(NOW + 40 * DAY)
    entered(replace_node(shop), "a")
    assert tables(shop) == {"history_2026_04": 1, REST: 1}
    assert (plan_of(shop).told, broken(shop)) == ((), [])


def test_a_month_is_dropped_by_the_duty_of_a_node(shop: Shop) -> None:
    shop.publish(SCRIPT)
    shop.contact("a")
    entered(shop, "a")
    shop.clock.move_to(NOW + 450 * DAY)
    told: list[object] = []
    shop.execute(sa.text("UPDATE retention SET due_at = 0"))
    replace(shop.node, rules=KEEP, announce=told.append).run_due()
    assert [done.deleted for done in told if isinstance(done, Pruned) and done.deleted] == [2, 3]
    assert names(shop) == ["2026-04", "2026-05", "2027-05", "2027-06", "2027-07"]
