"""Notices: which members of the staff want to hear what became of messages, and until when they have been told."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from conductor_dsl.program.states import FAILED, OUTCOME_OF, HistoryKind
from conductor_dsl.shared.clock import Instant
from conductor_dsl.shared.wall_clock import next_wall_clock
from conductor_dsl.store.node_tables import notice
from conductor_dsl.store.tables import LOST, TOLD, history, intent


@dataclass(frozen=True, slots=True)
class Occurrence:
    """How many contacts came to an outcome at a step, and why."""

    conversation_id: int
    step: int
    outcome: str
    reason: str
    count: int


NOTED = "noted"
"""The outcome of a step that tells the staff of everybody who comes by."""
TOLD_AT = "08:00"
"""When staff is told what became of messages, by the clock of the conversation that asked first."""


def watch(connection: sa.Connection, addresses: Collection[str], *, sender: str, zone: str, now: Instant) -> None:
    """Begin to tell these addresses; those that are told already go on as before."""
    due_at = next_wall_clock(now, TOLD_AT, zone)
    known = set(connection.scalars(sa.select(notice.c.address)))
    for address in sorted(set(addresses) - known):
        values = {"address": address, "sender": sender, "zone": zone, "told_until": now, "due_at": due_at}
        connection.execute(sa.insert(notice).values(values))


def due_notices(connection: sa.Connection, now: Instant) -> list[sa.Row[Any]]:
    """The addresses that are to be told now."""
    return list(connection.execute(sa.select(notice).where(notice.c.due_at <= now).order_by(notice.c.due_at)))


def claim(connection: sa.Connection, address: str, due_at: Instant, until: Instant) -> bool:
    """Put an address off until it is told; False where another node has done so since it was found to be due."""
    row = sa.update(notice).where(notice.c.address == address, notice.c.due_at == due_at)
    return connection.execute(row.values(due_at=until)).rowcount == 1


def told(connection: sa.Connection, address: str, zone: str, now: Instant) -> None:
    """An address has been told of everything before now; the next time is tomorrow."""
    row = sa.update(notice).where(notice.c.address == address)
    connection.execute(row.values(told_until=now, due_at=next_wall_clock(now, TOLD_AT, zone)))


def put_off(connection: sa.Connection, address: str, due_at: Instant) -> None:
    """An address could not be told; it is tried again at `due_at`."""
    connection.execute(sa.update(notice).where(notice.c.address == address).values(due_at=due_at))


NEXT_NOTICE: sa.ScalarSelect[Instant] = sa.select(sa.func.min(notice.c.due_at)).scalar_subquery()
"""When somebody is to be told next."""


def occurrences(connection: sa.Connection, since: Instant, until: Instant) -> list[Occurrence]:
    """What came to which outcome from `since` on and before `until`; reads the history of the time between."""
    key = (history.c.conversation_id, history.c.step, history.c.reason)
    skipped = sa.select(*key, sa.func.count()).where(TOLD, history.c.kind == HistoryKind.SKIPPED)
    skipped = skipped.where(history.c.at >= since, history.c.at < until).group_by(*key)
    failed_key = (intent.c.conversation_id, intent.c.step, intent.c.state)
    failed = sa.select(*failed_key, sa.func.count()).where(LOST, intent.c.state.in_(list(FAILED)))
    failed = failed.where(intent.c.settled_at >= since, intent.c.settled_at < until).group_by(*failed_key)
    noted = sa.select(*key, sa.func.count()).where(TOLD, history.c.kind == HistoryKind.NOTED)
    noted = noted.where(history.c.at >= since, history.c.at < until).group_by(*key)
    outcome = {reason.value: outcome for reason, outcome in OUTCOME_OF.items()}
    found = [Occurrence(row[0], row[1], outcome[row[2]], row[2], row[3]) for row in connection.execute(skipped)]
    found += [Occurrence(row[0], row[1], "failed", row[2], row[3]) for row in connection.execute(failed)]
    return found + [Occurrence(row[0], row[1], NOTED, row[2], row[3]) for row in connection.execute(noted)]


def codes_wanted(connection: sa.Connection, since: Instant, until: Instant) -> dict[str, int]:
    """The pools of which codes were wanted from `since` on and before `until`, with how many contacts found none."""
    missed = sa.func.count().filter(history.c.kind == HistoryKind.NO_COUPON)
    asked = history.c.kind.in_([HistoryKind.COUPON, HistoryKind.NO_COUPON])
    wanted = sa.select(history.c.reason, missed).where(TOLD, asked)
    wanted = wanted.where(history.c.at >= since, history.c.at < until).group_by(history.c.reason)
    return {row[0]: row[1] for row in connection.execute(wanted)}
