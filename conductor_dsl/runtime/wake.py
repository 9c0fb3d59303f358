"""Wake: runs that wait for an event go on when it comes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

import sqlalchemy as sa

from conductor_dsl.program.operations import Await
from conductor_dsl.program.states import HistoryKind
from conductor_dsl.runtime.awaited import Happened, Waiting
from conductor_dsl.runtime.programs import Loaded, Programs
from conductor_dsl.shared.clock import Instant
from conductor_dsl.store.batches import arrival, concerned, empty, woken
from conductor_dsl.store.insert_missing import insert_missing
from conductor_dsl.store.runs import wake_runs
from conductor_dsl.store.tables import contact, history

WaitingStep = tuple[Loaded, int, Await]
"""A version, and the number of a step of it that waits."""


def waiting_steps(programs: Programs, names: Collection[str]) -> Iterator[WaitingStep]:
    """The steps that wait for one of these events."""
    for loaded in programs.by_version.values():
        for step, operation in enumerate(loaded.program.operations):
            if isinstance(operation, Await) and not set(operation.events).isdisjoint(names):
                yield loaded, step, operation


def wake_waiting(connection: sa.Connection, programs: Programs, steps: Iterable[WaitingStep], now: Instant) -> None:
    """Let the runs of `concerned` go on that wait, at one of these steps, for something in `arrival`.

    Call it in the transaction that stores that, after what it ends has ended.
    """
    empty(connection, woken)
    came = 0
    for loaded, step, awaited in steps:
        waiting = Waiting(programs, loaded, awaited, concerned.c.contact_id, concerned.c.entry_no)
        came += _find(connection, waiting, step, now)
    if came:
        _record(connection, now)
        wake_runs(connection, now)


def _find(connection: sa.Connection, waiting: Waiting, step: int, now: Instant) -> int:
    """Add those to `woken` that wait at a step for something that has come; how many."""
    happened = Happened(arrival.c.name, arrival.c.at, arrival.c.payload, arrival.c.caused_by)
    came = sa.select(arrival).join(concerned, concerned.c.contact_id == arrival.c.contact_id)
    if waiting.awaited.where is not None:
        came = came.join(contact, contact.c.id == arrival.c.contact_id)
    here = (concerned.c.version_id == waiting.loaded.version_id, concerned.c.step == step)
    came = came.where(*here, waiting.ends_by(happened, concerned.c.awaits, now)).order_by(arrival.c.number)
    columns: dict[str, Any] = {
        name: concerned.c[name] for name in ("contact_id", "conversation_id", "entry_no", "step")
    }
    columns |= {"name": arrival.c.name, "onward": sa.literal(waiting.awaited.came, sa.Integer)}
    # Of several events the first ends the wait; the key of `woken` leaves out the others.
    return insert_missing(connection, woken, columns, came)


def _record(connection: sa.Connection, now: Instant) -> None:
    columns: dict[str, Any] = {name: woken.c[name] for name in ("contact_id", "conversation_id", "entry_no", "step")}
    columns |= {
        "at": sa.literal(now, sa.BigInteger),
        "kind": sa.literal(HistoryKind.CAME.value),
        "reason": woken.c.name,
    }
    insert_missing(connection, history, columns, sa.select(woken))
