"""What people decide about messages that the engine does not dare to decide about, or has given up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from conductor_dsl.program.states import UNSETTLED, HistoryKind, IntentState
from conductor_dsl.shared.clock import Instant
from conductor_dsl.shared.ids import Place
from conductor_dsl.store.batches import fill, settled
from conductor_dsl.store.insert_missing import insert_missing
from conductor_dsl.store.intents import KEY, RUN_OF_SETTLED, SETTLED_KEY, cancel_unwanted, resume_held
from conductor_dsl.store.runs import lock_runs
from conductor_dsl.store.tables import LOST, contact, conversation, history, intent, step


class Letter(NamedTuple):
    """A message that waits for a decision: its place, and what people know it by."""

    place: Place
    contact: str
    conversation: str
    step: str
    channel: str
    address: str
    attempts: int
    since: Instant
    expires_at: Instant
    reason: str | None


OWN = "Conductor"
"""What stands for the conversation of an answer of the engine's own."""
_PLACE = [intent.c[name] for name in KEY]
_SINCE = sa.func.coalesce(intent.c.settled_at, intent.c.not_before)


def letters(connection: sa.Connection, state: IntentState, limit: int, after: Instant | None = None) -> list[Letter]:
    """The messages in a state, those first that have waited longest; with `after` only those that live longer."""
    named = sa.select(
        *_PLACE,
        contact.c.key,
        sa.func.coalesce(conversation.c.name, OWN),
        step.c.name,
        *(intent.c[name] for name in ("channel", "address", "attempts")),
        _SINCE,
        intent.c.expires_at,
        intent.c.reason,
    )
    same_step = sa.and_(step.c.version_id == intent.c.version_id, step.c.number == intent.c.step)
    joined = named.select_from(intent).join(contact, contact.c.id == intent.c.contact_id)
    joined = joined.outerjoin(conversation, conversation.c.id == intent.c.conversation_id).outerjoin(step, same_step)
    found = joined.where(_waiting(state), *([] if after is None else [intent.c.expires_at > after]))
    order = intent.c.not_before if state in UNSETTLED else intent.c.settled_at
    rows = connection.execute(found.order_by(order, *_PLACE).limit(limit))
    return [Letter._make([tuple(row[:5]), *row[5:]]) for row in rows]


def count_letters(connection: sa.Connection, state: IntentState) -> int:
    """How many messages are in a state."""
    counted = sa.select(sa.func.count()).select_from(intent).where(_waiting(state))
    return connection.scalar(counted) or 0


def _waiting(state: IntentState) -> sa.ColumnElement[bool]:
    """In the words of the indexes."""
    return sa.and_(intent.c.settled_at.is_(None) if state in UNSETTLED else LOST, intent.c.state == state)


def decide(
    connection: sa.Connection, places: Sequence[Place], states: tuple[IntentState, IntentState], now: Instant, word: str
) -> int:
    """Move messages from a state to another, as people have decided; returns how many were in it.

    One that becomes `ready` leaves once more, unless its contact has left or its run was ended meanwhile; one whose
    time to live is over stays as it is. Runs that waited for the others go on. The word is kept in the history.
    """
    before, after = states
    again = after == IntentState.READY
    row = (None, after.value, now, None if again else now, word, 0)
    fill(connection, settled, [(*place, *row) for place in places])
    lock_runs(connection, RUN_OF_SETTLED)
    fits = [intent.c.state == before, *([intent.c.expires_at > now] if again else [])]
    _remember(connection, fits, now, word)
    moved = sa.update(intent).where(SETTLED_KEY, *fits)
    values: dict[str, Any] = {"state": after.value, "settled_at": settled.c.settled_at, "reason": word}
    if again:
        values |= {"attempts": 0, "not_before": now}
    count = connection.execute(moved.values(**values)).rowcount
    if again:
        cancel_unwanted(connection, now)
    resume_held(connection, now)
    return count


def _remember(connection: sa.Connection, fits: Sequence[sa.ColumnElement[bool]], now: Instant, word: str) -> None:
    columns = {name: intent.c[name] for name in ("contact_id", "conversation_id", "entry_no", "step")}
    told = {"at": sa.literal(now, sa.BigInteger), "kind": sa.literal(HistoryKind.DECIDED), "reason": sa.literal(word)}
    insert_missing(connection, history, columns | told, sa.select(intent).join(settled, SETTLED_KEY).where(*fits))
