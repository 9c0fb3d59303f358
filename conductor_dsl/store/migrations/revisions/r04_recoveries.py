"""What was lost when a backup was put back, and has been gone through again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r04"
down_revision = "r03"
additive = True


def upgrade() -> None:
    """Make the table, but in databases of the day on which revisions began to be counted."""
    op.create_table(
        "recovery",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        sa.Column("since_at", sa.BigInteger, nullable=False),
        sa.Column("until_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("era", sa.Integer),
        if_not_exists=True,
    )
