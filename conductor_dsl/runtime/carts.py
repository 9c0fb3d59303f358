"""Carts: one that nobody has touched for a while gives its contact a chance to enter."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from conductor_dsl.language.flow import FlowThread
from conductor_dsl.program.json_sql import json_amount, json_parsed, json_record
from conductor_dsl.runtime.enter_by_chance import STALE
from conductor_dsl.runtime.programs import Loaded
from conductor_dsl.shared.clock import Instant
from conductor_dsl.shared.duration import Duration
from conductor_dsl.store.batches import chance
from conductor_dsl.store.catalogue_tables import cart


def cart_chances(loaded: Loaded, thread: FlowThread, contacts: sa.Select[Any], now: Instant) -> sa.Select[Any]:
    """The chances that the open carts of these contacts give: (contact_id, thing, mark, due_at).

    Not those that came before the thread was published, and not those that came so long ago that they are stale.
    """
    assert thread.trigger is not None
    due = cart.c.at + Duration.parse(thread.trigger.arguments["after"]).length
    found = sa.select(cart.c.contact_id, cart.c.key.label("thing"), cart.c.at.label("mark"), due.label("due_at"))
    earliest = max(loaded.since[thread.name], now - STALE)
    return found.where(cart.c.contact_id.in_(contacts), cart.c.open, due >= earliest)


def with_carts(_loaded: Loaded, thread: FlowThread, last: int, limit: int, now: Instant) -> sa.Select[Any]:
    """The next contacts, after `last`, with a cart that was touched lately."""
    assert thread.trigger is not None
    since = now - STALE - Duration.parse(thread.trigger.arguments["after"]).length
    touched = sa.select(cart.c.contact_id).where(cart.c.at >= since, cart.c.contact_id > last).distinct()
    return touched.order_by(cart.c.contact_id).limit(limit)


def judge_carts(connection: sa.Connection, _loaded: Loaded, _thread: FlowThread, now: Instant) -> None:
    """Write what to tell of each cart in the batch `chance` that is still open, and as it was."""
    payload = json_record(
        "cart_id", cart.c.key, "total", json_amount(cart.c.total_cents), "url", cart.c.url,
        "items", json_parsed(cart.c["items"]),
    )  # fmt: skip
    same = (cart.c.contact_id == chance.c.contact_id, cart.c.key == chance.c.thing, cart.c.at == chance.c.mark)
    still = sa.select(payload).where(*same, cart.c.open).correlate(chance).scalar_subquery()
    connection.execute(sa.update(chance).where(chance.c.due_at > now - STALE).values(payload=still))
