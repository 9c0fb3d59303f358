"""The limit on PostgreSQL: the same loop by hand, straight on psycopg 3, with COPY and arrays.

As in `by_hand.py` each of the four steps is committed for itself, and a message is written down before it leaves and
marked after it was taken. Rows go in by COPY and change by arrays, for one at a time would cost ten times as much.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg
import sqlalchemy as sa

from conductor_dsl.shared.clock import Instant
from tests.bench.by_hand import EMAIL, END, ENDED, HAND_TABLES, HOLD, SMS, Write
from tests.bench.shop import BATCH, NOW, QUIET, SENT, STEPS, WAIT, email_by_hand, sms_by_hand
from tests.bench.worker import Done, Play

Connection = psycopg.Connection[Any]

_PASSING = (
    "SELECT id FROM contact WHERE id > %s AND (last_order_at IS NULL OR last_order_at <= %s) ORDER BY id LIMIT %s"
)
_ENTER = "INSERT INTO by_hand_run SELECT id, %s, %s FROM unnest(%s::bigint[]) AS id"
_DUE = """
SELECT contact.id, first_name, {address} FROM by_hand_run JOIN contact ON contact.id = contact_id
WHERE step = %s AND due_at <= %s LIMIT %s
"""
_WRITE = "COPY by_hand_message (contact_id, step, address, subject, body, state) FROM STDIN"
_MARK = """
UPDATE by_hand_message SET state = 'accepted', provider_id = taken.provider_id
FROM unnest(%s::bigint[], %s::text[]) AS taken (contact_id, provider_id)
WHERE by_hand_message.contact_id = taken.contact_id AND step = %s
"""
_MOVE = "UPDATE by_hand_run SET step = %s, due_at = %s WHERE contact_id = ANY(%s::bigint[])"
_DUE_IDS = "SELECT contact_id FROM by_hand_run WHERE step = %s AND due_at <= %s LIMIT %s"


def prepare(url: str, _options: Mapping[str, Any]) -> Play:
    """Make the tables; returns what is to be timed: it plays to the end and gives how many steps were done."""
    connection = connect_by_hand(url)
    for statement in HAND_TABLES["postgresql"]:
        connection.execute(statement)
    connection.commit()
    return lambda: _play(connection)


def prepare_email(url: str, options: Mapping[str, Any]) -> Play:
    """The end of the winback for those who are due: the e-mail and the end."""
    database, now, due = connect_by_hand(url), int(options["at"]), int(options["due"])

    def play() -> Done:
        _message(database, EMAIL, now, "email", email_by_hand)
        _move(database, END, now, due_at=None)
        return Done(2 * due)

    return play


def connect_by_hand(url: str) -> Connection:
    """A connection of psycopg to a URL of SQLAlchemy."""
    return psycopg.connect(sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False))


def _play(database: Connection) -> Done:
    _gate(database, NOW)
    _message(database, SMS, NOW, "mobile", sms_by_hand)
    _move(database, HOLD, NOW, due_at=NOW + WAIT)
    _message(database, EMAIL, NOW + WAIT, "email", email_by_hand)
    _move(database, END, NOW + WAIT, due_at=None)
    return Done(STEPS * _ended(database))


def _gate(database: Connection, now: Instant) -> None:
    last = 0
    while ids := [row[0] for row in database.execute(_PASSING, (last, now - QUIET, BATCH))]:
        database.execute(_ENTER, (SMS, now, ids))
        database.commit()
        last = ids[-1]


def _message(database: Connection, step: int, now: Instant, address: str, write: Write) -> None:
    due = _DUE.format(address=address)
    while rows := database.execute(due, (step, now, BATCH)).fetchall():
        messages = [(id_, step, to, *write(first_name), "ready") for id_, first_name, to in rows]
        with database.cursor() as cursor, cursor.copy(_WRITE) as copy:
            for message in messages:
                copy.write_row(message)
        database.commit()
        ids = [row[0] for row in rows]
        taken = _send([(f"{id_}-{step}", to, subject, body) for id_, _, to, subject, body, _ in messages])
        database.execute(_MARK, (ids, taken, step))
        database.execute(_MOVE, (step + 1, now, ids))
        database.commit()


def _send(texts: list[tuple[str, str, str, str]]) -> list[str]:
    """A provider that takes every message: its ids."""
    return [text[0] for text in texts]


def _move(database: Connection, step: int, now: Instant, *, due_at: Instant | None) -> None:
    while ids := [row[0] for row in database.execute(_DUE_IDS, (step, now, BATCH))]:
        database.execute(_MOVE, (step + 1, due_at, ids))
        database.commit()


def _ended(database: Connection) -> int:
    [(ended,)] = database.execute("SELECT count(*) FROM by_hand_run WHERE step = %s", (ENDED,))
    [(accepted,)] = database.execute("SELECT count(*) FROM by_hand_message WHERE state = 'accepted'")
    assert accepted == SENT * ended, (ended, accepted)
    return int(ended)
