"""Upgrades: whole or not at all, one at a time, and beside running nodes only where they add."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from conductor_dsl.runtime.doorbell import make_doorbell
from conductor_dsl.shared.errors import DatabaseError
from conductor_dsl.store.connect import bare_connection, connect, secret_of
from conductor_dsl.store.node_tables import installation
from conductor_dsl.store.standing import GENERATION, HEAD, REVISIONS, Standing
from conductor_dsl.store.tables import metadata, run
from conductor_dsl.store.upgrade import Checked, check, upgrade
from tests.at_once import NODES, at_once
from tests.conformance.shop import Shop
from tests.databases import execute
from tests.older.databases import make_older, with_rows
from tests.older.made_up import write_addition, write_stop

SCRIPT = """
conversation "Letters" {
  class transactional
  thread "Everybody" when no_order_within 60d check every 1mo { sms "Hello" -> wait 3d -> sms "Again" -> end }
}
"""


def refusal(url: str) -> DatabaseError:
    """How a program that connects is refused."""
    with pytest.raises(DatabaseError) as caught:
        connect(url)
    return caught.value


@contextmanager
def node_on(url: str) -> Iterator[sa.Engine]:
    """A node that runs: a connection is open, and the port on which it listens is known."""
    engine = connect(url)
    doorbell = make_doorbell(engine, "n", lambda: None)
    doorbell.open()
    yield engine
    doorbell.close()
    engine.dispose()


def test_a_new_database_is_made_at_the_latest_revision(database_url: str) -> None:
    assert check(database_url) == Checked(None, HEAD)
    assert upgrade(database_url).found is None
    found = check(database_url)
    assert found.found is not None
    assert found.found.is_current
    assert found == Checked(found.found, HEAD)
    connect(database_url).dispose()


def test_looking_at_a_file_that_is_not_there_makes_none(tmp_path: Path) -> None:
    assert check(f"sqlite:///{tmp_path / 'none.db'}").found is None
    assert list(tmp_path.iterdir()) == []


def test_what_differs_is_told_in_words(database_url: str) -> None:
    connect(database_url).dispose()
    execute(database_url, "DROP INDEX run_due")
    execute(database_url, "ALTER TABLE contact ADD COLUMN nickname TEXT")
    found = check(database_url)
    assert found.lacking == ("`run` has no index `run_due` (version_id, step, due_at) where due_at IS NOT NULL",)
    assert found.surplus == ("`contact` has a column `nickname` text that nobody asked for",)


def test_an_older_database_is_refused_with_the_command_that_helps(database_url: str) -> None:
    make_older(database_url, with_rows()[0])
    found = refusal(database_url)
    assert "older version of Conductor (from before revisions were counted" in str(found)
    assert "`conductor db upgrade`" in str(found.hint)
    assert check(database_url).pending


def test_two_that_upgrade_at_once_do_so_one_after_the_other(database_url: str) -> None:
    make_older(database_url, "c98d6e4")
    applied: list[int] = []
    assert at_once(lambda: applied.append(len(upgrade(database_url).applied))) == []
    assert sorted(applied) == [0] * (NODES - 1) + [len(REVISIONS)]
    assert check(database_url).lacking == ()


def test_a_program_runs_on_a_database_with_additions_that_it_does_not_know(database_url: str, tmp_path: Path) -> None:
    with node_on(database_url) as engine:
        shop = Shop(engine)
        shop.contact("a")
        shop.publish(SCRIPT)
        shop.run()
        assert [each.name for each in upgrade(database_url, write_addition(tmp_path)).applied] == ["x01"]
        shop.pass_time("4d")
        assert [out.text for out in shop.sms.attempts] == ["Hello", "Again"]
        assert shop.rows(sa.select(sa.column("cost_cents")).select_from(run)) == [(0,)]
    # One that begins only now knows the revision no better, and finds all that it needs.
    connect(database_url).dispose()
    found = check(database_url)
    assert found.found is not None
    assert (found.found.revision, found.found.generation, found.lacking) == ("x01", GENERATION, ())


def test_what_needs_a_stop_is_refused_while_a_node_runs(database_url: str, tmp_path: Path) -> None:
    places = write_stop(tmp_path)
    with node_on(database_url), pytest.raises(DatabaseError, match="needs every node to be stopped") as caught:
        upgrade(database_url, places)
    assert "stop" in str(caught.value.hint)
    assert check(database_url).lacking == ()


def test_an_upgrade_that_comes_to_other_tables_than_those_of_the_program_is_undone(
    database_url: str, tmp_path: Path
) -> None:
    connect(database_url).dispose()
    with pytest.raises(DatabaseError, match="for then `intent` has no column `lane`"):
        upgrade(database_url, write_stop(tmp_path))
    assert check(database_url).surplus == check(database_url).lacking == ()


def test_a_newer_generation_is_refused(database_url: str) -> None:
    connect(database_url).dispose()
    execute(database_url, f"UPDATE installation SET number = {GENERATION + 1}")
    execute(database_url, "UPDATE alembic_version SET version_num = 'x02'")
    assert f"newer version of Conductor (revision x02, generation {GENERATION + 1}" in str(refusal(database_url))
    for command in (check, upgrade):
        with pytest.raises(DatabaseError, match="newer version"):
            command(database_url)


def test_a_revision_of_another_branch_without_what_is_needed_is_refused(database_url: str) -> None:
    connect(database_url).dispose()
    execute(database_url, "UPDATE alembic_version SET version_num = 'x77'")
    connect(database_url).dispose()
    execute(database_url, "DROP TABLE pace")
    assert "newer version of Conductor (revision x77" in str(refusal(database_url))


def test_tables_that_somebody_laid_out_otherwise_are_upgraded(database_url: str, tmp_path: Path) -> None:
    connect(database_url).dispose()
    execute(database_url, "DROP INDEX run_due")
    upgrade(database_url, write_addition(tmp_path))
    connect(database_url).dispose()
    assert len(check(database_url).lacking) == 1


def test_tables_that_were_made_by_hand_are_taken_at_their_first_use(database_url: str) -> None:
    with bare_connection(database_url) as connection, connection.begin():
        metadata.create_all(connection)
    connect(database_url, "ours").dispose()
    assert check(database_url).found == Standing(HEAD, GENERATION)
    with bare_connection(database_url) as connection:
        assert secret_of(connection) == "ours"


def test_tables_that_another_version_made_by_hand_are_refused(database_url: str) -> None:
    with bare_connection(database_url) as connection, connection.begin():
        metadata.create_all(connection)
        connection.exec_driver_sql("ALTER TABLE run DROP COLUMN missed_at")
    assert "made by another version of Conductor: `run` has no column `missed_at`" in str(refusal(database_url))


def test_a_node_does_not_come_back_to_tables_that_became_others(postgres_url: str) -> None:
    engine = connect(postgres_url)
    with engine.begin() as connection:
        connection.execute(sa.update(installation).values(number=GENERATION + 1))
    with engine.connect():  # the connection it has
        pass
    engine.dispose()
    with pytest.raises(DatabaseError, match=f"upgraded to generation {GENERATION + 1}"), engine.connect():
        pass


def test_an_upgrade_waits_for_a_lock_not_for_ever(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conductor_dsl.store.upgrade.PATIENCE", "50ms")
    connect(postgres_url).dispose()
    with bare_connection(postgres_url) as other, other.begin():
        other.execute(sa.select(run).limit(1))
        with pytest.raises(DatabaseError, match="lock timeout") as caught:
            upgrade(postgres_url, write_addition(tmp_path))
    assert "nothing was changed" in str(caught.value.hint)
    assert check(postgres_url).surplus == ()
