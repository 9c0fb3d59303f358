"""A database with many contacts, written straight into the tables; numbers and addresses of the reserved ranges."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from pathlib import Path

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

_CONTACT = """
INSERT INTO contact (id, key, email, email_state, mobile, mobile_state, first_name, last_name, zone, fields,
                     order_count, total_cents, first_order_at, last_order_at, updated_at)
VALUES (?, ?, ?, 'valid', ?, 'valid', ?, NULL, ?, '{}', 1, ?, ?, ?, ?)
"""
_MEMBERSHIP = "INSERT INTO membership (contact_id, list, state, since_at) VALUES (?, ?, 'subscribed', ?)"
_LONG_AGO = NOW - 400 * DAY


def make_database(path: Path, contacts: int, seed: int) -> None:
    """Write a database with so many contacts, all of them subscribed; the same seed gives the same contacts."""
    engine = connect(f"sqlite:///{path}")
    dice = random.Random(seed)
    with engine.begin() as connection:
        for first in range(1, contacts + 1, BATCH):
            ids = range(first, min(first + BATCH, contacts + 1))
            connection.exec_driver_sql(_CONTACT, list(_contacts(ids, dice)))
            connection.exec_driver_sql(_MEMBERSHIP, [(id_, name, _LONG_AGO) for id_ in ids for name in LISTS])
    engine.dispose()  # the last connection to be closed puts the log into the database


def _contacts(ids: range, dice: random.Random) -> Iterator[tuple[object, ...]]:
    for id_ in ids:
        ordered = _last_order(dice)
        mobile = f"+1717555{100 + id_ % 100:04}"
        identity = (id_, f"c{id_:08}", f"c{id_:08}@example.com", mobile)
        cents = dice.randrange(1_000, 20_000)
        yield (*identity, dice.choice(NAMES), dice.choice(ZONES), cents, ordered, ordered, ordered)


def _last_order(dice: random.Random) -> int:
    """Well inside the last 60 days, or well before, so that nobody crosses the line while the bench runs."""
    days = dice.uniform(5, 50) if dice.random() < BUYERS else dice.uniform(70, 390)
    return NOW - int(days * DAY)


if __name__ == "__main__":
    make_database(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
