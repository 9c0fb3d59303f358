"""The limit: the same winback as somebody would write it by hand for this one job, in batches, straight on sqlite3.

Each of the four steps is committed for itself. A message is written down before it leaves and marked after it was
taken; its key, contact and step, is unique. There is no consent, no window, no cap, no history, no second conversation.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conductor_dsl.shared.clock import Instant
from tests.bench.shop import BATCH, NOW, QUIET, SENT, STEPS, WAIT, email_by_hand, sms_by_hand
from tests.bench.worker import Done, Play

_PRAGMAS = """
PRAGMA journal_mode=WAL;
PRAGMA synchronous=FULL;
PRAGMA temp_store=MEMORY;
PRAGMA cache_size=-65536;
"""
_RUN = "CREATE TABLE IF NOT EXISTS by_hand_run ({id} PRIMARY KEY, step INTEGER NOT NULL, due_at BIGINT)"
_DUE_INDEX = "CREATE INDEX IF NOT EXISTS by_hand_due ON by_hand_run (step, due_at) WHERE due_at IS NOT NULL"
_MESSAGE = """
CREATE TABLE IF NOT EXISTS by_hand_message (
    contact_id BIGINT, step INTEGER, address TEXT NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL,
    state TEXT NOT NULL, provider_id TEXT, PRIMARY KEY (contact_id, step)
)"""
HAND_TABLES = {
    "sqlite": (_RUN.format(id="contact_id INTEGER"), _DUE_INDEX, _MESSAGE + " WITHOUT ROWID"),
    "postgresql": (_RUN.format(id="contact_id BIGINT"), _DUE_INDEX, _MESSAGE),
}
"""The tables of the loop by hand, by the kind of database."""
_PASSING = "SELECT id FROM contact WHERE id > ? AND (last_order_at IS NULL OR last_order_at <= ?) ORDER BY id LIMIT ?"
_ENTER = "INSERT INTO by_hand_run VALUES (?, ?, ?)"
_DUE = """
SELECT contact.id, first_name, {address} FROM by_hand_run JOIN contact ON contact.id = contact_id
WHERE step = ? AND due_at <= ? LIMIT ?
"""
_WRITE = "INSERT INTO by_hand_message VALUES (?, ?, ?, ?, ?, 'ready', NULL)"
_MARK = "UPDATE by_hand_message SET state = 'accepted', provider_id = ? WHERE contact_id = ? AND step = ?"
_MOVE = "UPDATE by_hand_run SET step = ?, due_at = ? WHERE contact_id = ?"
_DUE_IDS = "SELECT contact_id FROM by_hand_run WHERE step = ? AND due_at <= ? LIMIT ?"
SMS, HOLD, EMAIL, END, ENDED = range(5)

Text = tuple[str, str, str, str]
"""A message as the provider gets it: key, address, subject, body."""
Write = Callable[[str | None], tuple[str, str]]
"""Subject and body for a first name."""


@dataclass(frozen=True, slots=True)
class Shop:
    """The database, and the provider: texts in, its ids out."""

    database: sqlite3.Connection
    send: Callable[[Sequence[Text]], list[str]]


def prepare(url: str, _options: Mapping[str, Any]) -> Play:
    """Make the tables; returns what is to be timed: it plays to the end and gives how many steps were done."""
    shop = open_shop(url)
    return lambda: _play(shop)


def open_shop(url: str) -> Shop:
    """A connection with the tables, and a provider that takes everything."""
    connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    connection.executescript(_PRAGMAS + ";".join(HAND_TABLES["sqlite"]))
    return Shop(connection, lambda texts: [text[0] for text in texts])


def prepare_email(url: str, options: Mapping[str, Any]) -> Play:
    """The end of the winback for those who are due: the e-mail and the end."""
    shop, now, due = open_shop(url), int(options["at"]), int(options["due"])

    def play() -> Done:
        _message(shop, EMAIL, now, "email", email_by_hand)
        _move(shop, END, now, due_at=None)
        return Done(2 * due)

    return play


def _play(shop: Shop) -> Done:
    _gate(shop, NOW)
    _message(shop, SMS, NOW, "mobile", sms_by_hand)
    _move(shop, HOLD, NOW, due_at=NOW + WAIT)
    _message(shop, EMAIL, NOW + WAIT, "email", email_by_hand)
    _move(shop, END, NOW + WAIT, due_at=None)
    return Done(STEPS * _ended(shop.database))


def _gate(shop: Shop, now: Instant) -> None:
    """Let in who has not ordered of late."""
    last = 0
    while ids := shop.database.execute(_PASSING, (last, now - QUIET, BATCH)).fetchall():
        _commit(shop, [(_ENTER, [(id_, SMS, now) for (id_,) in ids])])
        last = ids[-1][0]


def _message(shop: Shop, step: int, now: Instant, address: str, write: Write) -> None:
    """Write the message of everybody at the step down, let it leave, mark it, move on."""
    due = _DUE.format(address=address)
    while rows := shop.database.execute(due, (step, now, BATCH)).fetchall():
        messages = [(row[0], step, row[2], *write(row[1])) for row in rows]
        _commit(shop, [(_WRITE, messages)])
        ids = shop.send([(f"{id_}-{step}", to, subject, body) for id_, _, to, subject, body in messages])
        marks = [(taken, row[0], step) for taken, row in zip(ids, rows, strict=True)]
        _commit(shop, [(_MARK, marks), (_MOVE, [(step + 1, now, row[0]) for row in rows])])


def _move(shop: Shop, step: int, now: Instant, *, due_at: Instant | None) -> None:
    """Move everybody at the step to the next one, due then."""
    while ids := shop.database.execute(_DUE_IDS, (step, now, BATCH)).fetchall():
        _commit(shop, [(_MOVE, [(step + 1, due_at, id_) for (id_,) in ids])])


def _commit(shop: Shop, changes: Iterable[tuple[str, Sequence[tuple[object, ...]]]]) -> None:
    shop.database.execute("BEGIN IMMEDIATE")
    for statement, rows in changes:
        shop.database.executemany(statement, rows)
    shop.database.execute("COMMIT")


def _ended(database: sqlite3.Connection) -> int:
    """How many contacts have ended; each must have had its messages accepted."""
    (ended,) = database.execute("SELECT count(*) FROM by_hand_run WHERE step = ?", (ENDED,)).fetchone()
    (accepted,) = database.execute("SELECT count(*) FROM by_hand_message WHERE state = 'accepted'").fetchone()
    assert accepted == SENT * ended, (ended, accepted)
    return int(ended)
