"""Pieces of long texts from people, kept until the last of them has come."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from conductor_dsl.api import Clock, Inbound, Instant, ensure_tables
from conductor_plugins.provider_smpp.pdu_to_news import Piece, piece_to_text

PATIENCE = 600_000
"""Milliseconds after the first piece of a text; then it is told as far as it has come."""
SAME = 600_000
"""Milliseconds within which the same words of the same person are one text: a carrier repeats what it
thinks is lost."""

smpp_piece = sa.Table(
    "smpp_piece",
    sa.MetaData(),
    *(sa.Column(name, sa.Text, primary_key=True) for name in ("sender", "recipient")),
    *(sa.Column(name, sa.Integer, primary_key=True) for name in ("reference", "total", "number")),
    sa.Column("coding", sa.Integer, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("came_at", sa.BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
_GROUP = [smpp_piece.c[name] for name in ("sender", "recipient", "reference", "total")]
Group = tuple[str, str, int, int]


@dataclass(frozen=True, slots=True)
class Joined:
    """Texts that can be told now, and the groups of pieces to forget once they have been."""

    texts: tuple[Inbound, ...]
    groups: tuple[Group, ...]


class PieceStore:
    """Joins pieces; a text is told in full, or in part when the rest does not come."""

    def __init__(self, engine: sa.Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        ensure_tables(engine, smpp_piece.metadata)

    def join(self, pieces: Sequence[Piece]) -> Joined:
        """Keep what is a piece, and return what is whole."""
        now = self._clock.now()
        texts = [
            _text(piece.sender, piece.to, piece_to_text(piece.coding, piece.body), now)
            for piece in pieces
            if piece.total == 1
        ]
        with self._engine.begin() as connection:
            _keep(connection, [piece for piece in pieces if piece.total > 1], now)
            whole = _whole(connection, now)
        return Joined((*texts, *(text for _, text in whole)), tuple(group for group, _ in whole))

    def forget(self, groups: Sequence[Group]) -> None:
        """Let go of pieces whose text has been told."""
        if groups:
            with self._engine.begin() as connection:
                for group in groups:
                    named = (column == value for column, value in zip(_GROUP, group, strict=True))
                    connection.execute(sa.delete(smpp_piece).where(*named))


def _keep(connection: sa.Connection, pieces: Iterable[Piece], now: Instant) -> None:
    names = [column.name for column in smpp_piece.columns]
    rows = [dict(zip(names, (*piece[:6], piece.body.hex(), now), strict=True)) for piece in pieces]
    if rows:
        insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        connection.execute(insert(smpp_piece).on_conflict_do_nothing(), rows)


def _whole(connection: sa.Connection, now: Instant) -> list[tuple[Group, Inbound]]:
    """The texts that have all their pieces, and those that have been waited for long enough."""
    count, first = sa.func.count(), sa.func.min(smpp_piece.c.came_at)
    ripe = sa.select(*_GROUP).group_by(*_GROUP).having(sa.or_(count == smpp_piece.c.total, first <= now - PATIENCE))
    groups = [tuple(row) for row in connection.execute(ripe)]
    found: dict[Group, list[sa.Row[tuple[object, ...]]]] = defaultdict(list)
    for group in groups:
        named = (column == value for column, value in zip(_GROUP, group, strict=True))
        rows = connection.execute(sa.select(smpp_piece).where(*named).order_by(smpp_piece.c.number))
        found[group] += list(rows)
    return [(group, _joined(group, rows)) for group, rows in found.items()]


def _joined(group: Group, rows: Sequence[sa.Row[tuple[object, ...]]]) -> Inbound:
    """One text of its pieces; read as a whole, for a letter may be cut in two."""
    body = b"".join(bytes.fromhex(str(row.body)) for row in rows)
    return _text(group[0], group[1], piece_to_text(rows[0].coding, body), min(row.came_at for row in rows))


def _text(sender: str, to: str, text: str, at: Instant) -> Inbound:
    words = "\0".join((sender, to, text, str(at // SAME)))
    name = blake2b(words.encode(errors="replace"), digest_size=16).hexdigest()
    return Inbound(f"smpp-{name}", "sms", sender, to, text)
