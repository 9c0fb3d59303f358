"""Quarantine: runs at whom alone the function of a step fails, listed for people, who let them go on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa

from conductor_dsl.program.states import HistoryKind, RunState
from conductor_dsl.shared.clock import Instant
from conductor_dsl.store.insert_missing import insert_missing
from conductor_dsl.store.runs import lock_runs
from conductor_dsl.store.tables import contact, conversation, history, run, step


class Quarantined(NamedTuple):
    """A run that is kept from its neighbours, by what people know it by; `since` is None where nobody knows."""

    contact: str
    conversation: str
    step: str
    reason: str | None
    since: Instant | None


_KEPT = sa.and_(run.c.ended_at.is_(None), run.c.state == RunState.QUARANTINED)
"""In the words of the index over open runs."""


def quarantined(connection: sa.Connection, limit: int) -> list[Quarantined]:
    """Those in quarantine, by conversation, step and contact."""
    told = sa.select(sa.func.max(history.c.at)).where(
        history.c.contact_id == run.c.contact_id,
        history.c.conversation_id == run.c.conversation_id,
        history.c.entry_no == run.c.entry_no,
        history.c.kind == HistoryKind.QUARANTINED,
    )
    names = (contact.c.key, conversation.c.name, step.c.name)
    found = sa.select(*names, run.c.reason, told.scalar_subquery()).select_from(run)
    found = found.join(contact, contact.c.id == run.c.contact_id)
    found = found.join(conversation, conversation.c.id == run.c.conversation_id)
    found = found.join(step, sa.and_(step.c.version_id == run.c.version_id, step.c.number == run.c.step))
    rows = connection.execute(found.where(_KEPT).order_by(conversation.c.name, run.c.step, contact.c.key).limit(limit))
    return [Quarantined._make(row) for row in rows]


def count_quarantined(connection: sa.Connection) -> int:
    """How many are in quarantine."""
    return connection.scalar(sa.select(sa.func.count()).select_from(run).where(_KEPT)) or 0


def release(connection: sa.Connection, keys: Sequence[str] | None, now: Instant, word: str) -> int:
    """Let contacts, by their keys, go on at the step at which they were set aside; None is everybody. Returns how many.

    The word is kept in the history.
    """
    who = _KEPT
    if keys is not None:
        who = sa.and_(_KEPT, run.c.contact_id.in_(sa.select(contact.c.id).where(contact.c.key.in_(keys))))
    lock_runs(connection, who)
    columns = {
        "contact_id": run.c.contact_id,
        "at": sa.literal(now, sa.BigInteger),
        "conversation_id": run.c.conversation_id,
        "entry_no": run.c.entry_no,
        "step": run.c.step,
        "kind": sa.literal(HistoryKind.DECIDED.value),
        "reason": sa.literal(word),
    }
    insert_missing(connection, history, columns, sa.select(run).where(who))
    freed = sa.update(run).where(who).values(state=RunState.ACTIVE, due_at=now, reason=None)
    return connection.execute(freed).rowcount
