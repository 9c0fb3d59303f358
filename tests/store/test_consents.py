"""The ledger of consent grows, and its latest word counts, in whatever order the words come."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from conductor_dsl.store.connect import connect
from conductor_dsl.store.consents import add_consents
from conductor_dsl.store.contacts import upsert_contacts
from conductor_dsl.store.tables import consent, contact, membership

Word = tuple[str, int, str]


@pytest.fixture
def connection(database_url: str) -> Iterator[sa.Connection]:
    engine = connect(database_url)
    with engine.begin() as connection:
        upsert_contacts(connection, [("a", *(None,) * 7, "{}")], 1)
        yield connection
    engine.dispose()


def tell(connection: sa.Connection, *words: Word) -> int:
    rows: list[tuple[object, ...]] = [
        (number, None, "a", list_, at, action, "", "", "") for number, (list_, at, action) in enumerate(words)
    ]
    return add_consents(connection, rows, 50)[0]


def memberships(connection: sa.Connection) -> dict[str, tuple[str, int]]:
    return {row.list: (row.state, row.since_at) for row in connection.execute(sa.select(membership))}


def test_an_older_word_that_comes_later_is_kept_but_does_not_count(connection: sa.Connection) -> None:
    tell(connection, ("L", 20, "unsubscribed"))
    assert tell(connection, ("L", 10, "subscribed")) == 1
    assert memberships(connection) == {"L": ("unsubscribed", 20)}
    assert connection.scalar(sa.select(sa.func.count()).select_from(consent)) == 2


def test_of_two_words_at_one_instant_the_opt_out_counts(connection: sa.Connection) -> None:
    tell(connection, ("L", 10, "unsubscribed"))
    tell(connection, ("L", 10, "subscribed"), ("M", 10, "subscribed"), ("M", 10, "unsubscribed"))
    assert memberships(connection) == {"L": ("unsubscribed", 10), "M": ("unsubscribed", 10)}


def test_a_later_word_counts(connection: sa.Connection) -> None:
    tell(connection, ("L", 10, "unsubscribed"), ("L", 30, "subscribed"), ("L", 20, "unsubscribed"))
    assert memberships(connection) == {"L": ("subscribed", 30)}


def test_the_same_words_again_change_nothing(connection: sa.Connection) -> None:
    words = (("L", 10, "subscribed"), ("*", 20, "unsubscribed"), ("L", 30, "subscribed"))
    tell(connection, *words)
    before = memberships(connection)
    assert tell(connection, *words) == 0
    assert memberships(connection) == before


def test_an_opt_out_from_everything_counts_for_every_list_in_any_order(connection: sa.Connection) -> None:
    words: list[Word] = [("L", 10, "subscribed"), ("*", 20, "unsubscribed"), ("M", 30, "subscribed")]
    for order in itertools.permutations(words):
        connection.execute(sa.delete(consent))
        connection.execute(sa.delete(membership))
        for word in order:
            tell(connection, word)
        found = memberships(connection)
        assert (found["L"][0], found["M"][0], found["*"][0]) == ("unsubscribed", "subscribed", "unsubscribed")


def test_a_new_word_changes_its_contact_and_a_known_one_does_not(connection: sa.Connection) -> None:
    changed_at = sa.select(contact.c.updated_at)
    tell(connection, ("L", 10, "subscribed"))
    assert connection.scalar(changed_at) == 50
    connection.execute(sa.update(contact).values(updated_at=7))
    tell(connection, ("L", 10, "subscribed"))
    assert connection.scalar(changed_at) == 7
