"""Recover: go once more through the time that a database has lost, when it was put back from a backup.

The engine does what it did then: everything that was due, at its own time, on a clock that is moved. Messages get the
keys that they had, for keys are derived; so instead of sending one its provider is asked whether it has it. What it has
is settled as of then, what it does not have leaves when the lost time is over, and what nobody can tell is ambiguous.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from conductor_dsl.program.states import UNSETTLED, IntentState
from conductor_dsl.runtime.carry.recall import NOT_SENT_BEFORE
from conductor_dsl.runtime.doorbell import count_listening
from conductor_dsl.runtime.node import Node
from conductor_dsl.shared.clock import DAY, MINUTE, Instant, VirtualClock, to_iso
from conductor_dsl.shared.errors import ConductorError
from conductor_dsl.store.connect import reading
from conductor_dsl.store.recoveries import Recovery, begin_recovery, end_recovery, last_act, latest_recovery
from conductor_dsl.store.tables import intent


@dataclass(frozen=True, slots=True)
class Lost:
    """The time that was lost: from when to when."""

    since: Instant
    until: Instant


@dataclass(frozen=True, slots=True)
class Recovered:
    """What became of the messages of the lost time.

    `settled` are those whose outcome is known now, by state; `waiting` did not leave then and do now; of `unknown`
    nobody can tell.
    """

    settled: Mapping[str, int]
    waiting: int
    unknown: int


def prepare_recovery(engine: sa.Engine, since: Instant, until: Instant) -> Lost:
    """The time to go through, which may begin a little before `since`: where the database ends.

    From now on nothing is sent until the recovery has ended; one that was broken off goes on. Raises ConductorError
    where a node runs, or the database is not the backup.
    """
    running = count_listening(engine)
    if running:
        nodes = "a node is running" if running == 1 else f"{running} nodes are running"
        raise ConductorError(f"{nodes} over this database", hint="stop `conductor serve` everywhere, then recover")
    with engine.begin() as connection:
        begun = latest_recovery(connection)
        if begun is not None and begun.ended_at is None:
            return Lost(begun.since_at, begun.until_at)
        acted = last_act(connection)
        if acted is not None and acted > since + MINUTE:
            raise ConductorError(
                f"this database knows what happened until {to_iso(acted)}, which is after {to_iso(since)}",
                hint="put the backup back first; if this is the backup, say when it was made: "
                f"`--since {to_iso(acted + MINUTE)}`",
            )
        # What was due after its last act and before the backup was made is in the backup, or was not done.
        lost = Lost(since if acted is None else min(since, acted), until)
        begin_recovery(connection, lost.since, lost.until)
    return lost


def recover(node: Node, clock: VirtualClock, lost: Lost, now: Instant) -> Recovered:
    """Go through the lost time with a node that goes by this clock and whose providers send nothing.

    The recovery ends as of `now`.
    """
    due = node.run_due()
    while due is not None and due <= lost.until:
        clock.move_to(due)
        due = node.run_due()
    with node.engine.begin() as connection:
        begun = latest_recovery(connection)
        assert begun is not None
        end_recovery(connection, begun, now)
        return _count(connection, lost.since)


def insist_on_recovered(engine: sa.Engine) -> None:
    """Raise ConductorError while a recovery has not come to its end: what was sent is not known yet."""
    with reading(engine) as connection:
        begun = latest_recovery(connection)
    if begun is not None and begun.ended_at is None:
        raise ConductorError(
            "`conductor recover` was begun over this database, and has not come to its end",
            hint=f"run `conductor recover --since {to_iso(begun.since_at)}` again; it goes on where it stopped",
        )


def wary_until(recovery: Recovery) -> Instant:
    """How long old runs are asked for: as long as the time that was lost, and a day at least."""
    return (recovery.ended_at or 0) + max(recovery.until_at - recovery.since_at, DAY)


def _count(connection: sa.Connection, since: Instant) -> Recovered:
    states = sa.select(intent.c.state, intent.c.reason, sa.func.count())
    known = sa.or_(intent.c.settled_at >= since, intent.c.settled_at.is_(None))
    rows = connection.execute(states.where(known).group_by(intent.c.state, intent.c.reason)).all()
    settled: dict[str, int] = {}
    for state, _, count in rows:
        if state not in UNSETTLED:
            settled[state] = settled.get(state, 0) + count
    waiting = sum(count for state, reason, count in rows if reason == NOT_SENT_BEFORE and state == IntentState.READY)
    unknown = sum(count for state, _, count in rows if state == IntentState.AMBIGUOUS)
    return Recovered(settled, waiting, unknown)
