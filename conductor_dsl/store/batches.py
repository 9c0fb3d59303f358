"""Temporary tables that hold the batch in hand; every operation of the engine is a statement over them.

They live in the connection (in memory on SQLite), are emptied at the start of each use, and never outlive a process.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from conductor_dsl.store.tables import At, Id, JsonText

batch_metadata = sa.MetaData()
_TEMPORARY = ["TEMPORARY"]
GROWN = 262_144
"""Bytes from which on PostgreSQL is to give the space of a temporary table back, which it never does by itself."""
_EMPTIED = f"""
CREATE OR REPLACE FUNCTION pg_temp.emptied(name text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
    IF pg_relation_size(name::regclass) > {GROWN}
    THEN EXECUTE 'TRUNCATE ' || name; ELSE EXECUTE 'DELETE FROM ' || name; END IF;
END $$
"""
"""Empties a temporary table of PostgreSQL. A small one keeps its pages: to truncate costs milliseconds, and lets every
statement be planned anew that knows the table; so would ON COMMIT DELETE ROWS, at every commit, for all of them."""


def _by_contact() -> sa.PrimaryKeyConstraint:
    """The key of a table that is gone through and never searched.

    It is SQLite's number of the row, which costs nothing. On PostgreSQL it would be an index, into which every update
    of a row writes again, for more than the update costs.
    """
    return sa.PrimaryKeyConstraint("contact_id").ddl_if(dialect="sqlite")


batch = sa.Table(
    "batch",
    batch_metadata,
    sa.Column("contact_id", Id, autoincrement=False),
    sa.Column("conversation_id", Id, nullable=False),
    sa.Column("entry_no", sa.Integer, nullable=False),
    sa.Column("visit", sa.Integer, nullable=False),
    sa.Column("zone", sa.Text, nullable=False),
    sa.Column("pos", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("due_at", At),
    sa.Column("reason", sa.Text),
    sa.Column("verdict", sa.Text),
    sa.Column("awaits", At),
    sa.Column("place", sa.Text),
    sa.Column("address_state", sa.Text),
    sa.Column("was_due", At),
    sa.Column("since", At),
    sa.Column("missed_at", At),
    _by_contact(),
    prefixes=_TEMPORARY,
)
"""Runs of one version, claimed together. `pos` is the step at which a run stands, `state` is `moving` until it comes
to rest, `verdict` is what the operation in hand has decided for it, `place` what it knows of where its contact is,
and `address_state` of the address to which it is about to write.
`was_due` is the instant at which a run was to be moved, `since` that at which its message should have left, which is
earlier where it had to wait for a window after the engine had stood still; then `missed_at` keeps it."""

concerned = sa.Table(
    "concerned",
    batch_metadata,
    sa.Column("contact_id", Id, primary_key=True, autoincrement=False),
    sa.Column("conversation_id", Id, primary_key=True, autoincrement=False),
    sa.Column("entry_no", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("version_id", Id, nullable=False),
    sa.Column("step", sa.Integer, nullable=False),
    sa.Column("entered_at", At, nullable=False),
    sa.Column("awaits", At),
    prefixes=_TEMPORARY,
)
"""The open runs, locked, that the events in `arrival` may end, or for which these may be what they wait for."""

woken = sa.Table(
    "woken",
    batch_metadata,
    sa.Column("contact_id", Id, primary_key=True, autoincrement=False),
    sa.Column("conversation_id", Id, primary_key=True, autoincrement=False),
    sa.Column("entry_no", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("step", sa.Integer, nullable=False),
    sa.Column("onward", sa.Integer),
    prefixes=_TEMPORARY,
)
"""Runs for which an event has come that they wait for at a step, with its name, and the step at which they go on; NULL
where they are over then."""

ending = sa.Table(
    "ending",
    batch_metadata,
    sa.Column("contact_id", Id, primary_key=True, autoincrement=False),
    sa.Column("conversation_id", Id, primary_key=True, autoincrement=False),
    sa.Column("entry_no", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("reason", sa.Text, nullable=False),
    prefixes=_TEMPORARY,
)
"""Runs that are about to be ended from outside, and why."""

moment = sa.Table(
    "moment",
    batch_metadata,
    sa.Column("zone", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, primary_key=True),
    sa.Column("at", At),
    prefixes=_TEMPORARY,
)
"""When a wait ends: for each zone of a batch, and for each `value` that its contacts wait by, empty where they wait by
none; NULL where that is no date."""

opening = sa.Table(
    "opening",
    batch_metadata,
    sa.Column("place", sa.Text, primary_key=True),
    sa.Column("at", At, nullable=False),
    sa.Column("until", At, nullable=False),
    sa.Column("reason", sa.Text),
    prefixes=_TEMPORARY,
)
"""For each zone or place of a batch from when a message may go out, and until when; `reason` is why not now, NULL where
it may."""

settled = sa.Table(
    "settled",
    batch_metadata,
    sa.Column("contact_id", Id, nullable=False),
    sa.Column("conversation_id", Id, nullable=False),
    sa.Column("entry_no", sa.Integer, nullable=False),
    sa.Column("step", sa.Integer, nullable=False),
    sa.Column("visit", sa.Integer, nullable=False),
    sa.Column("provider_id", sa.Text),
    sa.Column("state", sa.Text),
    sa.Column("not_before", At),
    sa.Column("settled_at", At),
    sa.Column("reason", sa.Text),
    sa.Column("untried", sa.Integer),
    prefixes=_TEMPORARY,
)
"""Intents with what has become of them; `untried` is 1 where the latest attempt was none, for nothing was sent. What is
behind `provider_id` may be left out by what only speaks of those that a provider has just taken."""

named = sa.Table(
    "named",
    batch_metadata,
    sa.Column("provider_id", sa.Text, nullable=False),
    sa.Column("contact_id", Id, nullable=False),
    sa.Column("conversation_id", Id, nullable=False),
    sa.Column("entry_no", sa.Integer, nullable=False),
    sa.Column("step", sa.Integer, nullable=False),
    sa.Column("visit", sa.Integer, nullable=False),
    prefixes=_TEMPORARY,
)
"""Messages with their providers' own names for them, as in `parcel`."""

crossing = sa.Table(
    "crossing",
    batch_metadata,
    sa.Column("contact_id", Id, primary_key=True, autoincrement=False),
    sa.Column("payload", JsonText),
    prefixes=_TEMPORARY,
)
"""Contacts that are about to enter a thread, with the event that lets them in."""

candidate = sa.Table(
    "candidate",
    batch_metadata,
    sa.Column("contact_id", Id, autoincrement=False),
    _by_contact(),
    prefixes=_TEMPORARY,
)
"""Contacts who may have crossed into or out of a standing audience."""

dated = sa.Table(
    "dated",
    batch_metadata,
    sa.Column("contact_id", Id, primary_key=True, autoincrement=False),
    sa.Column("zone", sa.Text, nullable=False),
    sa.Column("day", sa.Text, nullable=False),
    sa.Column("first_year", sa.Integer, nullable=False),
    prefixes=_TEMPORARY,
)
"""Contacts with a day that comes again each year (`02-29`), and the first year of which it may let them in."""

occasion = sa.Table(
    "occasion",
    batch_metadata,
    sa.Column("zone", sa.Text, primary_key=True),
    sa.Column("day", sa.Text, primary_key=True),
    sa.Column("first_year", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("first_at", At, nullable=False),
    sa.Column("second_at", At, nullable=False),
    sa.Column("next_year", sa.Integer, nullable=False),
    sa.Column("next_at", At, nullable=False),
    prefixes=_TEMPORARY,
)
"""For each day and zone of a batch, when it lets in: in the first year, in the year after it, and next from now on."""

chance = sa.Table(
    "chance",
    batch_metadata,
    sa.Column("contact_id", Id, primary_key=True, autoincrement=False),
    sa.Column("thing", sa.Text, primary_key=True),
    sa.Column("mark", At, nullable=False),
    sa.Column("due_at", At, nullable=False),
    sa.Column("again_at", At),
    sa.Column("payload", JsonText),
    prefixes=_TEMPORARY,
)
"""Chances to enter a thread, as in `entry_mark`, that have come. `payload` is the event that lets in, NULL where
nothing does; `again_at` is when the chance comes again."""

watcher = sa.Table(
    "watcher",
    batch_metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("contact_id", Id, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("since_at", At, nullable=False),
    sa.Column("price_cents", At),
    prefixes=_TEMPORARY,
)
"""Those who watch a product, in the order in which their interest began."""

arrival = sa.Table(
    "arrival",
    batch_metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("contact_id", Id, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("at", At, nullable=False),
    sa.Column("payload", JsonText, nullable=False),
    sa.Column("key", sa.Text),
    sa.Column("caused_by", Id),
    # PostgreSQL knows nothing of what lies in a temporary table, and would go through all of it for each run.
    sa.Index("arrival_contact", "contact_id"),
    prefixes=_TEMPORARY,
)
"""Events that have just been stored, numbered in the order of their coming; orders count as `order.placed`. `key` is
that of the row of `event`, `caused_by` the conversation whose step did it; both may be unknown."""


marked = sa.Table(
    "marked",
    batch_metadata,
    sa.Column("contact_id", Id, primary_key=True, autoincrement=False),
    sa.Column("conversation_id", Id, primary_key=True, autoincrement=False),
    sa.Column("entry_no", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("step", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("visit", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("mark", sa.Text, primary_key=True),
    sa.Column("at", At, nullable=False),
    prefixes=_TEMPORARY,
)
"""Messages whose receipts have told something of the address."""

answer = sa.Table(
    "answer",
    batch_metadata,
    sa.Column("contact_id", Id, primary_key=True, autoincrement=False),
    sa.Column("step", sa.Integer, nullable=False),
    sa.Column("sender", sa.Text, nullable=False),
    sa.Column("message_id", Id),
    sa.Column("expires_at", At, nullable=False),
    sa.Column("pause", At, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    prefixes=_TEMPORARY,
)
"""Contacts who have texted something, with the answer of the engine if there is one: not again if it was given after
`pause`. `kind` and `reason` are for their history."""

leaving = sa.Table(
    "leaving",
    batch_metadata,
    sa.Column("contact_id", Id, primary_key=True, autoincrement=False),
    sa.Column("conversation_id", Id, primary_key=True, autoincrement=False),
    sa.Column("entry_no", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("stays", sa.Integer, nullable=False),
    prefixes=_TEMPORARY,
)
"""Runs whose past is about to be deleted. `stays` is 0 where all of it goes, 1 where the row of the run stays, 2 where
the messages stay, too."""


def led_by(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    """A number or a text of a temporary table, for joining a large table to it.

    The addition of nothing keeps SQLite from looking rows up in the temporary table for every row of the large one; so
    it goes through the batch, and looks up in the large table.
    """
    return column + sa.literal_column("''" if isinstance(column.type, sa.Text) else "0", column.type)


def create_batches(dialect: str) -> list[str]:
    """The statements that make the temporary tables, their indexes and how they are emptied, for a new connection."""
    target = sqlite.dialect() if dialect == "sqlite" else postgresql.dialect()  # type: ignore[no-untyped-call]
    tables = batch_metadata.sorted_tables
    made = [str(CreateTable(table, if_not_exists=True).compile(dialect=target)) for table in tables]
    indexes = [index for table in tables for index in table.indexes]
    made += [str(CreateIndex(index, if_not_exists=True).compile(dialect=target)) for index in indexes]
    return made if dialect == "sqlite" else [*made, _EMPTIED]


def empty(connection: sa.Connection, *tables: sa.Table) -> None:
    """Forget what the tables hold."""
    for table in tables:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_temp.emptied('{table.name}')")
        else:
            connection.execute(sa.delete(table))


def fill(connection: sa.Connection, table: sa.Table, rows: Sequence[tuple[object, ...]]) -> None:
    """Put rows (values in the order of the columns) into a temporary table, after emptying it."""
    empty(connection, table)
    add(connection, table, rows)


def add(connection: sa.Connection, table: sa.Table, rows: Sequence[tuple[object, ...]]) -> None:
    """Put more rows into a temporary table; all have values for so many of its columns, from the first on.

    The rows go straight to the driver: Core's handling of each row would cost more than the database's. PostgreSQL
    takes them by COPY (`connect.copy_rows`), which costs a sixth of a statement with an array for each column.
    """
    if rows:
        columns = table.columns.keys()[: len(rows[0])]
        names = ", ".join(f'"{name}"' for name in columns)
        put = f"COPY {table.name} ({names}) FROM STDIN"
        if connection.dialect.name == "sqlite":
            put = f"INSERT INTO {table.name} ({names}) VALUES ({', '.join('?' * len(columns))})"
        connection.exec_driver_sql(put, list(rows))
