"""Drop a month: what is told of a month that is older than it is to be kept goes at once, as a table."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from conductor_dsl.program.states import HistoryKind
from conductor_dsl.shared.clock import Instant
from conductor_dsl.store.months import end_of, months, name_of, set_patience
from conductor_dsl.store.prune import Deleted, Kept, count_history, gone
from conductor_dsl.store.tables import history, run

MOST_STAYING = 50_000
"""A month of which more rows have to stay is not dropped; what may go is deleted by rows then."""
_COLUMNS = [column.name for column in history.c]


def drop_month(connection: sa.Connection, horizon: Instant, kept: Kept) -> Deleted | None:
    """Drop the oldest month that lies before the horizon as a whole; None where there is none.

    What is told there of runs that are not over, or that stay, is put into the rest. Others wait only while the table
    is taken out of the history. Raises OperationalError where that was in use for too long.
    """
    for month in months(connection) if kept.conversations is not None else ():
        if end_of(month) <= horizon:
            deleted = _drop(connection, month, horizon, kept)
            if deleted is not None:
                return deleted
    return None


def _drop(connection: sa.Connection, month: datetime, horizon: Instant, kept: Kept) -> Deleted | None:
    name, own = name_of(month), _like_history(name_of(month))
    staying = _like_history("staying")
    connection.exec_driver_sql("DROP TABLE IF EXISTS staying")
    connection.exec_driver_sql(f"CREATE TEMPORARY TABLE staying (LIKE {name}) ON COMMIT DROP")
    of_run = [run.c[each] == own.c[each] for each in ("contact_id", "conversation_id", "entry_no")]
    # What people have decided explains the messages, and so goes with them.
    stays = sa.or_(own.c.kind == HistoryKind.DECIDED, sa.exists().where(*of_run, ~gone(horizon, kept)))
    chosen = sa.select(*own.c).where(stays)
    stay = connection.execute(sa.insert(staying).from_select(_COLUMNS, chosen)).rowcount
    if stay > MOST_STAYING:
        return None
    same = (staying.c[each.name] == own.c[each.name] for each in history.primary_key)
    count_history(connection, own, ~sa.exists().where(*same))
    rows = connection.scalar(sa.select(sa.func.count()).select_from(own)) or 0
    set_patience(connection)
    connection.exec_driver_sql(f"ALTER TABLE history DETACH PARTITION {name}")
    connection.execute(sa.insert(history).from_select(_COLUMNS, sa.select(*staying.c)))
    connection.exec_driver_sql(f"DROP TABLE {name}")
    return Deleted(history=rows - stay)


def _like_history(name: str) -> Any:
    return sa.table(name, *(sa.column(column.name, column.type) for column in history.c))
