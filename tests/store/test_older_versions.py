"""Every older version can be brought up to date: to the very same schema, with its data, and what runs goes on."""

from __future__ import annotations

import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from conductor_dsl.plugin.channels import Outgoing
from conductor_dsl.plugin.host import build_host
from conductor_dsl.program.states import Lane
from conductor_dsl.runtime.verify.verify import verify
from conductor_dsl.shared.draw import bucket_of
from conductor_dsl.shared.errors import DatabaseError
from conductor_dsl.shared.ids import dispatch_key
from conductor_dsl.store.connect import connect, reading, secret_of
from conductor_dsl.store.schema import Schema, found_schema
from conductor_dsl.store.standing import REVISIONS
from conductor_dsl.store.tables import contact, intent, order_item, run, step
from conductor_dsl.store.upgrade import check, upgrade
from tests.conformance.shop import MOBILE, Shop
from tests.databases import execute
from tests.older.databases import make_older, rows_of, versions, with_rows

STATEMENTS = 50
"""An upgrade from the end of the first day has more statements than that."""
WITH_DRAFTS = ("0725477", "abf8ca9", "b371a44")
"""Versions with tables and columns that others have in another form."""
IN_HAND = ((1, 2, 1, 0, 0), (2, 2, 1, 0, 0))
"""The messages that a provider had in hand when the older program was killed: the news for `k0` and `k1`."""


def schema_of(url: str) -> Schema:
    """The schema of a database."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        return found_schema(connection)


def emptied(url: str) -> str:
    """The database without any table; for SQLite another file, which costs less."""
    if url.startswith("sqlite"):
        return f"{url}.{uuid.uuid4().hex}"
    execute(url, "DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    return url


def insist_on_the_same_schema(url: str, commits: Iterable[str]) -> None:
    """What upgrades of older databases come to is what a new one has."""
    connect(url).dispose()
    wanted = schema_of(url)
    for commit in commits:
        older = emptied(url)
        make_older(older, commit, filled=False)
        assert upgrade(older).applied
        assert schema_of(older) == wanted, commit
        connect(older).dispose()


def test_an_older_schema_comes_to_that_of_a_new_database(database_url: str) -> None:
    insist_on_the_same_schema(database_url, (*with_rows(), *WITH_DRAFTS))


@pytest.mark.crash
def test_every_older_schema_comes_to_that_of_a_new_database(database_url: str) -> None:
    insist_on_the_same_schema(database_url, (version.commit for version in versions()))


@pytest.fixture(params=with_rows())
def commit(request: pytest.FixtureRequest) -> str:
    """A version of which there are rows."""
    return str(request.param)


@pytest.fixture
def shop(database_url: str, commit: str) -> Iterator[Shop]:
    """The project of an older version, upgraded, a minute after its program was killed.

    Its provider has taken what it had in hand, which it knows by the keys of that time.
    """
    make_older(database_url, commit)
    upgrade(database_url)
    engine = connect(database_url)
    shop = Shop(engine, max(row["created_at"] for row in rows_of(commit)["intent"]) + 60_000)
    if "installation" in rows_of(commit):
        with reading(engine) as connection:
            keys = [dispatch_key(secret_of(connection), *place) for place in IN_HAND]
        shop.email.accepted += [Outgoing(key, "email", "", "", "News", "", "", 0, "", "News", "News") for key in keys]
    yield shop
    engine.dispose()


def test_runs_go_on_and_nothing_is_sent_twice(shop: Shop, commit: str) -> None:
    insist_on_what_is_reckoned(shop, commit)
    runs = {tuple(row) for row in shop.rows(sa.select(*run.primary_key))}
    shop.pass_time("10d")
    told = Counter((out.to, out.subject) for out in shop.email.attempts)
    # What `k0` and `k1` were told before, `Hello` and `News`, they are not told again.
    assert told == {
        ("k0@example.com", "Gold"): 1,
        ("k1@example.com", "Again"): 1,
        **{(f"{key}@example.com", subject): 1 for key in ("k3", "k4") for subject in ("News", "Hello", "Again")},
    }
    assert [(out.to, out.text) for out in shop.sms.attempts] == [(MOBILE, "Shop: last word. Reply STOP to opt out.")]
    assert runs < {tuple(row) for row in shop.rows(sa.select(*run.primary_key))}
    of_news = sa.select(intent.c.state).where(intent.c.conversation_id == 2, intent.c.contact_id.in_([1, 2]))
    # Of what was in hand under a key that nobody makes any more, nobody can ask.
    held = "accepted" if "installation" in rows_of(commit) else "ambiguous"
    assert [row.state for row in shop.rows(of_news)] == [held, held]
    assert verify(shop.engine, build_host()).holds


def insist_on_what_is_reckoned(shop: Shop, commit: str) -> None:
    """What later programs keep beside the data follows from the data."""
    people = shop.rows(sa.select(contact.c.key, contact.c.bucket))
    assert {row.key: row.bucket for row in people} == {key: bucket_of(key) for key in ("k0", "k1", "k2", "k3", "k4")}
    bought = sa.select(order_item.c.contact_id, order_item.c.sku, order_item.c.quantity).order_by(order_item.c.sku)
    assert [tuple(row) for row in shop.rows(bought)] == [(1, "A1", 2), (1, "B2", 1)]
    names = sa.select(step.c.name).where(step.c.version_id == 1)
    assert {"Hello", "Again, gold", "Again", "Last"} <= {row.name for row in shop.rows(names)}
    waiting = shop.rows(sa.select(intent).where(intent.c.settled_at.is_(None)))
    assert [row.lane for row in waiting] == [Lane.ALERT] * len(IN_HAND)
    if "due_at" not in rows_of(commit)["intent"][0]:
        assert [row.due_at for row in waiting] == [row.created_at for row in waiting]


def test_rows_are_kept_as_they_are(database_url: str, commit: str) -> None:
    make_older(database_url, commit)
    upgrade(database_url)
    engine = sa.create_engine(database_url, poolclass=sa.NullPool)
    found = sa.MetaData()
    with engine.connect() as connection:
        found.reflect(connection)
        for name in ("contact", "orders", "consent", "conversation_version", "message", "run", "history", "audience"):
            before = rows_of(commit)[name]
            columns = [found.tables[name].c[column] for column in before[0]]
            after = [tuple(row) for row in connection.execute(sa.select(*columns))]
            assert sorted(map(repr, after)) == sorted(repr(tuple(row.values())) for row in before), name


def test_what_is_upgraded_already_is_left_alone(database_url: str) -> None:
    make_older(database_url, with_rows()[0])
    assert tuple(each.name for each in check(database_url).pending) == REVISIONS
    upgrade(database_url)
    assert upgrade(database_url).applied == check(database_url).pending == ()


def test_a_mixture_of_two_versions_is_upgraded(database_url: str) -> None:
    """Programs before revisions were counted made the tables that they missed in older databases, and nothing else."""
    make_older(database_url, "2b61528", filled=False)
    engine = sa.create_engine(database_url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE installation (number INTEGER NOT NULL PRIMARY KEY, secret TEXT NOT NULL)"
        )
        connection.exec_driver_sql("INSERT INTO installation VALUES (2, 'kept')")
    upgrade(database_url)
    with engine.connect() as connection:
        assert secret_of(connection) == "kept"
    assert check(database_url).lacking == ()


def test_a_database_that_somebody_changed_by_hand_is_refused_and_left_alone(database_url: str) -> None:
    make_older(database_url, "c98d6e4", filled=False)
    engine = sa.create_engine(database_url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE contact DROP COLUMN zone")
    before = schema_of(database_url)
    with pytest.raises(DatabaseError, match="for then `contact` has no column `zone` text") as caught:
        upgrade(database_url)
    assert "nothing was changed" in str(caught.value.hint)
    assert schema_of(database_url) == before


def statements_killed_before(url: str, commit: str, stride: int) -> int:
    """Kill upgrades before every so many statements, in another process; how many there are, or the test fails."""
    command = [sys.executable, "-m", "tests.older.killed_upgrade", url, commit, str(stride)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def test_an_upgrade_that_is_killed_leaves_the_database_as_it_was(database_url: str) -> None:
    assert statements_killed_before(database_url, "c98d6e4", stride=12) > STATEMENTS
    assert check(database_url).lacking == ()
    connect(database_url).dispose()


@pytest.mark.crash
def test_an_upgrade_that_is_killed_at_any_statement_leaves_the_database_as_it_was(
    database_url: str, commit: str
) -> None:
    statements_killed_before(database_url, commit, stride=1)
    assert check(database_url).lacking == ()
