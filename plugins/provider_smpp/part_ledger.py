"""Texts of several parts, each of which has a name and receipts of its own: kept until all of them are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from conductor_dsl.api import Clock, Receipt, Verdict, ensure_tables

KEPT_FOR = 7 * 86_400_000
"""Milliseconds after which receipts are not expected any more."""
_NAMES_PER_QUERY = 500

smpp_part = sa.Table(
    "smpp_part",
    sa.MetaData(),
    sa.Column("provider_id", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, nullable=False, index=True),
    sa.Column("parts", sa.Integer, nullable=False),
    sa.Column("verdict", sa.Text, nullable=False),
    sa.Column("submitted_at", sa.BigInteger, nullable=False),
    sqlite_with_rowid=False,
)


class PartLedger:
    """Turns receipts of parts into receipts of texts; it may be asked from any thread."""

    def __init__(self, engine: sa.Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._unsaved: list[tuple[str, str, int]] = []
        self._lock = Lock()
        ensure_tables(engine, smpp_part.metadata)

    def submitted(self, provider_id: str, key: str, parts: int) -> None:
        """Remember that a part of the text with this key was taken; stored by the next `save` or `settle`."""
        self._unsaved.append((provider_id, key, parts))

    def save(self) -> None:
        """Store what was taken."""
        with self._lock:
            self._save()

    def settle(self, receipts: Sequence[Receipt]) -> list[Receipt]:
        """Receipts of texts for receipts of parts; those of texts with one part are left as they are.

        A text is delivered when all its parts are, and is not when one of them is not.
        """
        if not receipts:
            return []
        with self._lock:
            self._save()
            with self._engine.begin() as connection:
                keys = _keys(connection, [receipt.provider_id for receipt in receipts])
                _write(connection, [receipt for receipt in receipts if receipt.provider_id in keys])
                delivered = _delivered(connection, set(keys.values()))
        return [
            receipt if key is None else receipt._replace(key=key)
            for receipt in receipts
            if (key := keys.get(receipt.provider_id)) is None
            or receipt.verdict is not Verdict.DELIVERED
            or key in delivered
        ]

    def _save(self) -> None:
        taken, self._unsaved = self._unsaved, []
        if not taken:
            return
        now = self._clock.now()
        rows = [(provider_id, key, parts, "", now) for provider_id, key, parts in taken]
        names = [column.name for column in smpp_part.columns]
        with self._engine.begin() as connection:
            insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
            old = smpp_part.c.submitted_at < now - KEPT_FOR
            connection.execute(sa.delete(smpp_part).where(old))
            once = insert(smpp_part).on_conflict_do_nothing(index_elements=["provider_id"])
            connection.execute(once, [dict(zip(names, row, strict=True)) for row in rows])


def _keys(connection: sa.Connection, names: Sequence[str]) -> dict[str, str]:
    """The keys of the texts whose parts have these names."""
    query = sa.select(smpp_part.c.provider_id, smpp_part.c.key)
    return dict(_in_chunks(connection, names, lambda some: query.where(smpp_part.c.provider_id.in_(some))))


def _write(connection: sa.Connection, receipts: Sequence[Receipt]) -> None:
    """Note what became of parts; a part that was delivered stays so."""
    if receipts:
        one = sa.update(smpp_part).where(
            smpp_part.c.provider_id == sa.bindparam("name"), smpp_part.c.verdict != Verdict.DELIVERED.value
        )
        changed = [{"name": receipt.provider_id, "told": receipt.verdict.value} for receipt in receipts]
        connection.execute(one.values(verdict=sa.bindparam("told")), changed)


def _delivered(connection: sa.Connection, keys: set[str]) -> set[str]:
    """Which texts have been delivered with all their parts."""
    whole = (
        sa.select(smpp_part.c.key, sa.func.count())
        .where(smpp_part.c.verdict == Verdict.DELIVERED.value)
        .group_by(smpp_part.c.key, smpp_part.c.parts)
        .having(sa.func.count() == smpp_part.c.parts)
    )
    return {key for key, _ in _in_chunks(connection, sorted(keys), lambda some: whole.where(smpp_part.c.key.in_(some)))}


def _in_chunks(
    connection: sa.Connection, names: Sequence[str], query: Callable[[Sequence[str]], sa.Select[tuple[str, Any]]]
) -> list[tuple[str, Any]]:
    """The rows of a query that may ask for some names at once only."""
    chunks = (names[at : at + _NAMES_PER_QUERY] for at in range(0, len(names), _NAMES_PER_QUERY))
    return [(name, value) for some in chunks for name, value in connection.execute(query(some))]
