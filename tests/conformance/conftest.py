"""The shop of every conformance test, once on each database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from conductor_dsl.store.connect import connect
from conductor_dsl.store.tables import metadata
from tests.conformance.shop import Shop
from tests.databases import execute


@pytest.fixture(scope="session")
def shared_postgres(postgres_server: str) -> Iterator[sa.Engine]:
    """One PostgreSQL database for the whole suite; making one for each test would take most of the time."""
    execute(postgres_server, "CREATE DATABASE conformance TEMPLATE template0")
    engine = connect(sa.make_url(postgres_server).set(database="conformance").render_as_string(hide_password=False))
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
        _empty(engine)
        yield Shop(engine)


def _empty(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            if table.name != "installation":
                connection.execute(sa.delete(table))
