"""Contacts are added, changed and left alone, on every database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from conductor_dsl.store.connect import connect
from conductor_dsl.store.contacts import upsert_contacts
from conductor_dsl.store.tables import contact

NOTHING = (None,) * 7


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    engine = connect(database_url)
    yield engine
    engine.dispose()


def upsert(engine: sa.Engine, *rows: tuple[object, ...], now: int = 5) -> int:
    with engine.begin() as connection:
        return upsert_contacts(connection, list(rows), now)


def stored(engine: sa.Engine) -> dict[str, Any]:
    with engine.connect() as connection:
        return {row.key: row for row in connection.execute(sa.select(contact))}


ANN = (
    "a",
    "ann@example.com",
    "valid",
    "+14155550100",
    "valid",
    "Ann",
    None,
    "Europe/Paris",
    '{"tier":"Gold","n":2.50}',
)


def test_the_same_rows_again_change_nothing(engine: sa.Engine) -> None:
    assert upsert(engine, ANN, ("b", *NOTHING, "{}"), now=5) == 2
    assert upsert(engine, ("b", *NOTHING, "{}"), ANN, now=6) == 0
    assert {row.updated_at for row in stored(engine).values()} == {5}


def test_a_changed_row_updates_what_it_tells_and_leaves_the_rest(engine: sa.Engine) -> None:
    upsert(engine, ANN)
    assert upsert(engine, ("a", None, None, None, None, "Anna", None, None, '{"size":"M"}'), now=9) == 1
    row = stored(engine)["a"]
    assert (row.email, row.first_name, row.zone, row.updated_at) == ("ann@example.com", "Anna", "Europe/Paris", 9)
    assert "Gold" in row.fields and '"M"' in row.fields


def test_the_empty_text_clears_a_value_and_a_null_clears_a_field(engine: sa.Engine) -> None:
    upsert(engine, ANN)
    assert upsert(engine, ("a", "", "missing", None, None, "", None, "", '{"tier":null,"n":null}')) == 1
    row = stored(engine)["a"]
    assert (row.email, row.email_state, row.first_name, row.zone, row.fields) == (None, "missing", None, None, "{}")
    assert row.mobile == "+14155550100"


def test_a_new_contact_has_no_addresses_unless_it_is_told(engine: sa.Engine) -> None:
    upsert(engine, ("b", *NOTHING, '{"gone":null}'))
    row = stored(engine)["b"]
    assert (row.email, row.email_state, row.mobile_state, row.fields, row.order_count) == (
        None,
        "missing",
        "missing",
        "{}",
        0,
    )


def test_an_update_of_nothing_but_key_order_is_no_change(engine: sa.Engine) -> None:
    upsert(engine, ("a", *NOTHING, '{"b":1,"a":{"invalid":"12"}}'))
    assert upsert(engine, ("a", *NOTHING, '{"a":{"invalid":"12"},"b":1}')) == 0
