"""On SQLite messages that lie in the order of their coming, so that less is moved when they are claimed and settled."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r07"
down_revision = "r06"
additive = True


def upgrade() -> None:
    """Copy the messages into a table that has its key beside it; that takes the room of the table for a while."""
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        return
    asked = sa.text("SELECT sql FROM sqlite_master WHERE tbl_name = 'intent' AND type = :type AND sql IS NOT NULL")
    [made] = connection.scalars(asked, {"type": "table"})
    indexes = connection.scalars(asked, {"type": "index"}).all()
    op.execute("ALTER TABLE intent RENAME TO intent_in_its_key")
    connection.exec_driver_sql(made.replace("WITHOUT ROWID", ""))
    op.execute("INSERT INTO intent SELECT * FROM intent_in_its_key")
    op.execute("DROP TABLE intent_in_its_key")
    for index in indexes:
        connection.exec_driver_sql(index)
