"""How long the past is kept, counts of what was deleted, and on PostgreSQL a history that is cut by months."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r05"
down_revision = "r04"
additive = False
"""A program that does not know of it would take what was deleted for lost."""

_HISTORY = """
    CREATE TABLE history (contact_id BIGINT NOT NULL, at BIGINT NOT NULL, conversation_id BIGINT NOT NULL,
    entry_no INTEGER NOT NULL, step INTEGER NOT NULL, kind TEXT NOT NULL, reason TEXT,
    PRIMARY KEY (contact_id, at, conversation_id, entry_no, step, kind)) PARTITION BY RANGE (at)"""
_TOLD = "CREATE INDEX history_told ON history (kind, at) WHERE kind IN ('skipped', 'noted', 'coupon', 'no_coupon')"


def upgrade() -> None:
    """Make the tables, and cut the history, but in databases of the day on which revisions began to be counted."""
    op.create_table(
        "retention",
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("horizon", sa.BigInteger),
        sa.Column("reached_at", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("reached_id", _id(), nullable=False, server_default="0"),
        sa.Column("deleted", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("due_at", sa.BigInteger),
        sqlite_with_rowid=False,
        if_not_exists=True,
    )
    op.create_table(
        "tally",
        sa.Column("conversation_id", _id(), primary_key=True, autoincrement=False),
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("step", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("what", sa.Text, primary_key=True),
        sa.Column("reason", sa.Text, primary_key=True),
        sa.Column("count", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
        if_not_exists=True,
    )
    connection = op.get_bind()
    if connection.dialect.name == "postgresql" and not _is_cut(connection):
        cut_history(connection)


def cut_history(connection: sa.Connection) -> None:
    """Let a history that is one table go on by months; what it holds becomes the rest, where it lies.

    Its indexes get the names that PostgreSQL gives to those of a part.
    """
    for old, new in (("history_pkey", "history_rest_pkey"), ("history_told", "history_rest_kind_at_idx")):
        connection.exec_driver_sql(f"ALTER INDEX {old} RENAME TO {new}")
    connection.exec_driver_sql("ALTER TABLE history RENAME TO history_rest")
    connection.exec_driver_sql(_HISTORY)
    connection.exec_driver_sql(_TOLD)
    connection.exec_driver_sql("ALTER TABLE history ATTACH PARTITION history_rest DEFAULT")


def _is_cut(connection: sa.Connection) -> bool:
    asked = sa.text("SELECT 1 FROM pg_partitioned_table WHERE partrelid = 'history'::regclass")
    return connection.execute(asked).first() is not None


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")
