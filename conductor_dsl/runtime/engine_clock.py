"""The clock of the engine: the database's, so that nodes on machines with wrong clocks agree on what time it is."""

from __future__ import annotations

import socket
from collections.abc import Callable
from threading import Lock

import sqlalchemy as sa

from conductor_dsl.shared.clock import MINUTE, SECOND, Instant, steady, wall
from conductor_dsl.shared.ids import node_id
from conductor_dsl.store.clocks import Kept, database_now, keep, latest_kept
from conductor_dsl.store.connect import reading

SKEW = 5 * SECOND
"""How far a clock may be off before anybody is told."""
RIGHT_FOR = SECOND // 4
"""How long the counter is taken for right, in milliseconds, until the database is asked again."""
KEPT_EVERY, KEPT_IDLE = SECOND, MINUTE


class EngineClock:
    """Tells the time by the database's clock on PostgreSQL, on SQLite by the machine's.

    It is set by a `look` at the database, and in between goes on by a counter that nobody can set. It never runs
    backwards, nor is it ever earlier than what a node has kept in the database: where the clock it goes by was set
    back, it stands still until that has caught up. `warn` hears of a machine's clock that is more than `SKEW` off, or
    was set. `wall` and `steady` are the machine's clock and the counter, `ask` is the question to the database.
    """

    def __init__(
        self,
        engine: sa.Engine,
        warn: Callable[[str], None] = lambda _text: None,
        *,
        wall: Callable[[], Instant] = wall,
        steady: Callable[[], int] = steady,
        ask: Callable[[sa.Connection], Instant | None] = database_now,
    ) -> None:
        self._engine, self._warn = engine, warn
        self._wall, self._steady, self._ask = wall, steady, ask
        self._row = Kept(node_id(), socket.gethostname(), 0, 0)
        self._lock = Lock()
        self._of_database, self._set_at = False, 0
        with reading(engine) as connection:
            self._latest = latest_kept(connection)
            self._ahead = self._wall() - self._steady()
            self._told = 0
            self._kept_at = self._steady() - KEPT_IDLE
            self._set(connection)
        behind = self._latest - self._shown()
        if behind > SKEW:
            self._warn(
                f"this database was used {_seconds(behind)} later than it is now; the engine stands still until then"
            )

    def now(self) -> Instant:
        """The current instant."""
        with self._lock:
            self._latest = max(self._latest, self._shown())
            return self._latest

    def _shown(self) -> Instant:
        """What the clock shows by which it goes."""
        return self._steady() + self._ahead if self._of_database else self._wall()

    def look(self, connection: sa.Connection) -> None:
        """Set it by the database's clock, and tell of a machine's clock that is wrong.

        Not if that was a moment ago, for the counter is right for longer, and a question costs as much as a small step.
        """
        if not self._of_database or self._steady() - self._set_at >= RIGHT_FOR:
            self._set(connection)

    def keep(self, *, idle: bool) -> None:
        """Write down how late it is, so that nobody who begins later takes it for earlier; only as often as needed."""
        if idle and not self._of_database:
            return
        if self._steady() - self._kept_at >= (KEPT_IDLE if idle else KEPT_EVERY):
            self._kept_at = self._steady()
            with self._engine.begin() as connection:
                keep(connection, self._row._replace(at=self.now()))

    def _set(self, connection: sa.Connection) -> None:
        before = self._steady()
        theirs = self._ask(connection)
        counted, own = self._steady(), self._wall()
        if theirs is None:
            skew = own - counted - self._ahead
            self._tell(skew, f"was set {_seconds(skew)} {'forward' if skew > 0 else 'back'} while the engine ran")
            return
        with self._lock:
            self._of_database, self._set_at = True, counted
            # The answer is from some moment in between.
            self._ahead = theirs - (before + counted) // 2
        skew = own - self._ahead - counted
        self._row = self._row._replace(skew=skew)
        self._tell(skew, f"{off(skew)}, by which the engine goes")

    def _tell(self, skew: int, words: str) -> None:
        """Tell of a clock that is off, once as long as it does not change."""
        if abs(skew - self._told) > SKEW:
            self._told = skew
            self._warn(f"the clock of this machine {words if abs(skew) > SKEW else 'is right again'}")


def off(skew: int) -> str:
    """How far a clock is off, in words behind its name."""
    return f"is {_seconds(skew)} {'ahead of' if skew > 0 else 'behind'} the database's"


def _seconds(skew: int) -> str:
    return f"{(abs(skew) + SECOND // 2) // SECOND:,} s"
