"""Paces: when each sender is free again. One row for each, which all nodes share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import sqlalchemy as sa

from conductor_dsl.shared.clock import SECOND, Instant
from conductor_dsl.store.insert_missing import insert_missing
from conductor_dsl.store.node_tables import pace

AHEAD = SECOND // 4
"""How far a sender may be ahead of its pace: what a quarter of a second allows leaves in one call."""
_MICRO = 1_000
"""Microseconds in a millisecond; a fast sender needs less than a millisecond for a message."""


class Want(NamedTuple):
    """A message that wants to leave: its key, and how many slots it takes."""

    key: str
    size: int


def take_slots(
    connection: sa.Connection, wants: Mapping[str, Sequence[Want]], rates: Mapping[str, int], now: Instant
) -> dict[str, int]:
    """Let as many messages of each sender leave as its rate (slots in a second) allows.

    Returns for each key how many milliseconds it should wait, 0 for one that may leave; nothing is kept for those that
    wait, they ask again.
    """
    found: dict[str, int] = {}
    for sender in sorted(wants):
        insert_missing(connection, pace, {"sender": sa.literal(sender), "free_at": sa.literal(0, sa.BigInteger)})
        row = sa.select(pace.c.free_at).where(pace.c.sender == sender).with_for_update()
        free_at = max(connection.execute(row).scalar_one(), now * _MICRO)
        waits, free_at = _in_line(wants[sender], SECOND * _MICRO // rates[sender], free_at, now * _MICRO)
        connection.execute(sa.update(pace).where(pace.c.sender == sender).values(free_at=free_at))
        found |= waits
    return found


def _in_line(wants: Sequence[Want], slot: int, free_at: int, now: int) -> tuple[dict[str, int], int]:
    """The waits of one sender's messages, and when it is free again after those that leave; in microseconds but for
    the waits.

    A wait is a multiple of `AHEAD`, so that those who wait come back together.
    """
    waits: dict[str, int] = {}
    ahead = AHEAD * _MICRO
    turn = free_at
    for want in wants:
        waits[want.key] = (turn - now) // ahead * AHEAD
        turn += want.size * slot
        if not waits[want.key]:
            free_at = turn
    return waits, free_at
