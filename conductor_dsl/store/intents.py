"""The outbox: claimed before the first byte leaves, settled after the provider has answered."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from typing import Any, NamedTuple

import sqlalchemy as sa

from conductor_dsl.program.json_sql import json_word
from conductor_dsl.program.states import IntentState, Lane, Reason, RunState
from conductor_dsl.shared.clock import Instant
from conductor_dsl.store.batches import add, fill, led_by, settled
from conductor_dsl.store.call_back import CALLED_BACK, MAY_BE_CALLED_BACK, call_back
from conductor_dsl.store.permissions import has_stopped, is_undecided
from conductor_dsl.store.runs import lock_runs
from conductor_dsl.store.tables import EVERY_LIST, NO_LIST, event, intent, membership, run, suppression


class Claimed(NamedTuple):
    """A message that a node has claimed; a tuple, for there are many. The first five make its key."""

    contact_id: int
    conversation_id: int
    entry_no: int
    step: int
    visit: int
    version_id: int
    message_id: int
    channel: str
    list: str
    sender: str
    address: str
    values: str
    attempts: int
    not_before: Instant
    expires_at: Instant
    created_at: Instant
    reason: str | None

    @property
    def key(self) -> tuple[int, int, int, int, int]:
        """The primary key of the intent."""
        return self[:5]


class Lease(NamedTuple):
    """Until when which node alone has a say in what it has claimed."""

    node: str
    until: Instant


KEY = Claimed._fields[:5]
_CLAIMED = [intent.c[name] for name in Claimed._fields]
_INTENT_KEY = [intent.c[name] for name in KEY]
_ROW: sa.ColumnElement[int] = sa.literal_column("intent.rowid")
"""Where a message lies in SQLite: good for one statement only, for VACUUM gives other numbers."""
SETTLED_KEY = sa.and_(*(intent.c[name] == led_by(settled.c[name]) for name in KEY))


def claim_ready(
    connection: sa.Connection,
    lanes: Sequence[Lane] = tuple(Lane),
    *,
    lease: Lease,
    now: Instant,
    limit: int,
) -> list[Claimed]:
    """Mark messages that may leave now as being sent by a node, and return them: those of the first lane first.

    Once this is committed, a crash leaves them `sending`: their outcome is then unknown, and `claim_stale` finds them.
    """
    left = limit
    for lane in lanes:
        ready = _ready(lane, intent.c.not_before <= now).order_by(intent.c.not_before).limit(left)
        left -= _mark(connection, ready, lease)
        if not left:
            break
    return claimed_under(connection, lease) if left < limit else []


def _ready(lane: Lane, *which: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """The messages of a lane that wait to leave; each lane is a stretch of the index, in the order of time."""
    open_, ready = intent.c.settled_at.is_(None), intent.c.state == IntentState.READY
    return sa.select(intent).where(open_, ready, intent.c.lane == lane, *which)


def claim_stale(connection: sa.Connection, *, lease: Lease, now: Instant, limit: int) -> list[Claimed]:
    """Take over messages that another node was sending when its lease ran out, and return them."""
    stale = sa.select(intent).where(intent.c.settled_at.is_(None), intent.c.state == IntentState.SENDING)
    stale = stale.where(intent.c.lease_until <= now).limit(limit)
    return claimed_under(connection, lease) if _mark(connection, stale, lease, tries=0) else []


def lease_of_its_own(connection: sa.Connection, node: str, until: Instant) -> Lease:
    """A lease of a node until an instant, or a little later if it has one already that ends then.

    What became of those messages it could not write down, and its clock has stood still since; they must not be taken
    for messages that are claimed now.
    """
    held = sa.select(sa.func.max(intent.c.lease_until)).where(
        intent.c.settled_at.is_(None), intent.c.state == IntentState.SENDING, intent.c.claimed_by == node
    )
    return Lease(node, max(until, (connection.scalar(held) or 0) + 1))


def _mark(connection: sa.Connection, chosen: sa.Select[Any], lease: Lease, tries: int = 1) -> int:
    """Mark the chosen messages as being sent by a node, or, with no `tries`, as looked up; returns how many."""
    marked = sa.update(intent)
    if connection.dialect.name == "sqlite":
        marked = marked.where(_ROW.in_(chosen.with_only_columns(_ROW)))
    else:
        # It costs PostgreSQL a quarter less than IN.
        ours = chosen.with_only_columns(*_INTENT_KEY).with_for_update(skip_locked=True).subquery()
        marked = marked.where(*(intent.c[name] == ours.c[name] for name in KEY))
    marked = marked.values(
        state=IntentState.SENDING,
        claimed_by=lease.node,
        lease_until=lease.until,
        attempts=intent.c.attempts + tries,
    )
    return connection.execute(marked).rowcount


def give_up(connection: sa.Connection, lease: Lease) -> None:
    """Let what was claimed under a lease and has not left wait to be claimed again; that was no attempt."""
    mine = sa.update(intent).where(intent.c.settled_at.is_(None), intent.c.state == IntentState.SENDING)
    mine = mine.where(intent.c.claimed_by == lease.node, intent.c.lease_until == lease.until)
    tried = intent.c.attempts - 1
    connection.execute(mine.values(state=IntentState.READY, attempts=tried, claimed_by=None, lease_until=None))


def claimed_under(connection: sa.Connection, lease: Lease) -> list[Claimed]:
    """What a node has claimed under a lease."""
    # Two statements cost SQLite half as much as one with RETURNING.
    mine = sa.select(*_CLAIMED).where(intent.c.settled_at.is_(None), intent.c.state == IntentState.SENDING)
    mine = mine.where(intent.c.claimed_by == lease.node, intent.c.lease_until == lease.until)
    # Straight from the driver: there are only numbers and texts, and a row of SQLAlchemy's costs more than the message.
    # `Claimed._make` is a function in Python, and costs twice as much as what it calls.
    return list(map(tuple.__new__, repeat(Claimed), connection.execute(mine).cursor.fetchall()))


def settle(
    connection: sa.Connection,
    node: str,
    taken: Sequence[tuple[object, ...]],
    others: Sequence[tuple[object, ...]],
    now: Instant,
) -> bool:
    """Write down what became of messages; returns whether one of their runs may be held for it.

    `taken` are (contact, conversation, entry, step, visit, provider_id) of those that a provider has accepted now; they
    are most, and so have less to say. `others` are (contact, conversation, entry, step, visit, provider_id, state,
    not_before, settled_at, reason, untried). Only messages that the node still holds change: after its lease has been
    taken over it has no say any more. One that is still `sending` is nobody's from now on, until its lease runs out and
    it is looked up.

    A pass that has one of their runs in hand is waited for: it may be about to hold the run for a verdict that it has
    not seen, and nobody would come again to let it go on.
    """
    fill(connection, settled, taken)
    add(connection, settled, others)
    may_be_held = lock_runs(connection, RUN_OF_SETTLED)
    if others:
        _keep_called_back(connection, now)
    held = (intent.c.claimed_by == node, intent.c.state == IntentState.SENDING)
    changed = sa.update(intent).where(SETTLED_KEY, *held)
    changed = changed.values(
        state=sa.func.coalesce(settled.c.state, IntentState.ACCEPTED.value),
        not_before=sa.func.coalesce(settled.c.not_before, intent.c.not_before),
        settled_at=sa.case((settled.c.state.is_(None), now), else_=settled.c.settled_at),
        provider_id=settled.c.provider_id,
        reason=settled.c.reason,
        attempts=intent.c.attempts - sa.func.coalesce(settled.c.untried, 0),
        claimed_by=None,
        lease_until=sa.case((settled.c.state == IntentState.SENDING, intent.c.lease_until)),
    )
    connection.execute(changed)
    return may_be_held


def _keep_called_back(connection: sa.Connection, now: Instant) -> None:
    """Let those of the settled messages be cancelled that would leave once more, but were called back meanwhile."""
    noted = sa.update(settled).where(SETTLED_KEY, settled.c.state == IntentState.READY)
    noted = noted.where(intent.c.state == IntentState.SENDING, intent.c.reason.in_(list(CALLED_BACK)))
    connection.execute(noted.values(state=IntentState.CANCELLED.value, settled_at=now, reason=intent.c.reason))


def cancel_unwanted(connection: sa.Connection, now: Instant) -> int:
    """Cancel those of the settled messages that would leave once more, though they must not any more; returns how many.

    While they were on their way their contact has opted out or moved to another address, or their run was ended. (A run
    that ended by itself, in the pass that wrote the message, lets it go out.)
    """
    ended = sa.exists().where(_RUN_OF_INTENT, run.c.state == RunState.EXITED, run.c.ended_at != intent.c.created_at)
    moved = sa.exists().where(
        event.c.contact_id == intent.c.contact_id,
        event.c.name == "address.changed",
        event.c.at >= intent.c.created_at,
        json_word(event.c.payload, sa.literal("before", sa.Text)) == intent.c.address,
    )
    unwanted = sa.update(intent).where(SETTLED_KEY, intent.c.state == IntentState.READY)
    reasons = (
        (ended, Reason.RUN_EXITED.value),
        (moved, Reason.ADDRESS_CHANGED.value),
        (_opted_out(), Reason.OPTED_OUT.value),
        (_suppressed(), Reason.SUPPRESSED.value),
    )
    unwanted = unwanted.where(sa.or_(_undecided(), *(condition for condition, _ in reasons)))
    reason = sa.case(*reasons, else_=Reason.UNDECIDED.value)
    return connection.execute(unwanted.values(state=IntentState.CANCELLED, settled_at=now, reason=reason)).rowcount


def cancel_opted_out(connection: sa.Connection, now: Instant, who: sa.ColumnElement[bool] | None = None) -> int:
    """Cancel every message that has not left yet to a contact who has opted out; returns how many.

    `who` is a condition on intents that says of whom that may be true; None asks of everybody. The runs that waited for
    the messages go on.
    """
    opted_out = _opted_out() if who is None else sa.and_(who, _opted_out())
    return _cancel_waiting(connection, opted_out, Reason.OPTED_OUT, now)


def cancel_undecided(connection: sa.Connection, now: Instant, who: sa.ColumnElement[bool]) -> int:
    """Cancel every text that has not left yet to a contact whose own text nobody has understood; returns how many.

    `who` is a condition on intents that says of whom that may be true. The runs that waited for the texts go on.
    """
    return _cancel_waiting(connection, sa.and_(who, _undecided()), Reason.UNDECIDED, now)


def cancel_suppressed(connection: sa.Connection, now: Instant, who: sa.ColumnElement[bool]) -> int:
    """Cancel every message that has not left yet on a channel that is closed to its contact; returns how many."""
    return _cancel_waiting(connection, sa.and_(who, _suppressed()), Reason.SUPPRESSED, now)


def cancel_misaddressed(connection: sa.Connection, old: sa.Select[tuple[int, str]], now: Instant) -> int:
    """Cancel every message that has not left yet to one of the (contact_id, address) selected; returns how many.

    The runs that waited for them go on.
    """
    to_old = sa.tuple_(intent.c.contact_id, intent.c.address).in_(old)
    return _cancel_waiting(connection, to_old, Reason.ADDRESS_CHANGED, now)


def cancel_superseded(connection: sa.Connection, who: sa.ColumnElement[bool], now: Instant) -> int:
    """Cancel the messages that have not left yet and that `who` describes, for newer ones take their place.

    Returns how many. The runs that waited for them go on.
    """
    return _cancel_waiting(connection, who, Reason.SUPERSEDED, now)


def _cancel_waiting(connection: sa.Connection, who: sa.ColumnElement[bool], reason: Reason, now: Instant) -> int:
    waiting = sa.update(intent).where(MAY_BE_CALLED_BACK, who).values(call_back(reason, now))
    found = connection.execute(waiting.returning(*_INTENT_KEY, intent.c.state))
    rows = [tuple(key) for *key, state in found if state == IntentState.CANCELLED]
    if rows:
        fill(connection, settled, rows)
        resume_held(connection, now)
    return len(rows)


def _opted_out() -> sa.ColumnElement[bool]:
    """Whether the contact of an intent has left its list; of who has no word on the list, the word on all counts."""
    asks = intent.c.list != NO_LIST
    stopped = sa.and_(intent.c.channel == "sms", has_stopped(intent.c.contact_id, intent.c.list, intent.c.sender))
    latest = sa.select(membership.c.state).where(membership.c.contact_id == intent.c.contact_id)
    own = latest.where(membership.c.list == intent.c.list).scalar_subquery()
    every = latest.where(membership.c.list == EVERY_LIST).scalar_subquery()
    return sa.and_(asks, sa.or_(sa.func.coalesce(own, every) == "unsubscribed", stopped))


def _suppressed() -> sa.ColumnElement[bool]:
    """Whether the channel of an intent is closed to its contact; answers of the engine's own leave all the same."""
    closed = (suppression.c.contact_id == intent.c.contact_id, suppression.c.channel == intent.c.channel)
    return sa.and_(intent.c.list != NO_LIST, sa.exists().where(*closed))


def _undecided() -> sa.ColumnElement[bool]:
    """Whether a text to the contact of an intent waits for somebody to read what it has texted."""
    is_text = sa.and_(intent.c.list != NO_LIST, intent.c.channel == "sms")
    return sa.and_(is_text, is_undecided(intent.c.contact_id, intent.c.list))


def resume_held(connection: sa.Connection, now: Instant) -> int:
    """Let the held runs of the settled messages go on, once none of their messages is open; returns how many.

    One that is held at the very step of its message goes on there: the step sees what became of it.
    """
    still_open = sa.exists().where(_RUN_OF_INTENT, intent.c.settled_at.is_(None))
    resumed = sa.update(run).where(_HELD_RUN, ~still_open)
    return connection.execute(resumed.values(state=RunState.ACTIVE, due_at=now)).rowcount


_RUN_OF_INTENT = sa.and_(
    intent.c.contact_id == run.c.contact_id,
    intent.c.conversation_id == run.c.conversation_id,
    intent.c.entry_no == run.c.entry_no,
)


RUN_OF_SETTLED = sa.and_(
    run.c.contact_id == led_by(settled.c.contact_id),
    run.c.conversation_id == led_by(settled.c.conversation_id),
    run.c.entry_no == led_by(settled.c.entry_no),
)
# The state beside what was settled, too: by itself it would let PostgreSQL go through all runs to find those held.
_STATE = sa.case((run.c.contact_id == settled.c.contact_id, run.c.state))
_HELD_RUN = sa.and_(RUN_OF_SETTLED, _STATE == RunState.HELD)


NEXT_READY: tuple[sa.ScalarSelect[Instant], ...] = tuple(
    _ready(lane).with_only_columns(sa.func.min(intent.c.not_before)).scalar_subquery() for lane in Lane
)
"""When the next message of each lane may leave; NULL where none is waiting."""
NEXT_STALE: sa.ScalarSelect[Instant] = (
    sa.select(sa.func.min(intent.c.lease_until))
    .where(intent.c.settled_at.is_(None), intent.c.state == IntentState.SENDING)
    .scalar_subquery()
)
"""When the next lease runs out; NULL when nothing is being sent."""


def sample_sent(connection: sa.Connection, version_id: int, step: int) -> tuple[Claimed, Instant] | None:
    """One message of a step that a provider has taken, and when that was; None when there is none."""
    taken = sa.select(*_CLAIMED, intent.c.settled_at).where(intent.c.version_id == version_id, intent.c.step == step)
    taken = taken.where(intent.c.state.in_([IntentState.ACCEPTED, IntentState.DELIVERED]))
    row = connection.execute(taken.order_by(intent.c.contact_id).limit(1)).first()
    return None if row is None else (Claimed._make(row[:-1]), row[-1])
