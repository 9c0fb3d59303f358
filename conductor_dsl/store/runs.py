"""Runs: entered, claimed, written back and exited, always by the batch."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from conductor_dsl.program.states import Reason, RunState
from conductor_dsl.shared.clock import Instant
from conductor_dsl.store.batches import (
    arrival,
    batch,
    candidate,
    concerned,
    crossing,
    empty,
    ending,
    fill,
    led_by,
    woken,
)
from conductor_dsl.store.call_back import MAY_BE_CALLED_BACK, call_back
from conductor_dsl.store.insert_missing import insert_missing, insert_new
from conductor_dsl.store.recoveries import ERA
from conductor_dsl.store.tables import contact, intent, run

END_OF_CHAIN = "end of chain"
"""The reason of a run that came to the end of its chain without an `end`."""
MOVING = "moving"
"""The state of a run in the batch that has not come to rest yet."""
NO_NOTES: Mapping[str, sa.ColumnElement[str]] = MappingProxyType({})


_STEPS_IN_USE = sa.text("""
    WITH RECURSIVE versions (version_id) AS (
        SELECT * FROM (
            SELECT version_id FROM run WHERE due_at IS NOT NULL ORDER BY version_id LIMIT 1
        ) AS lowest
        UNION ALL
        SELECT (SELECT version_id FROM run WHERE due_at IS NOT NULL AND version_id > versions.version_id
                ORDER BY version_id LIMIT 1)
        FROM versions WHERE version_id IS NOT NULL
    ), steps (version_id, step) AS (
        SELECT version_id, (
            SELECT step FROM run WHERE due_at IS NOT NULL AND run.version_id = versions.version_id
            ORDER BY step LIMIT 1
        ) FROM versions WHERE version_id IS NOT NULL
        UNION ALL
        SELECT version_id, (
            SELECT step FROM run
            WHERE due_at IS NOT NULL AND run.version_id = steps.version_id AND run.step > steps.step
            ORDER BY step LIMIT 1
        ) FROM steps WHERE step IS NOT NULL
    )
    SELECT version_id, step, (
        SELECT min(due_at) FROM run
        WHERE due_at IS NOT NULL AND run.version_id = steps.version_id AND run.step = steps.step
    ) FROM steps WHERE step IS NOT NULL
""")


def steps_in_use(connection: sa.Connection) -> list[tuple[int, int, Instant]]:
    """Every (version, step) with waiting runs and the earliest instant at which one is due.

    Skips through the index from one pair to the next, so it costs by the number of pairs, not of runs. Versions and
    steps are two walks: SQLite would read every run of a version to find the pair behind a pair.
    """
    return [(row[0], row[1], row[2]) for row in connection.execute(_STEPS_IN_USE)]


def claim(
    connection: sa.Connection,
    version_id: int,
    step: int,
    *,
    now: Instant,
    zone: str | None,
    fallback: str,
    limit: int,
    only: sa.ColumnElement[bool] | None = None,
    notes: Mapping[str, sa.ColumnElement[str]] = NO_NOTES,
) -> int:
    """Take due runs of one step into the batch, perhaps `only` some of them; returns how many.

    `notes` are what columns of the batch are to hold of a contact. `zone` overrides the zones of the contacts;
    `fallback` serves contacts without one. On PostgreSQL rows that another node holds are passed over, and so are
    contacts of whom an import is just telling something: an opt-out is stored either before the batch decides, or after
    its messages can be seen and called back.
    """
    empty(connection, batch)
    columns = {**_columns(zone, fallback), **notes}
    due = sa.select(*columns.values()).join_from(run, contact, contact.c.id == run.c.contact_id)
    due = due.where(run.c.version_id == version_id, run.c.step == step, run.c.due_at <= now)
    due = due if only is None else due.where(only)
    due = due.order_by(run.c.due_at).limit(limit).with_for_update(skip_locked=True, key_share=True, of=[run, contact])
    return connection.execute(sa.insert(batch).from_select(list(columns), due)).rowcount


def reclaim(
    connection: sa.Connection,
    version_id: int,
    step: int,
    contacts: Collection[int],
    leases: Collection[Instant],
    *,
    zone: str | None,
    fallback: str,
) -> int:
    """Take runs into the batch that were handed over until these instants, and are ours still; returns how many.

    They were due when `missed_at` says. Whoever tells something of their contacts is waited for.
    """
    empty(connection, batch)
    fill(connection, candidate, [(contact_id,) for contact_id in contacts])
    columns = _columns(zone, fallback) | {"was_due": run.c.missed_at}
    ours = sa.select(*columns.values()).join_from(candidate, run, run.c.contact_id == led_by(candidate.c.contact_id))
    ours = ours.join(contact, contact.c.id == run.c.contact_id)
    ours = ours.where(run.c.version_id == version_id, run.c.step == step, run.c.due_at.in_(leases))
    ours = ours.order_by(run.c.contact_id).with_for_update(key_share=True, of=[run, contact])
    return connection.execute(sa.insert(batch).from_select(list(columns), ours)).rowcount


def _columns(zone: str | None, fallback: str) -> dict[str, sa.ColumnElement[Any]]:
    """What the batch knows of a run."""
    return {
        "contact_id": run.c.contact_id,
        "conversation_id": run.c.conversation_id,
        "entry_no": run.c.entry_no,
        "visit": run.c.visit,
        "zone": sa.literal(zone) if zone else sa.func.coalesce(contact.c.zone, fallback),
        "pos": run.c.step,
        "state": sa.literal(MOVING),
        "awaits": run.c.awaits,
        "was_due": run.c.due_at,
        "since": sa.func.coalesce(run.c.missed_at, run.c.due_at),
    }


_ANY_UNSETTLED = sa.select(sa.exists().where(intent.c.settled_at.is_(None)))


def hold_unsettled(connection: sa.Connection, step: int) -> int:
    """Put aside the runs of the batch at a step of whose messages one has no verdict yet; returns how many."""
    # SQLite knows it in one look where no message waits, and nobody else writes. PostgreSQL would go through what has
    # waited of late and is not swept up yet.
    if connection.dialect.name == "sqlite" and not connection.scalar(_ANY_UNSETTLED):
        return 0
    # Not EXISTS, nor by the index of what is open: if PostgreSQL takes that for little, it goes through all of it, for
    # each contact or once for all.
    first_open = sa.select(intent.c.step).where(
        intent.c.contact_id == batch.c.contact_id,
        intent.c.conversation_id == batch.c.conversation_id,
        intent.c.entry_no == batch.c.entry_no,
        sa.func.coalesce(intent.c.settled_at, -1) == -1,
    )
    standing = sa.and_(batch.c.pos == step, batch.c.state == MOVING)
    held = sa.update(batch).where(standing, first_open.limit(1).scalar_subquery().is_not(None))
    return connection.execute(held.values(state=RunState.HELD)).rowcount


def write_back(connection: sa.Connection, now: Instant) -> None:
    """Let the runs of the batch stand where they have come to rest."""
    values: dict[str, sa.ColumnElement[Any]] = {
        "step": batch.c.pos,
        **{name: batch.c[name] for name in ("visit", "state", "due_at", "reason", "awaits", "missed_at")},
    }
    ended = batch.c.state.in_([RunState.COMPLETED, RunState.EXITED])
    if connection.scalar(sa.select(sa.exists().where(ended))):
        # Only then, for whoever sets it lets SQLite write an index anew that tells by it who is inside.
        values["ended_at"] = sa.case((ended, sa.literal(now, sa.BigInteger)))
    same = (run.c.contact_id == led_by(batch.c.contact_id), run.c.conversation_id == batch.c.conversation_id)
    connection.execute(sa.update(run).where(*same, run.c.entry_no == batch.c.entry_no).values(values))


def enter(
    connection: sa.Connection,
    conversation_id: int,
    *,
    version_id: int,
    step: int,
    now: Instant,
    cooled_at: Instant | None,
    only: sa.ColumnElement[bool] | None = None,
) -> int:
    """Let the contacts of `crossing` in, due at once; returns how many entered.

    Who is inside already does not enter; that is a constraint of the table. `cooled_at` keeps out whoever was inside
    after that instant; before all instants, whoever was ever inside; None lets everybody in. `only` says of whom in
    `crossing` it is about.
    """
    earlier = sa.and_(run.c.contact_id == crossing.c.contact_id, run.c.conversation_id == conversation_id)
    last = sa.select(sa.func.coalesce(sa.func.max(run.c.entry_no), 0) + 1).where(earlier).scalar_subquery()
    source = sa.select(crossing) if only is None else sa.select(crossing).where(only)
    if cooled_at is not None:
        # Not EXISTS: PostgreSQL would go through all runs of the conversation as soon as it takes them for few.
        latest = sa.select(sa.func.max(sa.func.coalesce(run.c.ended_at, now))).where(earlier).scalar_subquery()
        source = source.where(sa.func.coalesce(latest, cooled_at) <= cooled_at)
    columns = {
        "contact_id": crossing.c.contact_id,
        "conversation_id": sa.literal(conversation_id, sa.BigInteger),
        "entry_no": last,
        "version_id": sa.literal(version_id, sa.BigInteger),
        "step": sa.literal(step, sa.Integer),
        "visit": ERA,
        "state": sa.literal(RunState.ACTIVE),
        "due_at": sa.literal(now, sa.BigInteger),
        "entered_at": sa.literal(now, sa.BigInteger),
        "payload": crossing.c.payload,
    }
    if connection.dialect.name == "postgresql":
        # Sorted, so that all is looked up before anything is written. A table that was empty lately it takes for empty
        # and goes through all of it each time, and so it would come upon every run that was written just now.
        source = source.order_by(led_by(crossing.c.contact_id))
    # Whom the pause has kept out is not inside either, so hardly anybody is.
    insert = insert_missing if cooled_at is None else insert_new
    return insert(connection, run, columns, source)


def lock_runs(connection: sa.Connection, who: sa.ColumnElement[bool]) -> bool:
    """Wait until nobody else has these runs in hand, and keep them until the transaction ends.

    Returns whether one of them may be held for a verdict. Whoever changes runs together with their messages locks the
    runs first, and in one order. SQLite has one writer at a time and needs no lock, and so nobody looks at them.
    """
    if connection.dialect.name == "sqlite":
        return True
    key = (run.c.contact_id, run.c.conversation_id, run.c.entry_no)
    locked = sa.select(*key, run.c.state).where(who).order_by(*key).with_for_update(of=run).subquery()
    held = sa.func.count().filter(locked.c.state == RunState.HELD)
    return bool(connection.scalar(sa.select(held).select_from(locked)))


def exit_runs(connection: sa.Connection, who: sa.ColumnElement[bool], reason: str, now: Instant) -> int:
    """End the open runs that `who` describes, whatever they are waiting for; returns how many.

    Their messages that have not left yet are cancelled in the same transaction.
    """
    lock_runs(connection, sa.and_(run.c.ended_at.is_(None), who))
    # Asked once, and written down: within an update of messages PostgreSQL would ask for each message that waits.
    empty(connection, ending)
    chosen = sa.select(*_key(run), sa.literal(reason)).where(run.c.ended_at.is_(None), who)
    count = connection.execute(ending.insert().from_select(list(ending.c), chosen)).rowcount
    if count:
        end_runs(connection, now)
    return count


def end_runs(connection: sa.Connection, now: Instant) -> None:
    """End the runs of `ending`, which must be open and locked, and call back their messages that have not left yet."""
    unwanted = sa.update(intent).where(_is_one_of(ending, intent), MAY_BE_CALLED_BACK)
    connection.execute(unwanted.values(call_back(Reason.RUN_EXITED, now)))
    ended = sa.update(run).where(_is_one_of(ending, run))
    connection.execute(ended.values(state=RunState.EXITED, due_at=None, ended_at=now, reason=ending.c.reason))


def meet_runs(connection: sa.Connection, names: Collection[str], versions: Collection[int]) -> int:
    """Put the open runs of these versions into `concerned` whose contacts have one of these events in `arrival`.

    Returns how many. They are read and locked once, in one order, however many rules ask about them then.
    """
    empty(connection, concerned)
    told = sa.select(led_by(arrival.c.contact_id).label("contact_id")).where(arrival.c.name.in_(names))
    met = sa.select(*(run.c[column.name] for column in concerned.c))
    met = met.where(run.c.version_id.in_(versions), run.c.ended_at.is_(None))
    if connection.dialect.name == "sqlite":
        met = met.where(run.c.contact_id.in_(told))
    else:
        # Contact by contact: a planner that does not know yet how many runs are open would go through all of them.
        came = told.distinct().order_by("contact_id").subquery("came")
        theirs = met.where(run.c.contact_id == came.c.contact_id).order_by(run.c.conversation_id).with_for_update()
        met = sa.select(theirs.lateral("theirs")).select_from(came)
    return connection.execute(sa.insert(concerned).from_select(list(concerned.c), met)).rowcount


def part_with_ended(connection: sa.Connection) -> None:
    """Leave the runs of `ending` out of `concerned`: nothing else ends them, or wakes them."""
    connection.execute(sa.delete(concerned).where(sa.tuple_(*_key(concerned)).in_(sa.select(*_key(ending)))))


def wake_runs(connection: sa.Connection, now: Instant) -> None:
    """Let the runs of `woken`, which have waited for an event, go on where that says; those that go nowhere end.

    They must be locked. One that is held for a verdict goes on when that has come.
    """
    goes_on = woken.c.onward.is_not(None)
    woke = sa.update(run).where(_is_one_of(woken, run))
    due_at = sa.case((run.c.state == RunState.ACTIVE, now))
    connection.execute(woke.where(goes_on).values(awaits=None, step=woken.c.onward, due_at=due_at))
    over = {"state": RunState.COMPLETED, "ended_at": now, "reason": END_OF_CHAIN}
    connection.execute(woke.where(~goes_on).values(awaits=None, due_at=None, **over))


def _key(table: sa.Table) -> list[sa.Column[Any]]:
    return [table.c[name] for name in ("contact_id", "conversation_id", "entry_no")]


def _is_one_of(few: sa.Table, large: sa.Table) -> sa.ColumnElement[bool]:
    """Whether a row of a large table belongs to a run of a temporary one."""
    return sa.and_(*(ours == led_by(theirs) for ours, theirs in zip(_key(large), _key(few), strict=True)))


def move_runs(connection: sa.Connection, old: tuple[int, int], new: tuple[int, int]) -> int:
    """Let the runs that wait at a (version, step) wait at another one; returns how many.

    It counts as a visit, for the new version may give the step a number under which the run has sent already. Who has
    the message of the step already and is about to go on behind it stays.
    """
    written = sa.exists().where(
        intent.c.contact_id == run.c.contact_id,
        intent.c.conversation_id == run.c.conversation_id,
        intent.c.entry_no == run.c.entry_no,
        intent.c.step == run.c.step,
        intent.c.visit == run.c.visit,
    )
    waiting = sa.update(run).where(run.c.version_id == old[0], run.c.step == old[1], run.c.due_at.is_not(None))
    moved = waiting.where(~written).values(version_id=new[0], step=new[1], visit=run.c.visit + 1)
    return connection.execute(moved).rowcount
