"""Messages that must not leave any more: those that wait are cancelled, of those that are claimed it is noted.

A node reads what it has claimed once that is committed, and hands back what is noted. So whatever is stored until then
still counts; what has been handed to a provider cannot be called back.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from conductor_dsl.program.states import IntentState, Reason
from conductor_dsl.shared.clock import Instant
from conductor_dsl.store.tables import intent

CALLED_BACK = frozenset(
    (
        Reason.OPTED_OUT,
        Reason.UNDECIDED,
        Reason.SUPPRESSED,
        Reason.ADDRESS_CHANGED,
        Reason.SUPERSEDED,
        Reason.RUN_EXITED,
    )
)
"""Why messages are called back: in a message that is being sent, the note."""

_IS_READY = intent.c.state == IntentState.READY
MAY_BE_CALLED_BACK = sa.and_(
    intent.c.settled_at.is_(None), intent.c.state.in_([IntentState.READY.value, IntentState.SENDING.value])
)


def call_back(reason: Reason, now: Instant) -> dict[str, Any]:
    """What an update of messages that `MAY_BE_CALLED_BACK` sets."""
    # One that is nobody's is in doubt at its provider, and says why.
    may_say = sa.or_(_IS_READY, intent.c.claimed_by.is_not(None))
    return {
        "state": sa.case((_IS_READY, IntentState.CANCELLED.value), else_=intent.c.state),
        "settled_at": sa.case((_IS_READY, sa.literal(now, sa.BigInteger))),
        "reason": sa.case((may_say, reason.value), else_=intent.c.reason),
    }
