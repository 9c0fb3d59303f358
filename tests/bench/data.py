"""A database with many contacts, written straight into the tables; numbers and addresses of the reserved ranges."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from conductor_dsl.shared.clock import DAY
from conductor_dsl.store.connect import connect
from tests.bench.shop import BATCH, NOW

NAMES = ("Ada", "Grace", "Alan", "Edsger", "Barbara", "Donald", "Frances", "Niklaus", "Radia", None)
ZONES = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "Europe/London",
    None,
)
LISTS = ("Customers", "Texts")
BUYERS = 0.1
"""The share of contacts who have ordered of late, and so do not pass the gate."""

CONTACT = (
    "id key email email_state mobile mobile_state first_name zone fields "
    "order_count total_cents first_order_at last_order_at updated_at"
).split()
MEMBERSHIP = "contact_id list state since_at".split()
"""The columns that are written."""
_LONG_AGO = NOW - 400 * DAY


def make_database(url: str, contacts: int, seed: int) -> None:
    """Write a database with so many contacts, all of them subscribed; the same seed gives the same contacts."""
    engine = connect(url)
    dice = random.Random(seed)
    for first in range(1, contacts + 1, BATCH):
        ids = range(first, min(first + BATCH, contacts + 1))
        with engine.begin() as connection:
            put_rows(connection, "contact", CONTACT, (contact_row(id_, dice, _last_order(dice)) for id_ in ids))
            put_rows(connection, "membership", MEMBERSHIP, membership_rows(ids))
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.exec_driver_sql(f"SELECT setval(pg_get_serial_sequence('contact', 'id'), {contacts})")
    engine.dispose()  # the last connection to be closed puts the log of SQLite into the database


def put_rows(connection: sa.Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write rows in the fastest way that the database has."""
    names = ", ".join(columns)
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(columns))
        connection.exec_driver_sql(f"INSERT INTO {table} ({names}) VALUES ({marks})", [tuple(row) for row in rows])
        return
    cursor: Any = connection.connection.cursor()
    with cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def contact_row(id_: int, dice: random.Random, ordered: int) -> tuple[object, ...]:
    """A contact in the columns of `CONTACT` who ordered once, then."""
    mobile = f"+1717555{100 + id_ % 100:04}"
    identity = (id_, f"c{id_:08}", f"c{id_:08}@example.com", "valid", mobile, "valid")
    cents = dice.randrange(1_000, 20_000)
    return (*identity, dice.choice(NAMES), dice.choice(ZONES), "{}", 1, cents, ordered, ordered, ordered)


def membership_rows(ids: Iterable[int]) -> Iterator[tuple[object, ...]]:
    """The lists of contacts, in the columns of `MEMBERSHIP`."""
    return ((id_, name, "subscribed", _LONG_AGO) for id_ in ids for name in LISTS)


def _last_order(dice: random.Random) -> int:
    """Well inside the last 60 days, or well before, so that nobody crosses the line while the bench runs."""
    days = dice.uniform(5, 50) if dice.random() < BUYERS else dice.uniform(70, 390)
    return NOW - int(days * DAY)


if __name__ == "__main__":
    wanted = json.loads(sys.argv[2])
    make_database(sys.argv[1], wanted["contacts"], wanted["seed"])
