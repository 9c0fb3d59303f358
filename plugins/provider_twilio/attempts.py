"""What was tried: a row for each message, committed before it leaves.

Twilio knows no keys of ours, and a list of its messages shows addresses and texts only. So whoever asks later what
became of a message needs to know to whom it went, and when; a key without a row never left.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import islice
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from conductor_dsl.api import Outgoing, Receipt, ensure_tables

KEPT = 7 * 86_400_000
"""Milliseconds; then a message of which the outcome is known is forgotten."""
_AT_ONCE = 500

twilio_attempt = sa.Table(
    "twilio_attempt",
    sa.MetaData(),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("recipient", sa.Text, nullable=False),
    sa.Column("sender", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("tried_at", sa.BigInteger, nullable=False),
    sa.Column("sid", sa.Text, nullable=False),
    sqlite_with_rowid=False,
)
sa.Index("twilio_attempt_sid", twilio_attempt.c.sid)
sa.Index("twilio_attempt_tried_at", twilio_attempt.c.tried_at)


class Attempt(NamedTuple):
    """A message that may have left; `sid` is Twilio's name for it once that is known, and then nobody is named."""

    key: str
    recipient: str
    sender: str
    digest: str
    tried_at: int
    sid: str = ""


def digest_of(text: str) -> str:
    """A name for a text, by which it is found in a list."""
    return blake2b(text.encode(), digest_size=16).hexdigest()


class Attempts:
    """The rows in the project's database."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        ensure_tables(engine, twilio_attempt.metadata)

    def begin(self, batch: Iterable[Outgoing], now: int) -> dict[str, str]:
        """Write down that these messages leave now; returns the names, by key, of those that were accepted before."""
        rows = [Attempt(out.key, out.to, out.sender, digest_of(out.text), now) for out in batch]
        with self._engine.begin() as connection:
            old = sa.and_(twilio_attempt.c.sid != "", twilio_attempt.c.tried_at < now - KEPT)
            connection.execute(sa.delete(twilio_attempt).where(old))
            insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
            once = insert(twilio_attempt).on_conflict_do_nothing(index_elements=["key"])
            connection.execute(once, [row._asdict() for row in rows])
            known = _read(connection, twilio_attempt.c.key, [row.key for row in rows])
            return {row.key: row.sid for row in known if row.sid}

    def end(self, receipts: Sequence[Receipt], *, not_taken: Sequence[str], began: int) -> None:
        """Keep the names of those that were taken, forget those that certainly were not.

        Not what was written down after `began`: a process that has slept meanwhile knows nothing of how another fared.
        """
        # Nothing of the address is needed any more.
        taken = [{"of": each.key, "sid": each.provider_id, "recipient": "", "sender": ""} for each in receipts]
        by_key = sa.update(twilio_attempt).where(twilio_attempt.c.key == sa.bindparam("of"))
        with self._engine.begin() as connection:
            if taken:
                connection.execute(by_key, taken)
            _delete(connection, not_taken, twilio_attempt.c.tried_at <= began)

    def read(self, keys: Sequence[str]) -> list[Attempt]:
        """The attempts with these keys."""
        with self._engine.connect() as connection:
            return _read(connection, twilio_attempt.c.key, keys)

    def known(self, sids: Sequence[str]) -> set[str]:
        """Those of Twilio's names that belong to a message of ours."""
        with self._engine.connect() as connection:
            return {row.sid for row in _read(connection, twilio_attempt.c.sid, sids)}


def forget(engine: sa.Engine, keys: Sequence[str]) -> None:
    """Delete what is known of messages; those of unknown outcome can never be told then."""
    if sa.inspect(engine).has_table(twilio_attempt.name):
        with engine.begin() as connection:
            _delete(connection, keys)


def _delete(connection: sa.Connection, keys: Sequence[str], *which: sa.ColumnElement[bool]) -> None:
    for some in _parts(keys):
        connection.execute(sa.delete(twilio_attempt).where(twilio_attempt.c.key.in_(some), *which))


def _read(connection: sa.Connection, column: sa.Column[Any], values: Sequence[str]) -> list[Attempt]:
    return [
        Attempt(*row)
        for some in _parts(values)
        for row in connection.execute(sa.select(twilio_attempt).where(column.in_(some)))
    ]


def _parts(values: Sequence[str]) -> Iterator[list[str]]:
    rest = iter(values)
    while some := list(islice(rest, _AT_ONCE)):
        yield some
