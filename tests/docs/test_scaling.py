"""What the page about scaling shows is what the program makes, and its connection string leads to the leader."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

import conductor_dsl.store.connect
from conductor_dsl.store.layout import citus_statements, partition_statements
from tests.architecture.tree import ROOT
from tests.cli.serving import conductor

PAGE = (ROOT / "docs" / "scaling.md").read_text(encoding="utf-8")


def test_the_statements_of_the_page_are_those_of_the_program() -> None:
    [shown] = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
    assert shown == "".join(f"{statement};\n" for statement in citus_statements())


@pytest.mark.parametrize(
    ("arguments", "statements"),
    [(["citus"], citus_statements()), (["partitions", "--parts", "3"], partition_statements(3))],
)
def test_the_command_prints_them(arguments: list[str], statements: list[str]) -> None:
    told = conductor("db", "split", *arguments)
    assert (told.exit_code, told.output) == (0, "".join(f"{statement};\n" for statement in statements))


def test_a_node_finds_the_server_that_takes_writes(postgres_url: str) -> None:
    """The first host of the page's connection string is not there, the second one is a standby no more."""
    [shown] = re.findall(r'^url = "(postgresql.*)"$', PAGE, re.MULTILINE)
    url = sa.make_url(postgres_url)
    there = dict(url.query)["host"]
    found = sa.make_url(shown.replace("db1:5432", "/nowhere:5432").replace("db2:5432", f"{there}:5432"))
    found = found.set(username=url.username, database=url.database)
    engine = conductor_dsl.store.connect.connect(found.render_as_string(hide_password=False))
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SHOW transaction_read_only")) == "off"
    engine.dispose()
