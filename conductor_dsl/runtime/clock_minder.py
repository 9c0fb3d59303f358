"""What a node asks of whoever minds its clock, and nobody who does."""

from __future__ import annotations

from typing import Protocol

import sqlalchemy as sa


class ClockMinder(Protocol):
    """Keeps a clock right that may go wrong."""

    def look(self, connection: sa.Connection) -> None:
        """Compare it with the database's; called before each batch."""

    def keep(self, *, idle: bool) -> None:
        """Let the others know how late it is; called after each batch, and when nothing is left to be done."""


class NoMinder:
    """Minds a clock that cannot go wrong."""

    def look(self, connection: sa.Connection) -> None:
        """Nothing."""

    def keep(self, *, idle: bool) -> None:
        """Nothing."""
