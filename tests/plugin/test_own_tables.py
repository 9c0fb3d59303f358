"""Tables of plugins, and ours: nodes that begin at the same moment do not fail each other."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread

import sqlalchemy as sa

from conductor_dsl.plugin.own_tables import ensure_tables
from conductor_dsl.store.connect import connect

NODES = 8
NOTE = sa.MetaData()
sa.Table("plugin_note", NOTE, sa.Column("key", sa.Text, primary_key=True), sa.Column("at", sa.Integer, index=True))


def at_once(work: Callable[[], object]) -> list[Exception]:
    """Do something on several threads that begin together; what went wrong."""
    barrier, problems = Barrier(NODES), list[Exception]()

    def do() -> None:
        barrier.wait()
        try:
            work()
        except Exception as problem:  # noqa: BLE001  (whatever a node would die of)
            problems.append(problem)

    threads = [Thread(target=do) for _ in range(NODES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return problems


def test_nodes_that_begin_together_make_the_tables_once(database_url: str) -> None:
    assert at_once(lambda: connect(database_url).dispose()) == []


def test_plugins_that_begin_together_make_their_tables_once(database_url: str) -> None:
    engine = connect(database_url)
    assert at_once(lambda: ensure_tables(engine, NOTE)) == []
    assert sa.inspect(engine).get_indexes("plugin_note")[0]["column_names"] == ["at"]
    ensure_tables(engine, NOTE)
    engine.dispose()
