"""Unsubscribe: contacts leave lists by a link of ours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from conductor_dsl.runtime.arrivals import settle_arrivals, settle_opt_outs
from conductor_dsl.runtime.programs import Programs
from conductor_dsl.shared.clock import Instant
from conductor_dsl.store.consents import UNSUBSCRIBED, add_consents
from conductor_dsl.store.tables import contact

SOURCE = "link"


@dataclass(frozen=True, slots=True)
class Leaver:
    """A contact who leaves a list, and what shows it."""

    contact_id: int
    list: str
    proof: str


def unsubscribe(connection: sa.Connection, programs: Programs, leavers: Sequence[Leaver], now: Instant) -> int:
    """Write it into the ledger, call back what waits to be sent, and let it take its effect; returns how many were new.

    A contact who is not here any more is passed over.
    """
    found = sa.select(contact.c.id, contact.c.key).where(contact.c.id.in_({each.contact_id for each in leavers}))
    keys = {row.id: row.key for row in connection.execute(found)}
    rows = [
        (number, None, keys[each.contact_id], each.list, now, UNSUBSCRIBED, SOURCE, "", each.proof)
        for number, each in enumerate(leavers)
        if each.contact_id in keys
    ]
    added, _ = add_consents(connection, list(rows), now)
    settle_opt_outs(connection, now)
    settle_arrivals(connection, programs, now)
    return added
