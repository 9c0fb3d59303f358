"""Tables of retention: from when on the past is kept, and the counts of what has been deleted."""

from __future__ import annotations

import sqlalchemy as sa

from conductor_dsl.store.tables import At, Id, metadata

PAST, EVENTS, MONTHS = "past", "events", "months"
"""What is looked after: runs that have ended, with their messages and history; events; and the tables of the months on
PostgreSQL, of which coming ones are made."""

retention = sa.Table(
    "retention",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("horizon", At),
    sa.Column("reached_at", At, nullable=False, server_default="0"),
    sa.Column("reached_id", Id, nullable=False, server_default="0"),
    sa.Column("deleted", At, nullable=False, server_default="0"),
    sa.Column("due_at", At),
    sqlite_with_rowid=False,
)
"""How long what is kept: a row for each kind that is looked after.

What is older than `horizon` may be gone; NULL while nothing has ever been deleted. A pass goes through the database in
the order of a key: `reached_at` and `reached_id` are how far it has come, `deleted` how many rows it has deleted.
`due_at` is when the duty does more of it; NULL where it does nothing by itself."""

tally = sa.Table(
    "tally",
    metadata,
    sa.Column("conversation_id", Id, primary_key=True, autoincrement=False),
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("step", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("what", sa.Text, primary_key=True),
    sa.Column("reason", sa.Text, primary_key=True),
    sa.Column("count", At, nullable=False),
    sqlite_with_rowid=False,
)
"""How many rows that have been deleted told the same, so that counts for people stay what they were.

`subject` is the table: `run`, `intent` or `history`. `what` is the state or the kind; `reason` is empty where there is
none, `step` is -1 where none is told."""
