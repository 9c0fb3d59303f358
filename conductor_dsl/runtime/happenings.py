"""Happenings: what arose inside the engine takes its effect on runs, by the batch."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from conductor_dsl.runtime.arrivals import settle_arrivals
from conductor_dsl.runtime.programs import Programs
from conductor_dsl.shared.clock import Instant
from conductor_dsl.store.happenings import take_happenings


@dataclass(frozen=True, slots=True)
class Happened:
    """Events of the engine's own that have taken effect, and how many."""

    count: int


def settle_happenings(connection: sa.Connection, programs: Programs, now: Instant, limit: int) -> Happened | None:
    """Let a batch of what has happened take its effect, as imported events do; None when nothing waits.

    It is moved to `event` in the same transaction, so that each happening has its effect once.
    """
    count = take_happenings(connection, now, limit)
    if not count:
        return None
    settle_arrivals(connection, programs, now)
    return Happened(count)
