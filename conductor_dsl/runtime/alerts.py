"""Alerts: what changed about a product is told to those who watch it, batch by batch, those first who waited longest.

An import only notes the change. Here each batch of watchers is one transaction, with the place up to which they have
been told; so a crash tells nobody twice, and leaves nobody out. A change that is not true any more when its turn comes,
because the product is sold out again, say, is dropped.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from conductor_dsl.language.flow import FlowThread
from conductor_dsl.plugin.contracts import TriggerSource
from conductor_dsl.program.json_sql import json_amount, json_record
from conductor_dsl.runtime.enter_by_chance import STALE, enter_by_chance, happen_by_chance
from conductor_dsl.runtime.programs import Loaded, Programs
from conductor_dsl.shared.clock import Clock, Instant
from conductor_dsl.shared.duration import Duration
from conductor_dsl.store.batches import chance, empty, watcher
from conductor_dsl.store.catalogue_tables import product
from conductor_dsl.store.chances import mark_entered
from conductor_dsl.store.incoming import lock_contacts
from conductor_dsl.store.insert_missing import insert_missing
from conductor_dsl.store.product_changes import Change, drop_change, keep_place, take_change, take_watchers
from conductor_dsl.store.products import BACK_IN_STOCK, LOW_STOCK, PRICE_DROP
from conductor_dsl.store.tables import contact, entry_mark
from conductor_dsl.store.versions import thread_ids
from conductor_dsl.store.watches import ASKED

FRESH = "30d"
"""How long ago others than those who asked may have shown their interest, unless the script says otherwise."""


@dataclass(frozen=True, slots=True)
class Alerted:
    """A change that was told to a batch of those who watch the product, and how many entered."""

    sku: str
    kind: str
    told: int
    count: int


@dataclass(frozen=True, slots=True)
class Alert:
    """One batch of watchers with what they are told, by one thread."""

    connection: sa.Connection
    programs: Programs
    change: Change
    loaded: Loaded
    thread: FlowThread
    thread_id: int
    now: Instant

    @property
    def arguments(self) -> dict[str, Any]:
        """What the trigger says."""
        assert self.thread.trigger is not None
        return dict(self.thread.trigger.arguments)


def alert_due(engine: sa.Engine, programs: Programs, clock: Clock, limit: int) -> Alerted | None:
    """Tell a batch of watchers of the change that came first; None when there is none."""
    with engine.begin() as connection:
        now, change = clock.now(), take_change(connection)
        if change is None:
            return None
        told = take_watchers(connection, change, limit) if change.is_so and change.at > now - STALE else 0
        entered = _tell(connection, programs, change, now) if told else {}
        if told < limit:
            drop_change(connection, change)
        else:
            keep_place(connection, change, {**change.entered, **entered})
        count = sum(each - change.entered.get(thread, 0) for thread, each in entered.items())
    return Alerted(change.sku, change.kind, told, count)


def _tell(connection: sa.Connection, programs: Programs, change: Change, now: Instant) -> dict[int, int]:
    """Let the change happen to the batch in `watcher`; returns how many have entered in all, by thread."""
    lock_contacts(connection, contact.c.id.in_(sa.select(watcher.c.contact_id)))
    seen = sa.func.coalesce(watcher.c.price_cents, sa.literal(change.before, sa.BigInteger))
    cheaper = [seen > change.after] if change.kind == PRICE_DROP else []
    _fill(connection, change, seen, sa.select(watcher).where(*cheaper))
    happen_by_chance(connection, programs, change.kind, now)
    entered = {}
    ids = thread_ids(connection)
    for loaded, thread in programs.live_threads(TriggerSource.PRODUCT):
        each = Alert(connection, programs, change, loaded, thread, ids[loaded.conversation_id, thread.name], now)
        if _concerns(each):
            entered[each.thread_id] = change.entered.get(each.thread_id, 0) + _enter(each)
    return entered


def _concerns(alert: Alert) -> bool:
    """Whether a thread wants to hear of a change at all."""
    change, arguments = alert.change, alert.arguments
    if change.kind != arguments["kind"] or change.at < alert.loaded.since[alert.thread.name]:
        return False
    if arguments["skus"] and change.sku not in arguments["skus"]:
        return False
    return change.kind != LOW_STOCK or change.after <= arguments["pieces"] < (change.before or 0)


def _enter(alert: Alert) -> int:
    """Let the watchers in, at most so many for each piece; returns how many entered."""
    limit, number, entered = _seats(alert), 0, 0
    while limit is None or limit > entered:
        chosen = _chosen(alert).where(watcher.c.number > number).order_by(watcher.c.number)
        if limit is not None:
            chosen = chosen.limit(limit - entered)
        offered = _offer(alert, chosen)
        entered += enter_by_chance(alert.connection, alert.programs, alert.loaded, alert.thread, alert.now)
        mark_entered(alert.connection, alert.thread_id, alert.loaded.conversation_id, alert.now)
        if limit is None or offered is None:
            break
        number = offered
    return entered


def _seats(alert: Alert) -> int | None:
    """How many may still enter by this change; None for any number."""
    per_piece = alert.arguments["limit"]
    if per_piece is None:
        return None
    return int(per_piece * (alert.change.stock or 0)) - alert.change.entered.get(alert.thread_id, 0)


def _offer(alert: Alert, chosen: sa.Select[Any]) -> int | None:
    """Put the chosen watchers into the batch `chance`; the number of the last one, None where there is none."""
    _fill(alert.connection, alert.change, _seen(alert), chosen)
    if alert.arguments["limit"] is None:
        return None
    last: int | None = alert.connection.scalar(sa.select(sa.func.max(chosen.subquery().c.number)))
    return last


def _fill(connection: sa.Connection, change: Change, seen: sa.ColumnElement[int], chosen: sa.Select[Any]) -> None:
    """Fill the batch `chance` with what is told; `seen` is the price against which a drop counts."""
    empty(connection, chance)
    mark = change.after if change.kind == PRICE_DROP else change.at
    columns = {
        "contact_id": watcher.c.contact_id,
        "thing": sa.literal(_thing(change)),
        "mark": sa.literal(mark, sa.BigInteger),
        "due_at": watcher.c.since_at,
        "payload": _payload(change, seen),
    }
    insert_missing(connection, chance, columns, chosen.join(product, product.c.sku == change.sku))


def _thing(change: Change) -> str:
    return f"{change.kind} {change.sku}"


def _payload(change: Change, seen: sa.ColumnElement[int]) -> sa.ColumnElement[str]:
    p = product.c
    told: list[Any] = ["sku", p.sku, "name", p.name, "price", json_amount(p.price_cents), "stock", p.stock]
    told += ["url", p.url, "image", p.image]
    if change.kind == PRICE_DROP:
        percent = (seen - p.price_cents) * 100 // sa.func.nullif(seen, 0)
        told += ["was", json_amount(seen), "percent", percent]
    return json_record(*told)


def _chosen(alert: Alert) -> sa.Select[Any]:
    """Those watchers whom the thread tells."""
    change, arguments, kind = alert.change, alert.arguments, watcher.c.kind
    fits = [kind.in_(arguments["of"]), _is_fresh(alert)]
    if change.kind == BACK_IN_STOCK and change.before is None:
        fits.append(kind == ASKED)
    known = _known(alert)
    if change.kind == PRICE_DROP:
        share = int((100 - Decimal(str(arguments["percent"]))) * 100)
        fits.append(_seen(alert) * share >= sa.literal(change.after, sa.BigInteger) * 10_000)
    else:
        fits.append(~sa.exists(known.where(entry_mark.c.mark >= change.at)))
    return sa.select(watcher).where(*fits)


def _is_fresh(alert: Alert) -> sa.ColumnElement[bool]:
    within = alert.arguments["within"]
    fresh = watcher.c.since_at > Duration.parse(within or FRESH).before(alert.now)
    return fresh if within else sa.or_(fresh, watcher.c.kind == ASKED)


def _known(alert: Alert) -> sa.Select[Any]:
    """The mark of what the thread has told a watcher of this kind of change."""
    same = (entry_mark.c.contact_id == watcher.c.contact_id, entry_mark.c.thread_id == alert.thread_id)
    return sa.select(entry_mark.c.mark).where(*same, entry_mark.c.thing == _thing(alert.change))


def _seen(alert: Alert) -> sa.ColumnElement[int]:
    """The price that was told last; else that of the day on which the interest began; else that before the change."""
    before = sa.literal(alert.change.before, sa.BigInteger)
    return sa.func.coalesce(_known(alert).scalar_subquery(), watcher.c.price_cents, before)
