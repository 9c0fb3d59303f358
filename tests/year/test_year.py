"""A small year on both databases: every answer is found by an index, and the oldest month goes."""

from __future__ import annotations

from conductor_dsl.store.prune import Deleted
from tests.bench.by_engine import open_node
from tests.year.make_year import fill_contacts, make_year
from tests.year.prune_month import prune_month
from tests.year.questions import ask, keyed, summed


def test_a_year_is_asked_by_its_indexes_and_its_oldest_month_goes(database_url: str) -> None:
    fill_contacts(database_url, 2_000, 1)
    node = open_node(database_url)
    try:
        make_year(node.engine, 2_000)
        with node.engine.begin() as connection:
            connection.exec_driver_sql("ANALYZE")
        answers = [ask(node.engine, *each, 1) for each in keyed(node, 1_000).items()]
        # PostgreSQL rightly reads tables of a few pages as a whole; at full size the program looks there, too.
        assert [each.name for each in answers if each.scanned and node.engine.dialect.name == "sqlite"] == []
        assert {name for each in summed(node).items() for name in ask(node.engine, *each, 1).scanned} >= {"intent"}
        pruned = prune_month(node)
        assert pruned.deleted.messages == 2 * pruned.deleted.runs > 1_000
        assert pruned.deleted.history == pruned.deleted.runs
        assert prune_month(node).deleted == Deleted()
    finally:
        node.close()
