"""`conductor db`: what is pending in words, exit codes, and a node that runs on while the database is upgraded."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from queue import SimpleQueue

import pytest
import sqlalchemy as sa

from conductor_dsl.store.connect import connect
from conductor_dsl.store.standing import GENERATION, HEAD, REVISIONS
from conductor_dsl.store.tables import intent
from conductor_dsl.store.upgrade import upgrade
from tests.cli.serving import LETTER, PATIENCE, STOPS_WITHIN, conductor, make_project, sent_by_all, serve
from tests.databases import execute
from tests.older.databases import make_older
from tests.older.made_up import write_addition

MANY = 40


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """A project whose database is of an older version."""
    folder = make_project(tmp_path / "shop", {"letter.cdx": LETTER})
    make_older(f"sqlite:///{folder / 'conductor.db'}", "d00209c")
    return folder


def test_what_is_pending_is_told_and_done(older: Path) -> None:
    asked = conductor("db", "check", str(older))
    assert asked.exit_code == 1
    assert f"from before revisions were counted; this version wants {HEAD}\n" in asked.output
    assert "pending r01, with every node stopped: The tables of the first programs" in asked.output
    done = conductor("db", "upgrade", str(older))
    assert (done.exit_code, done.output.splitlines()[-1]) == (
        0,
        f"upgraded from a version from before revisions were counted to revision {HEAD}",
    )
    assert conductor("db", "upgrade", str(older)).output == f"nothing to do: the database is at revision {HEAD}\n"
    asked = conductor("db", "check", str(older))
    assert (asked.exit_code, asked.output) == (
        0,
        f"the database is at revision {HEAD}; as this version wants it\n",
    )
    assert conductor("status", str(older)).exit_code == 0


@pytest.mark.parametrize("command", [("run",), ("serve",), ("status",), ("verify",)])
def test_other_commands_name_the_one_that_helps(older: Path, command: tuple[str, ...]) -> None:
    refused = conductor(*command, str(older))
    assert refused.exit_code == 2
    assert "error: the database is of an older version of Conductor" in refused.output
    assert "`conductor db upgrade`" in refused.output


def test_json_is_for_programs(older: Path) -> None:
    url = f"sqlite:///{older / 'conductor.db'}"
    told = json.loads(conductor("db", "check", "--database", url, "--json").output)
    assert (told["revision"], told["wanted"], told["fine"]) == (None, HEAD, False)
    assert [each["name"] for each in told["pending"]] == list(REVISIONS)
    assert told["pending"][0]["additive"] is False
    conductor("db", "upgrade", "--database", url)
    execute(url, "ALTER TABLE contact ADD COLUMN nickname TEXT")
    asked = conductor("db", "check", "--database", url, "--json")
    told = json.loads(asked.output)
    assert (told["revision"], told["generation"], told["pending"], told["lacking"]) == (HEAD, GENERATION, [], [])
    assert told["surplus"] == ["`contact` has a column `nickname` text that nobody asked for"]
    assert asked.exit_code == 1


def test_a_database_that_is_not_there_yet_lacks_everything(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    asked = conductor("db", "check", "--database", url)
    assert (asked.exit_code, "there are no tables yet" in asked.output) == (1, True)
    made = conductor("db", "upgrade", "--database", url)
    assert made.output == f"made the tables of a new database, at revision {HEAD}\n"
    assert conductor("db", "check", "--database", url).exit_code == 0


def test_a_newer_database_and_a_foreign_one_are_refused(tmp_path: Path) -> None:
    newer, foreign = f"sqlite:///{tmp_path / 'newer.db'}", f"sqlite:///{tmp_path / 'foreign.db'}"
    connect(newer).dispose()
    execute(newer, f"UPDATE installation SET number = {GENERATION + 1}")
    execute(foreign, "CREATE TABLE invoices (id INTEGER)")
    for url, said in ((newer, "newer version of Conductor"), (foreign, "belongs to something else")):
        for command in ("check", "upgrade"):
            done = conductor("db", command, "--database", url)
            assert (done.exit_code, said in done.output) == (2, True), done.output


def test_nodes_go_on_while_additions_are_made_and_new_ones_join_them(postgres_url: str, tmp_path: Path) -> None:
    environ = {"CONDUCTOR_DATABASE_URL": postgres_url}
    folder = make_project(tmp_path / "shop", {"letter.cdx": LETTER})
    people = tmp_path / "people.csv"
    people.write_text("\n".join(["key,email", *(f"k{number},k{number}@example.com" for number in range(MANY))]))
    done = conductor("import", "contacts", str(people), "--project", str(folder), environ=environ)
    assert done.exit_code == 0, done.output
    ear: SimpleQueue[str] = SimpleQueue()
    with serve(folder, environ, ear) as first:
        first.wait_for("accepted")
        assert upgrade(postgres_url, write_addition(tmp_path)).applied
        with serve(folder, environ, ear) as second:
            second.wait_for("serving")
            while not everybody_has_a_letter(postgres_url):
                ear.get(timeout=PATIENCE)
            for node in (first, second):
                node.signal(signal.SIGTERM)
                assert node.end(STOPS_WITHIN) == 0, node.output
            assert sent_by_all((first, second)) == {f"k{number}@example.com": 1 for number in range(MANY)}


def everybody_has_a_letter(url: str) -> bool:
    """Whether every message is settled."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        accepted = sa.select(sa.func.count()).where(intent.c.state == "accepted")
        return connection.scalar(accepted) == MANY
