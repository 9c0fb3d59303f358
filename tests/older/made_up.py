"""Revisions that a later version might bring, made up: an addition, and one that needs a stop."""

from __future__ import annotations

from pathlib import Path

from conductor_dsl.store.standing import HEAD
from conductor_dsl.store.upgrade import PLACES

_ADDITION = '''"""A table of campaigns, and what a run has cost so far."""

import sqlalchemy as sa
from alembic import op

revision = "x01"
down_revision = "{head}"
additive = True


def upgrade() -> None:
    op.create_table("campaign", sa.Column("name", sa.Text, primary_key=True))
    op.add_column("run", sa.Column("cost_cents", sa.BigInteger, nullable=False, server_default="0"))
    op.create_index("run_cost", "run", ["cost_cents"])
'''
_STOP = '''"""Another name for the column of the lane."""

from alembic import op

revision = "x02"
down_revision = "x01"
additive = False


def upgrade() -> None:
    op.alter_column("intent", "lane", new_column_name="track")
'''


def write_addition(folder: Path) -> tuple[Path, ...]:
    """A folder with an additive revision, beside our own; what `upgrade` and `check` take as places."""
    place = folder / "later"
    place.mkdir()
    (place / "x01_campaigns.py").write_text(_ADDITION.format(head=HEAD), encoding="utf-8")
    return (*PLACES, place)


def write_stop(folder: Path) -> tuple[Path, ...]:
    """The same with another revision, which needs a stop."""
    places = write_addition(folder)
    (places[-1] / "x02_tracks.py").write_text(_STOP, encoding="utf-8")
    return places
