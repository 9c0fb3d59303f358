"""Late receipts: what became of messages after their provider had taken them. They never move a message back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from conductor_dsl.program.states import IntentState
from conductor_dsl.shared.clock import Instant
from conductor_dsl.shared.ids import Place
from conductor_dsl.store.batches import fill, settled
from conductor_dsl.store.intents import RUN_OF_SETTLED, SETTLED_KEY, resume_held
from conductor_dsl.store.runs import lock_runs
from conductor_dsl.store.tables import intent

RANKS = {IntentState.ACCEPTED: 1, IntentState.UNDELIVERED: 2, IntentState.DELIVERED: 3}
"""How much is known in a state; in every other one nothing is, and any word of the provider's counts for more."""


def lock_told(connection: sa.Connection, places: Sequence[Place]) -> None:
    """Lock the runs of messages of which a provider has told what may close their addresses; their contacts must be.

    Whoever closes an address writes to messages, and whoever settles these has locked their runs before.
    """
    fill(connection, settled, places)
    lock_runs(connection, RUN_OF_SETTLED)


def settle_late(connection: sa.Connection, rows: Sequence[tuple[object, ...]], now: Instant) -> int:
    """Write down what is known better now; returns of how many messages.

    `rows` are (contact, conversation, entry, step, visit, provider_id, state, not_before, settled_at, reason, untried),
    one for each message. Whoever has a message in hand loses it: that its provider has it is certain now. Runs that
    waited for the verdict go on.
    """
    fill(connection, settled, rows)
    lock_runs(connection, RUN_OF_SETTLED)
    better = sa.update(intent).where(SETTLED_KEY, _rank(settled.c.state) > _rank(intent.c.state))
    better = better.values(
        state=settled.c.state,
        settled_at=sa.func.coalesce(intent.c.settled_at, settled.c.settled_at),
        provider_id=sa.func.coalesce(settled.c.provider_id, intent.c.provider_id),
        reason=settled.c.reason,
        claimed_by=None,
        lease_until=None,
    )
    changed = connection.execute(better).rowcount
    resume_held(connection, now)
    return changed


def channels_of_settled(connection: sa.Connection) -> list[sa.Row[Any]]:
    """(contact, conversation, entry, step, visit, channel) of the messages that `settled` holds."""
    key = [settled.c[name] for name in ("contact_id", "conversation_id", "entry_no", "step", "visit")]
    return list(connection.execute(sa.select(*key, intent.c.channel).join(intent, SETTLED_KEY)))


def _rank(state: sa.ColumnElement[str]) -> sa.ColumnElement[int]:
    return sa.case({name.value: rank for name, rank in RANKS.items()}, value=state, else_=0)
