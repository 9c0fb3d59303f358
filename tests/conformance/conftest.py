"""The shop of every conformance test, once on each database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conformance.shop import Shop


@pytest.fixture
def shop(database_url: str) -> Iterator[Shop]:
    """An empty shop."""
    opened = Shop(database_url)
    yield opened
    opened.close()
