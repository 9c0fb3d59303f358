"""Months: on PostgreSQL the history is cut by months, so that an old one can be dropped as a whole.

New months are made ahead. What falls into none, for nobody made its month in time or it was brought over from a table
that had no months, lies in the rest, and is deleted there by rows.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

import sqlalchemy as sa

from conductor_dsl.shared.clock import Instant, from_datetime, to_datetime
from conductor_dsl.shared.duration import plus_months
from conductor_dsl.store.tables import history

REST = "history_rest"
AHEAD = 2
"""So many months beside the one that goes on have their table."""
PATIENCE = "1s"
"""How long a change of the tables waits for those who use them; whoever comes meanwhile waits behind it."""
_NAME = re.compile(r"history_(\d{4})_(\d{2})")


def is_cut_by_time(connection: sa.Connection) -> bool:
    """Whether the history can have months: on PostgreSQL, unless it is split by contact there."""
    if connection.dialect.name == "sqlite":
        return False
    asked = "SELECT partstrat = 'r' FROM pg_partitioned_table WHERE partrelid = 'history'::regclass"
    return bool(connection.scalar(sa.text(asked)))


def months(connection: sa.Connection) -> list[datetime]:
    """The first instants, in UTC, of the months that have a table, the oldest first; none where it has none."""
    if not is_cut_by_time(connection):
        return []
    asked = sa.text("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'history'::regclass")
    found = (_NAME.fullmatch(name.rpartition(".")[2]) for name in connection.scalars(asked))
    return sorted(datetime(int(each[1]), int(each[2]), 1, tzinfo=UTC) for each in found if each)


def make_rest(connection: sa.Connection) -> None:
    """Make the table for what falls into no month, if it is missing."""
    if is_cut_by_time(connection) and not sa.inspect(connection).has_table(REST):
        connection.exec_driver_sql(f"CREATE TABLE {REST} PARTITION OF history DEFAULT")


def make_months(connection: sa.Connection, now: Instant) -> list[str]:
    """Make the tables of this month and the next ones, where they are missing; returns the names of the new ones.

    A month of which rows lie in the rest already stays there.
    """
    if not is_cut_by_time(connection):
        return []
    this = to_datetime(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    there, made = set(months(connection)), []
    for month in (plus_months(this, number) for number in range(AHEAD + 1)):
        first, end = from_datetime(month), end_of(month)
        held = sa.select(sa.exists().where(history.c.at >= first, history.c.at < end))
        if month not in there and not connection.scalar(held):
            set_patience(connection)
            bounds = f"FROM ({first}) TO ({end})"
            connection.exec_driver_sql(f"CREATE TABLE {name_of(month)} PARTITION OF history FOR VALUES {bounds}")
            made.append(name_of(month))
    return made


def name_of(month: datetime) -> str:
    """The name of the table of a month."""
    return f"history_{month:%Y_%m}"


def end_of(month: datetime) -> Instant:
    """The first instant behind a month."""
    return from_datetime(plus_months(month, 1))


def set_patience(connection: sa.Connection) -> None:
    """Wait only so long for tables, until the end of the transaction."""
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{PATIENCE}'")
