"""Happen: a step lets an event happen to the contacts that stand at it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from conductor_dsl.runtime.operate.frame import Frame
from conductor_dsl.store.batches import batch, led_by
from conductor_dsl.store.happenings import add_happenings
from conductor_dsl.store.tables import contact


def happen(
    frame: Frame, step: int, name: str, payload: Any, *, about: str = "", who: sa.ColumnElement[bool] | None = None
) -> int:
    """Let the event `name` happen to the rows at the step, or to those of them that `who` describes; returns how many.

    `payload` is JSON text, an expression over `contact` and the batch. The event takes its effect when the pass is
    over, and is stored once for each visit of a step; `about` tells several of the same name apart.
    """
    at, key = sa.literal(frame.now, sa.BigInteger), _key(frame, step, f"{name} {about}".strip())
    chosen = sa.select(batch.c.contact_id, sa.literal(name, sa.Text), at, payload, key)
    chosen = chosen.join_from(batch, contact, contact.c.id == led_by(batch.c.contact_id))
    chosen = chosen.where(frame.standing_at(step), sa.true() if who is None else who)
    return add_happenings(frame.connection, chosen, frame.loaded.conversation_id)


def _key(frame: Frame, step: int, what: str) -> sa.ColumnElement[str]:
    """What no other step, run or visit has: `changed tier 7.1.4.0`."""
    entry, visit = sa.cast(batch.c.entry_no, sa.Text), sa.cast(batch.c.visit, sa.Text)
    return sa.literal(f"{what} {frame.loaded.conversation_id}.", sa.Text) + entry + f".{step}." + visit
