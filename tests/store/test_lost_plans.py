"""Plans that are easily lost without anybody seeing it: by which index, and in which order."""

from __future__ import annotations

import re

import sqlalchemy as sa

from conductor_dsl.program.states import IntentState
from conductor_dsl.shared.clock import DAY
from conductor_dsl.store import tables as t
from conductor_dsl.store.batches import crossing
from conductor_dsl.store.batches import fill as fill_batch
from conductor_dsl.store.by_hand import count_letters
from conductor_dsl.store.connect import connect
from conductor_dsl.store.notices import occurrences
from conductor_dsl.store.runs import enter
from tests.conformance.shop import NOW
from tests.store.test_plans import fill, plan_of, recorded


def test_what_the_staff_is_told_of_is_found_by_its_own_indexes(database_url: str) -> None:
    """Their conditions are written in the words of the queries, or in others that come to the same."""
    engine = connect(database_url)
    fill(engine, 5_000)
    with recorded(engine) as statements, engine.connect() as connection:
        occurrences(connection, NOW - DAY, NOW)
        count_letters(connection, IntentState.DEAD)
    with engine.connect() as connection:
        told = [plan_of(connection, each) for each in statements.values() if re.search("intent|history", each[0])]
    assert len(told) == 3
    assert all(re.search("intent_lost|history_told|history.*_kind_at_idx", plan) for plan in told), told
    engine.dispose()


def test_whoever_enters_is_looked_up_before_any_run_is_written(postgres_url: str) -> None:
    """Or what is written would be gone through for each of the rest, where the table is taken for empty."""
    engine = connect(postgres_url)
    fill(engine, 1_000)
    with engine.connect() as connection:
        connection.execute(sa.delete(t.run))
        connection.commit()
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("VACUUM ANALYZE run")
    with recorded(engine) as statements, engine.begin() as connection:
        fill_batch(connection, crossing, [(number, None) for number in range(1, 500)])
        assert enter(connection, 1, version_id=1, step=0, now=NOW, cooled_at=NOW - DAY) == 499
        [entry] = [each for each in statements.values() if each[0].startswith("INSERT INTO run")]
        assert re.search(r"Sort.*(\n.*)*SubPlan", plan_of(connection, entry))
    engine.dispose()


def test_no_condition_of_an_index_has_a_list_of_which_sqlite_would_make_a_table_for_each_row() -> None:
    indexes = [index for table in t.metadata.tables.values() for index in table.indexes]
    conditions = [str(index.dialect_options["sqlite"]["where"]) for index in indexes]
    assert any(" OR " in condition for condition in conditions)
    assert [condition for condition in conditions if re.search(r"\bIN\b", condition)] == []
