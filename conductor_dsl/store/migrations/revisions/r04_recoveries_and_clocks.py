"""What was lost when a backup was put back, and has been gone through again; how late it was for each node."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r04"
down_revision = "r03"
additive = True


def upgrade() -> None:
    """Make the tables, but in databases of the day on which revisions began to be counted."""
    op.create_table(
        "recovery",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        sa.Column("since_at", sa.BigInteger, nullable=False),
        sa.Column("until_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("era", sa.Integer),
        if_not_exists=True,
    )
    op.create_table(
        "clock",
        sa.Column("node", sa.Text, primary_key=True),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("skew", sa.BigInteger, nullable=False),
        if_not_exists=True,
    )
