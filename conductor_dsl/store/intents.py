"""The outbox: claimed before the first byte leaves, settled after the provider has answered."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from conductor_dsl.program.states import IntentState, RunState
from conductor_dsl.shared.clock import Instant
from conductor_dsl.store.batches import fill, led_by, settled
from conductor_dsl.store.tables import intent, run

KEY = ("contact_id", "conversation_id", "entry_no", "step", "visit")
_INTENT_KEY = [intent.c[name] for name in KEY]
_SETTLED_KEY = sa.and_(*(intent.c[name] == led_by(settled.c[name]) for name in KEY))


def claim_ready(
    connection: sa.Connection, *, node: str, now: Instant, lease_until: Instant, limit: int
) -> list[sa.Row[Any]]:
    """Mark messages that may leave now as being sent by this node; returns them whole.

    Once this is committed, a crash leaves them `sending`: their outcome is then unknown, and `claim_stale` finds them.
    """
    ready = sa.select(*_INTENT_KEY).where(intent.c.settled_at.is_(None), intent.c.state == IntentState.READY)
    ready = ready.where(intent.c.not_before <= now).order_by(intent.c.not_before).limit(limit)
    return _claim(connection, ready.with_for_update(skip_locked=True), node=node, lease_until=lease_until)


def claim_stale(
    connection: sa.Connection, *, node: str, now: Instant, lease_until: Instant, limit: int
) -> list[sa.Row[Any]]:
    """Take over messages that another node was sending when its lease ran out; returns them whole."""
    stale = sa.select(*_INTENT_KEY).where(intent.c.settled_at.is_(None), intent.c.state == IntentState.SENDING)
    stale = stale.where(intent.c.lease_until <= now).limit(limit)
    return _claim(connection, stale.with_for_update(skip_locked=True), node=node, lease_until=lease_until)


def _claim(connection: sa.Connection, chosen: sa.Select[Any], *, node: str, lease_until: Instant) -> list[sa.Row[Any]]:
    claimed = sa.update(intent).where(sa.tuple_(*_INTENT_KEY).in_(chosen))
    claimed = claimed.values(
        state=IntentState.SENDING, claimed_by=node, lease_until=lease_until, attempts=intent.c.attempts + 1
    )
    return list(connection.execute(claimed.returning(intent)))


def settle(connection: sa.Connection, node: str | None, rows: list[tuple[object, ...]]) -> int:
    """Write down what became of messages; returns how many were changed.

    `rows` are (contact, conversation, entry, step, visit, state, not_before, settled_at, provider_id, reason). With a
    node only messages that it still holds change: after its lease has been taken over it has no say any more.
    """
    fill(connection, settled, rows)
    changed = sa.update(intent).where(_SETTLED_KEY)
    if node is not None:
        changed = changed.where(intent.c.claimed_by == node, intent.c.state == IntentState.SENDING)
    changed = changed.values(
        state=settled.c.state,
        not_before=settled.c.not_before,
        settled_at=settled.c.settled_at,
        provider_id=settled.c.provider_id,
        reason=settled.c.reason,
        claimed_by=None,
        lease_until=None,
    )
    return connection.execute(changed).rowcount


def resume_held(connection: sa.Connection, now: Instant) -> int:
    """Let the held runs of the settled messages go on, once none of their messages is open; returns how many.

    A run that is held at the very step of the message stays: its step decides where it goes (see `route_parked`).
    """
    still_open = sa.exists().where(
        intent.c.contact_id == run.c.contact_id,
        intent.c.conversation_id == run.c.conversation_id,
        intent.c.entry_no == run.c.entry_no,
        intent.c.settled_at.is_(None),
    )
    elsewhere = sa.or_(run.c.step != settled.c.step, run.c.visit != settled.c.visit)
    resumed = sa.update(run).where(_run_of_settled(), elsewhere, ~still_open)
    return connection.execute(resumed.values(state=RunState.ACTIVE, due_at=now)).rowcount


def route_parked(
    connection: sa.Connection, version_id: int, step: int, states: tuple[str, ...], *, target: int | None, now: Instant
) -> int:
    """Send the runs that are held at a sending step on to `target` if their message has one of `states`."""
    chosen = sa.update(run).where(_run_of_settled(), run.c.version_id == version_id)
    chosen = chosen.where(run.c.step == step, settled.c.step == step, settled.c.visit == run.c.visit)
    chosen = chosen.where(settled.c.state.in_(states))
    if target is None:
        return connection.execute(chosen.values(state=RunState.COMPLETED, ended_at=now, reason="end")).rowcount
    return connection.execute(chosen.values(state=RunState.ACTIVE, due_at=now, step=target)).rowcount


def _run_of_settled() -> sa.ColumnElement[bool]:
    return sa.and_(
        run.c.contact_id == led_by(settled.c.contact_id),
        run.c.conversation_id == led_by(settled.c.conversation_id),
        run.c.entry_no == led_by(settled.c.entry_no),
        run.c.state == RunState.HELD,
        settled.c.settled_at.is_not(None),
    )


def next_due(connection: sa.Connection) -> Instant | None:
    """When the next message may leave or the next lease runs out; None when there is neither."""
    ready = sa.select(sa.func.min(intent.c.not_before))
    ready = ready.where(intent.c.settled_at.is_(None), intent.c.state == IntentState.READY)
    leased = sa.select(sa.func.min(intent.c.lease_until))
    leased = leased.where(intent.c.settled_at.is_(None), intent.c.state == IntentState.SENDING)
    found = [connection.scalar(ready), connection.scalar(leased)]
    return min((at for at in found if at is not None), default=None)


def sample_sent(connection: sa.Connection, version_id: int, step: int) -> sa.Row[Any] | None:
    """One message of a step that a provider has taken, whole; None when there is none."""
    taken = sa.select(intent).where(intent.c.version_id == version_id, intent.c.step == step)
    taken = taken.where(intent.c.state.in_([IntentState.ACCEPTED, IntentState.DELIVERED]))
    return connection.execute(taken.order_by(intent.c.contact_id).limit(1)).first()
