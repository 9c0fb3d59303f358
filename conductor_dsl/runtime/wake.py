"""Wake: runs that wait for an event go on when it comes."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from conductor_dsl.program.operations import Await
from conductor_dsl.program.states import HistoryKind
from conductor_dsl.runtime.awaited import Happened, Waiting
from conductor_dsl.runtime.programs import Loaded, Programs
from conductor_dsl.shared.clock import Instant
from conductor_dsl.store.batches import arrival, empty, woken
from conductor_dsl.store.insert_missing import insert_missing
from conductor_dsl.store.runs import lock_runs, wake_runs
from conductor_dsl.store.tables import contact, history, run


def wake_waiting(connection: sa.Connection, programs: Programs, names: Collection[str], now: Instant) -> None:
    """Let the runs go on that wait for one of the events in `arrival`, whose names are given.

    Call it in the transaction that stores them, after what they end has ended.
    """
    for loaded in programs.by_version.values():
        for step, operation in enumerate(loaded.program.operations):
            if isinstance(operation, Await) and not set(operation.events).isdisjoint(names):
                _wake(connection, Waiting(programs, loaded, operation, run.c.contact_id, run.c.entry_no), step, now)


def _wake(connection: sa.Connection, waiting: Waiting, step: int, now: Instant) -> None:
    loaded = waiting.loaded
    here = sa.and_(
        run.c.conversation_id == loaded.conversation_id,
        run.c.version_id == loaded.version_id,
        run.c.step == step,
        run.c.ended_at.is_(None),
    )
    lock_runs(connection, sa.and_(run.c.contact_id.in_(sa.select(arrival.c.contact_id)), here))
    empty(connection, woken)
    happened = Happened(arrival.c.name, arrival.c.at, arrival.c.payload, arrival.c.caused_by)
    came = sa.select(arrival).join(contact, contact.c.id == arrival.c.contact_id)
    came = came.join(run, run.c.contact_id == arrival.c.contact_id)
    came = came.where(here, waiting.ends_by(happened, run.c.awaits, now)).order_by(arrival.c.number)
    # Of several events the first ends the wait; the key of `woken` leaves out the others.
    columns = {"contact_id": run.c.contact_id, "entry_no": run.c.entry_no, "name": arrival.c.name}
    if insert_missing(connection, woken, columns, came):
        _record(connection, loaded, step, now)
        wake_runs(connection, loaded.conversation_id, waiting.awaited.came, now)


def _record(connection: sa.Connection, loaded: Loaded, step: int, now: Instant) -> None:
    columns = {
        "contact_id": woken.c.contact_id,
        "at": sa.literal(now, sa.BigInteger),
        "conversation_id": sa.literal(loaded.conversation_id, sa.BigInteger),
        "entry_no": woken.c.entry_no,
        "step": sa.literal(step, sa.Integer),
        "kind": sa.literal(HistoryKind.CAME.value),
        "reason": woken.c.name,
    }
    insert_missing(connection, history, columns, sa.select(woken))
