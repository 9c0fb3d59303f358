"""Turns: whose turn it is where much is due at once, and how much is done in one.

What was asked for comes first: the lanes in their order, then newcomers. But each of them has one turn of ten in which
it goes first, so that nobody waits for ever. Within a lane conversations take turns, and a turn is to last a moment
only: who needs longer does less at once, so that an answer to a customer's act never waits for a batch of 10,000.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from enum import Enum
from types import MappingProxyType

from conductor_dsl.program.states import Lane
from conductor_dsl.shared.clock import SECOND, Instant

TURN = SECOND // 2
"""How long a turn is to last at most."""
LEAST, FIRST, MOST = 100, 2_500, 50_000
"""How much is done in a turn at least, however long it takes; while nobody knows how long it takes; and at most."""
ROUND = 10


class Newcomers(Enum):
    """Those who come in by audiences, dates, alerts and chances."""

    NEWCOMERS = "newcomers"


Queue = Lane | Newcomers
QUEUES: tuple[Queue, ...] = (*Lane, Newcomers.NEWCOMERS)
FIRST_IN_TURN: Mapping[int, Queue] = MappingProxyType({3: Lane.ALERT, 6: Lane.MARKETING, 9: Newcomers.NEWCOMERS})
"""In which turns of a round another queue than the first goes first."""


class Turns:
    """What a node remembers from turn to turn; nothing of it is missed after a crash."""

    def __init__(self) -> None:
        self._taken = 0
        self._served: dict[int, int] = {}
        self._sizes: dict[Hashable, int] = {}
        self._began_at: Instant = 0

    def begin(self, now: Instant) -> None:
        """A turn begins."""
        self._began_at = now

    def is_over(self, now: Instant) -> bool:
        """Whether the turn has lasted so long that others should have theirs."""
        return now - self._began_at >= TURN // 2

    def queues(self) -> tuple[Queue, ...]:
        """The order in which queues are asked in the next turn."""
        self._taken += 1
        first = FIRST_IN_TURN.get(self._taken % ROUND, QUEUES[0])
        return (first, *(queue for queue in QUEUES if queue is not first))

    def serve(self, conversation_id: int) -> None:
        """A conversation has had its turn."""
        self._served[conversation_id] = self._taken

    def served(self, conversation_id: int) -> int:
        """When a conversation had its latest turn; 0 for one that had none."""
        return self._served.get(conversation_id, 0)

    def size(self, work: Hashable, most: int) -> int:
        """How much of some work to do in a turn: so much as fits into it, and never more than `most`."""
        return min(self._sizes.get(work, FIRST), most)

    def learn(self, work: Hashable, count: int, took: int) -> None:
        """So much was done in so many milliseconds: next time so much as fits into a turn, at most twice as much."""
        if took > TURN:
            self._sizes[work] = max(count * TURN // took, LEAST)
        elif took <= TURN // 2:
            self._sizes[work] = min(self._sizes.get(work, FIRST) * 2, MOST)
