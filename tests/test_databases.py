"""The test databases do what the engine asks of a database."""

from __future__ import annotations

import sqlalchemy as sa


def test_a_database_starts_empty(database_url: str) -> None:
    engine = sa.create_engine(database_url)
    assert sa.inspect(engine).get_table_names() == []
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE left_behind (id INTEGER)"))
    engine.dispose()


def test_json_can_be_read_in_sql(database_url: str) -> None:
    table = sa.Table("fact", sa.MetaData(), sa.Column("data", sa.JSON))
    engine = sa.create_engine(database_url)
    with engine.begin() as connection:
        table.create(connection)
        connection.execute(table.insert(), {"data": {"tier": "Gold"}})
        assert connection.scalar(sa.select(table.c.data["tier"].as_string())) == "Gold"
    engine.dispose()


def test_a_claimed_row_is_skipped_by_the_next_claim_on_postgresql(postgres_url: str) -> None:
    engine = sa.create_engine(postgres_url)
    claim = sa.text("SELECT id FROM due ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED")
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE due AS SELECT generate_series(1, 2) AS id"))
    with engine.begin() as first, engine.begin() as second:
        assert (first.scalar(claim), second.scalar(claim)) == (1, 2)
    engine.dispose()
