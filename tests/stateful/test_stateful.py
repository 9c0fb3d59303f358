"""Runs, events, exits, versions, opt-outs, crashes and erasures in any order: the engine does what the model does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from conductor_dsl.runtime.rehearse.stage import Stage
from conductor_dsl.store.connect import connect
from conductor_dsl.store.tables import metadata
from tests.conformance.shop import Shop, host
from tests.stateful.shop_machine import ShopMachine

QUICK = settings(max_examples=12, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))
LONG = settings(QUICK, max_examples=2_000, stateful_step_count=50, derandomize=False)


@pytest.fixture
def in_memory() -> Iterator[type[ShopMachine]]:
    """Shops on SQLite in memory, each an empty one."""
    stage = Stage(host())
    empty = stage.pages()

    class InMemory(ShopMachine):
        """On SQLite."""

        @staticmethod
        def open_shop() -> Shop:
            stage.put_back(empty)
            return Shop(stage.engine)

    yield InMemory
    stage.close()


@pytest.fixture
def on_a_server(postgres_url: str) -> Iterator[type[ShopMachine]]:
    """Shops on PostgreSQL, each an empty one."""
    engine = connect(postgres_url)

    class OnAServer(ShopMachine):
        """On PostgreSQL."""

        @staticmethod
        def open_shop() -> Shop:
            with engine.begin() as connection:
                for table in reversed(metadata.sorted_tables):
                    if table.name != "installation":
                        connection.execute(sa.delete(table))
            return Shop(engine)

    yield OnAServer
    engine.dispose()


def test_in_any_order_the_engine_does_what_the_model_does(in_memory: type[ShopMachine]) -> None:
    run_state_machine_as_test(in_memory, settings=QUICK)


@pytest.mark.stateful
def test_in_2_000_stories_the_engine_does_what_the_model_does(in_memory: type[ShopMachine]) -> None:
    run_state_machine_as_test(in_memory, settings=LONG)


@pytest.mark.stateful
def test_on_postgresql_the_engine_does_what_the_model_does(on_a_server: type[ShopMachine]) -> None:
    run_state_machine_as_test(on_a_server, settings=settings(LONG, max_examples=40))
