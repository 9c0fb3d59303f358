"""Enlist: contacts join a list or leave it by a step, with all that the ledger of consent wants to know."""

from __future__ import annotations

import sqlalchemy as sa

from conductor_dsl.program.operations import Enlist
from conductor_dsl.program.states import HistoryKind
from conductor_dsl.runtime.operate.frame import Frame
from conductor_dsl.store.batches import batch, led_by
from conductor_dsl.store.consents import UNSUBSCRIBED, add_words
from conductor_dsl.store.intents import cancel_opted_out
from conductor_dsl.store.tables import contact, intent, membership, run

CHANGES, STAYS = "changes", "stays"


def operate(frame: Frame, step: int, enlist: Enlist) -> None:
    """Write a word for each contact for whom it is new; an opt-out calls back what has not left, as any opt-out does.

    A yes dates from the event that let the contact in, not from the step: whoever said no in between, by a STOP say,
    has spoken last.
    """
    state = sa.select(membership.c.state).where(membership.c.contact_id == contact.c.id)
    state = state.where(membership.c.list == enlist.list)
    changes = state.scalar_subquery().is_distinct_from(enlist.action)
    frame.decide(step, sa.case((changes, CHANGES), else_=STAYS))
    changing = sa.and_(frame.standing_at(step), batch.c.verdict == CHANGES)
    add_words(frame.connection, _words(frame, step, enlist).where(changing), frame.now, frame.loaded.conversation_id)
    if enlist.action == UNSUBSCRIBED:
        who = intent.c.contact_id.in_(sa.select(batch.c.contact_id).where(changing))
        cancel_opted_out(frame.connection, frame.now, who)
    frame.record(step, HistoryKind.ENLISTED, changing, f"{enlist.action} {enlist.list}")
    frame.advance(step, enlist.next)


def _words(frame: Frame, step: int, enlist: Enlist) -> sa.Select[tuple[object, ...]]:
    """The words in the columns of the ledger."""
    loaded = frame.loaded
    source = f"conversation {loaded.flow.name}, step {loaded.flow.steps[step].name}"
    at = sa.literal(frame.now, sa.BigInteger) if enlist.action == UNSUBSCRIBED else run.c.entered_at
    proof = "" if enlist.action == UNSUBSCRIBED else sa.func.coalesce(run.c.payload, "")
    columns = (
        batch.c.contact_id,
        sa.literal(enlist.list, sa.Text),
        at,
        sa.literal(enlist.action, sa.Text),
        sa.literal(source, sa.Text),
        sa.literal(enlist.text, sa.Text),
        sa.literal(proof, sa.Text) if isinstance(proof, str) else proof,
    )
    own = sa.and_(
        run.c.contact_id == led_by(batch.c.contact_id),
        run.c.conversation_id == loaded.conversation_id,
        run.c.entry_no == batch.c.entry_no,
    )
    return sa.select(*columns).join_from(batch, run, own)
