"""Clocks: what time the database has, and how far the clocks of the nodes are from it."""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa

from conductor_dsl.shared.clock import DAY, Instant
from conductor_dsl.store.node_tables import clock


class Kept(NamedTuple):
    """A row of `clock`."""

    node: str
    host: str
    at: Instant
    skew: int


def database_now(connection: sa.Connection) -> Instant | None:
    """What time it is by the database's own clock; None where it has none but that of this machine."""
    if connection.dialect.name != "postgresql":
        return None
    return int(connection.scalar(sa.text("SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)")) or 0)


def latest_kept(connection: sa.Connection) -> Instant:
    """How late it was at least when any node last did something; 0 where none did."""
    return connection.scalar(sa.select(sa.func.max(clock.c.at))) or 0


def keep(connection: sa.Connection, row: Kept) -> None:
    """Write down how late it is for a node; those of nodes that have not been heard of for a day are forgotten."""
    changed = sa.update(clock).where(clock.c.node == row.node).values(at=row.at, skew=row.skew)
    if not connection.execute(changed).rowcount:
        connection.execute(sa.delete(clock).where(clock.c.at < row.at - DAY))
        connection.execute(sa.insert(clock).values(row._asdict()))


def kept_since(connection: sa.Connection, since: Instant) -> list[Kept]:
    """What nodes have kept since an instant, by their machines."""
    rows = connection.execute(sa.select(clock).where(clock.c.at > since).order_by(clock.c.host, clock.c.node))
    return [Kept._make(row) for row in rows]
