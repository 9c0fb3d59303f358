"""A shop whose contacts lie in four parts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from tests.conformance.conftest import empty_database
from tests.conformance.shop import Shop
from tests.databases import execute
from tests.distributed.parts import connect_split


@pytest.fixture(scope="session")
def split_postgres(postgres_server: str) -> Iterator[sa.Engine]:
    """One split database for all tests; making one takes longer than they do."""
    execute(postgres_server, "CREATE DATABASE split TEMPLATE template0")
    engine = connect_split(sa.make_url(postgres_server).set(database="split").render_as_string(hide_password=False))
    yield engine
    engine.dispose()
    execute(postgres_server, "DROP DATABASE split WITH (FORCE)")


@pytest.fixture
def shop(split_postgres: sa.Engine) -> Shop:
    """An empty shop on the split database: what the tests of conformance ask for."""
    empty_database(split_postgres)
    return Shop(split_postgres)
