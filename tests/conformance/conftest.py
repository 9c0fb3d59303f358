"""The shop of every conformance test, once on each database.

With `CONDUCTOR_TEST_SPLIT=4` the tables of contacts on PostgreSQL lie in so many parts, and every statement is watched:
it must keep to one contact at a time. `make distributed` plays the suite so.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from conductor_dsl.store.connect import connect
from conductor_dsl.store.tables import metadata
from tests.conformance.shop import Shop
from tests.databases import execute
from tests.distributed.parts import connect_split
from tests.distributed.watching import unexpected, watched

PARTS = int(os.environ.get("CONDUCTOR_TEST_SPLIT", "0"))


@pytest.fixture(scope="session")
def shared_postgres(postgres_server: str) -> Iterator[sa.Engine]:
    """One PostgreSQL database for the whole suite; making one for each test would take most of the time."""
    execute(postgres_server, "CREATE DATABASE conformance TEMPLATE template0")
    url = sa.make_url(postgres_server).set(database="conformance").render_as_string(hide_password=False)
    engine = connect_split(url, PARTS) if PARTS else connect(url)
    yield engine
    engine.dispose()
    execute(postgres_server, "DROP DATABASE conformance WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def shop(request: pytest.FixtureRequest) -> Iterator[Shop]:
    """An empty shop."""
    if request.param == "sqlite":
        engine = connect(request.getfixturevalue("sqlite_url"))
        yield Shop(engine)
        engine.dispose()
    else:
        engine = request.getfixturevalue("shared_postgres")
        empty_database(engine)
        yield Shop(engine)


def empty_database(engine: sa.Engine) -> None:
    """Forget everything but whose database it is."""
    with engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            if table.name != "installation":
                connection.execute(sa.delete(table))


if PARTS:

    @pytest.fixture(autouse=True)
    def keeping_to_one_contact() -> Iterator[None]:
        """Fail a test in which anything brought rows of different contacts together."""
        with watched() as (found, _):
            yield
        assert unexpected(found) == {}
