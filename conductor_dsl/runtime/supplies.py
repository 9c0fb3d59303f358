"""Supplies: what a contact has bought runs out one day, and some time before that is a chance to enter.

When that is: the pieces of the latest purchase, times how long one piece lasts. That is the contact's own pace, once
they have bought the product at two times, if it is neither twice as fast nor twice as slow as expected; else what the
script says (`every`); else `lasts` of the product. Where nothing is expected, the own pace alone decides, but only for
products that the script names.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from conductor_dsl.language.flow import FlowThread
from conductor_dsl.program.facts import SqlFacts
from conductor_dsl.program.json_sql import json_amount, json_record
from conductor_dsl.program.own_functions import cdx_moved_instant
from conductor_dsl.runtime.enter_by_chance import STALE
from conductor_dsl.runtime.programs import Loaded
from conductor_dsl.shared.clock import DAY, Instant
from conductor_dsl.shared.duration import Duration
from conductor_dsl.store.batches import chance
from conductor_dsl.store.catalogue_tables import product
from conductor_dsl.store.tables import contact, metadata, order_item

PATIENCE = 14 * DAY
"""How long a reminder is put off, from day to day, while the product is out of stock."""
LONGEST = 3650 * DAY
"""What lasts longer is no supply."""


def supply_chances(loaded: Loaded, thread: FlowThread, contacts: sa.Select[Any], now: Instant) -> sa.Select[Any]:
    """The chances that the latest purchases of these contacts give: (contact_id, thing, mark, due_at).

    Not those that came before the thread was published, and not those that came so long ago that they are stale.
    """
    supply = _supplies(loaded, thread, contacts).subquery("supply").c
    found = sa.select(supply.contact_id, supply.sku.label("thing"), supply.at.label("mark"), supply.due_at)
    earliest = max(loaded.since[thread.name], now - STALE)
    return found.where(supply.due_at >= earliest, supply.due_at > supply.at)


def with_purchases(_loaded: Loaded, _thread: FlowThread, last: int, limit: int, _now: Instant) -> sa.Select[Any]:
    """The next contacts, after `last`, who have bought anything."""
    bought = sa.select(order_item.c.contact_id).where(order_item.c.contact_id > last).distinct()
    return bought.order_by(order_item.c.contact_id).limit(limit)


def judge_supplies(connection: sa.Connection, loaded: Loaded, thread: FlowThread, now: Instant) -> None:
    """Write what to tell of each product in the batch `chance`, or when its chance comes again.

    Nothing is told where there is a newer purchase. Where it is known meanwhile that the product lasts longer, the
    chance comes later.
    """
    supply = _supplies(loaded, thread, sa.select(chance.c.contact_id)).subquery("supply").c
    payload = json_record(
        "sku", supply.sku, "name", supply.name, "price", json_amount(supply.price_cents), "stock", supply.stock,
        "url", supply.url, "image", supply.image, "bought_at", supply.at, "quantity", supply.quantity,
    )  # fmt: skip
    out = sa.func.coalesce(supply.stock, 1) <= 0
    early, patient = supply.due_at > now, supply.due_at > now - PATIENCE
    told = sa.and_(~out, ~early, chance.c.due_at > now - STALE)
    tomorrow = sa.literal(now + DAY, sa.BigInteger)
    same = sa.and_(chance.c.contact_id == supply.contact_id, chance.c.thing == supply.sku, chance.c.mark == supply.at)
    judged = sa.update(chance).where(same)
    again = sa.case((early, supply.due_at), (sa.and_(out, patient), tomorrow))
    connection.execute(judged.values(payload=sa.case((told, payload)), again_at=again))


def _supplies(loaded: Loaded, thread: FlowThread, contacts: sa.Select[Any]) -> sa.Select[Any]:
    """What these contacts bought last of each product that counts, with the instant of the reminder as `due_at`."""
    assert thread.trigger is not None
    arguments = thread.trigger.arguments
    every = arguments["every"]
    latest = _latest(contacts, arguments["skus"]).subquery("latest")
    last = latest.c
    own = (last.at - last.first_at) // sa.func.nullif(last.pieces - last.quantity, 0)
    told = sa.literal(min(Duration.parse(every).length, LONGEST), sa.BigInteger) if every else product.c.lasts
    usual = sa.or_(told.is_(None), sa.and_(own * 2 >= told, own <= told * 2))
    pace = sa.case((sa.and_(last.at > last.first_at, usual), own), else_=told)
    lead = Duration.parse(arguments["before"]).length
    due = _later(last.at, pace * last.quantity - lead, SqlFacts(metadata.tables, 0, {}, loaded.asking).zone)
    of_product = (product.c[name] for name in ("name", "price_cents", "stock", "url", "image"))
    found = sa.select(last.contact_id, last.sku, last.at, last.quantity, *of_product, due.label("due_at"))
    found = found.select_from(
        latest.join(contact, contact.c.id == last.contact_id).outerjoin(product, product.c.sku == last.sku)
    ).where(last.rank == 1)
    return found if arguments["skus"] else found.where(product.c.lasts.is_not(None))


def _later(at: sa.ColumnElement[int], length: sa.ColumnElement[int], zone: sa.ColumnElement[str]) -> Any:
    """An instant some milliseconds later, where whole days keep the time of day."""
    days = length // DAY
    return cdx_moved_instant(at, 0, sa.cast(sa.func.coalesce(days, 0), sa.Integer), zone) + (length - days * DAY)


def _latest(contacts: sa.Select[Any], skus: list[str] | None) -> sa.Select[Any]:
    """The purchases of these contacts, the latest of each product with the rank 1; `pieces` are those of all."""
    item = order_item.c
    same = (item.contact_id, item.sku)
    latest_first = (item.at.desc(), item.order_key.desc())
    bought: sa.Select[Any] = sa.select(
        item.contact_id,
        item.sku,
        item.at,
        item.quantity,
        sa.func.min(item.at).over(partition_by=same).label("first_at"),
        sa.cast(sa.func.sum(item.quantity).over(partition_by=same), sa.BigInteger).label("pieces"),
        sa.func.row_number().over(partition_by=same, order_by=latest_first).label("rank"),
    ).where(item.contact_id.in_(contacts))
    return bought.where(item.sku.in_(skus)) if skus else bought
