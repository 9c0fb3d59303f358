"""Tables of plugins, and ours: nodes that begin at the same moment do not fail each other."""

from __future__ import annotations

import sqlalchemy as sa

from conductor_dsl.plugin.own_tables import ensure_tables
from conductor_dsl.store.connect import connect
from tests.at_once import at_once

NOTE = sa.MetaData()
sa.Table("plugin_note", NOTE, sa.Column("key", sa.Text, primary_key=True), sa.Column("at", sa.Integer, index=True))


def test_nodes_that_begin_together_make_the_tables_once(database_url: str) -> None:
    assert at_once(lambda: connect(database_url).dispose()) == []


def test_plugins_that_begin_together_make_their_tables_once(database_url: str) -> None:
    engine = connect(database_url)
    assert at_once(lambda: ensure_tables(engine, NOTE)) == []
    assert sa.inspect(engine).get_indexes("plugin_note")[0]["column_names"] == ["at"]
    ensure_tables(engine, NOTE)
    engine.dispose()
