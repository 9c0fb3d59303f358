"""The stage of a rehearsal: an engine over a database in memory, put back to what was published before every test.

Every test gets a copy of one prepared database, page by page. So a test cannot leave anything behind for another, and
does not pay for making the tables and publishing the scripts.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace

import sqlalchemy as sa

from conductor_dsl.language.bound import BoundConversation
from conductor_dsl.language.bound_to_flow import bound_to_flow
from conductor_dsl.language.vocabulary import Catalogue
from conductor_dsl.plugin.host import Host
from conductor_dsl.runtime.programs import Programs, Shelf, load_programs
from conductor_dsl.runtime.publish import Script, publish
from conductor_dsl.shared.clock import Instant
from conductor_dsl.shared.rules import Rules
from conductor_dsl.store.connect import connect, reading

IN_MEMORY = "sqlite://"


@dataclass(frozen=True, slots=True)
class Published:
    """What stands on the stage before a test, and the database that holds it.

    `given` keeps databases in which all is given already, for tests that begin alike, with what could not be told.
    """

    programs: Programs
    pages: sqlite3.Connection
    given: dict[str, tuple[sqlite3.Connection, tuple[str, ...]]]
    rules: Rules


class FixedShelf(Shelf):
    """What is published, which nothing changes in the course of a test."""

    def __init__(self, programs: Programs) -> None:
        super().__init__(programs.host)
        self._fixed = programs

    def programs(self, connection: sa.Connection) -> Programs:  # noqa: ARG002 - it need not be asked
        """Everything that is published."""
        return self._fixed


class Stage:
    """One database in memory, for one test after the other."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.engine: sa.Engine = connect(IN_MEMORY)
        self._copies: list[sqlite3.Connection] = []
        self._empty = self.pages()

    def publish(self, conversations: Sequence[BoundConversation], catalogue: Catalogue, now: Instant) -> Published:
        """Publish conversations, as of an instant, on an empty stage."""
        self.put_back(self._empty)
        scripts = [Script(bound_to_flow(each), each.source.text) for each in conversations]
        with self.engine.begin() as connection:
            publish(connection, scripts, catalogue, self.host, now)
        with reading(self.engine) as connection:
            programs = load_programs(connection, self.host)
        # Spread, a test would have to say to the minute what only a hash of the contact tells.
        return Published(programs, self.pages(), {}, replace(catalogue.rules, spread=0))

    def put_back(self, pages: sqlite3.Connection) -> None:
        """Make the database what it was."""
        with self._raw() as raw:
            pages.backup(raw)

    def pages(self) -> sqlite3.Connection:
        """A copy of the database as it is, which is kept until the stage is closed."""
        copy = sqlite3.connect(":memory:")
        self._copies.append(copy)
        with self._raw() as raw:
            raw.backup(copy)
        return copy

    def close(self) -> None:
        """Let the database and its copies go."""
        self.engine.dispose()
        for copy in self._copies:
            copy.close()

    @contextmanager
    def _raw(self) -> Iterator[sqlite3.Connection]:
        with closing(self.engine.raw_connection()) as pooled:
            driver = pooled.driver_connection
            assert isinstance(driver, sqlite3.Connection)
            yield driver
