"""Products, carts, coupons, draws, happenings, steps by name and recurring threads; what was bought, by product."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

from conductor_dsl.shared.draw import bucket_of
from conductor_dsl.store.migrations.before_counting import Patches

revision = "r02"
down_revision = "r01"
additive = False

AT_ONCE = 10_000
"""Rows that are held in memory at once."""
MOST = 1_000_000
"""Pieces of a product in an order."""

_PRODUCT = """
    sku TEXT NOT NULL, name TEXT DEFAULT '' NOT NULL, price_cents BIGINT, stock INTEGER, url TEXT DEFAULT '' NOT NULL,
    image TEXT DEFAULT '' NOT NULL, lasts BIGINT, fields TEXT DEFAULT '{{}}' NOT NULL, updated_at BIGINT NOT NULL,
    PRIMARY KEY (sku)"""
_CHANGE = """
    sku TEXT NOT NULL, kind TEXT NOT NULL, at BIGINT NOT NULL, "before" BIGINT, "after" BIGINT NOT NULL,
    told_since BIGINT DEFAULT '-1' NOT NULL, told_contact {id} DEFAULT '0' NOT NULL,
    told_kind TEXT DEFAULT '' NOT NULL, entered TEXT DEFAULT '{{}}' NOT NULL, PRIMARY KEY (sku, kind)"""
_CART = """
    contact_id {id} NOT NULL, key TEXT NOT NULL, at BIGINT NOT NULL, total_cents BIGINT NOT NULL,
    items TEXT DEFAULT '[]' NOT NULL, url TEXT DEFAULT '' NOT NULL, open BOOLEAN NOT NULL,
    PRIMARY KEY (contact_id, key)"""
_COUPON = """
    code TEXT NOT NULL, pool TEXT NOT NULL, expires_at BIGINT NOT NULL, last_day TEXT, contact_id {id},
    conversation_id {id}, entry_no INTEGER, field TEXT, claimed_at BIGINT, PRIMARY KEY (code)"""
_HAPPENING = """
    contact_id {id} NOT NULL, key TEXT NOT NULL, name TEXT NOT NULL, at BIGINT NOT NULL, payload TEXT NOT NULL,
    caused_by {id}, PRIMARY KEY (contact_id, key)"""
_ITEM = """
    contact_id {id} NOT NULL, sku TEXT NOT NULL, at BIGINT NOT NULL, order_key TEXT NOT NULL,
    quantity INTEGER DEFAULT '1' NOT NULL, PRIMARY KEY (contact_id, sku, at, order_key)"""


def upgrade() -> None:
    """Make what is missing, and reckon from what is kept what later programs keep beside it."""
    db = Patches(op.get_bind())
    _drop_drafts(db)
    _catalogue(db)
    _coupons(db)
    _runs(db)
    _fill_buckets(db)
    _fill_steps(db)
    _fill_items(db)


def _drop_drafts(db: Patches) -> None:
    """Drop tables as they were first laid down: no program of that time wrote to them."""
    if "id" in db.columns.get("product_change", {}):
        db.drop("product_change")
    if "stored_at" in db.columns.get("cart", {}):
        db.drop("cart")
    if isinstance(db.columns.get("product", {}).get("lasts"), sa.Text):
        db.drop("product")
    if "coupon" in db.columns and "last_day" not in db.columns["coupon"]:
        db.drop("coupon")
    awaits = db.columns.get("run", {}).get("awaits")
    if isinstance(awaits, sa.Integer) and not isinstance(awaits, sa.BigInteger):
        db.drop_column("run", "awaits")


def _catalogue(db: Patches) -> None:
    db.create("product", _PRODUCT)
    db.create("product_change", _CHANGE)
    db.create(
        "watch",
        "contact_id {id} NOT NULL, sku TEXT NOT NULL, kind TEXT NOT NULL, since_at BIGINT NOT NULL, "
        "price_cents BIGINT, PRIMARY KEY (contact_id, sku, kind)",
    )
    db.add("watch", "price_cents", "BIGINT")
    db.create("cart", _CART)
    db.create(
        "cart_item",
        "contact_id {id} NOT NULL, cart_key TEXT NOT NULL, sku TEXT NOT NULL, PRIMARY KEY (contact_id, cart_key, sku)",
    )
    db.create("order_item", _ITEM)
    db.index("product_change_at", "product_change", "at")
    db.index("watch_sku", "watch", "sku, since_at, contact_id, kind")
    db.index("cart_at", "cart", "at")
    db.index("orders_at", "orders", "at")
    db.index("order_item_sku", "order_item", "sku, quantity, at")


def _coupons(db: Patches) -> None:
    db.create(
        "pool",
        "name TEXT NOT NULL, cutoff TEXT NOT NULL, warn_below INTEGER NOT NULL, notify TEXT NOT NULL, "
        "PRIMARY KEY (name)",
        kept_in_key=False,
    )
    db.create("coupon", _COUPON)
    db.index("coupon_free", "coupon", "pool, expires_at, code", "contact_id IS NULL")
    db.index("coupon_given", "coupon", "contact_id, pool", "contact_id IS NOT NULL")


def _runs(db: Patches) -> None:
    db.add("contact", "bucket", "INTEGER DEFAULT '0' NOT NULL")
    db.add("event", "caused_by", "{id}")
    db.create("happening", _HAPPENING)
    db.create(
        "entry_mark",
        "contact_id {id} NOT NULL, thread_id {id} NOT NULL, thing TEXT NOT NULL, mark BIGINT NOT NULL, due_at BIGINT, "
        "PRIMARY KEY (contact_id, thread_id, thing)",
    )
    db.add("entry_mark", "due_at", "BIGINT")
    db.create(
        "step",
        "version_id {id} NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY (version_id, number)",
    )
    db.add("run", "awaits", "BIGINT")
    db.add("thread", "occurred_at", "BIGINT")
    db.add("thread", "reached_id", "{id}")
    db.add("message", "media", "TEXT DEFAULT '[]' NOT NULL")
    db.index("event_at", "event", "at")
    db.index("happening_at", "happening", "at")
    db.index("membership_since", "membership", "since_at")
    db.index("entry_mark_due", "entry_mark", "thread_id, due_at", "due_at IS NOT NULL")
    db.index("history_told", "history", "kind, at", "kind IN ('skipped', 'noted', 'coupon', 'no_coupon')")


def _fill_buckets(db: Patches) -> None:
    """Draws go by a hash of the key, which older programs did not keep."""
    ask = sa.text("SELECT id, key FROM contact WHERE bucket = 0 AND id > :after ORDER BY id LIMIT :most")
    put, after = sa.text("UPDATE contact SET bucket = :bucket WHERE id = :id"), 0
    while rows := db.connection.execute(ask, {"after": after, "most": AT_ONCE}).all():
        db.connection.execute(put, [{"id": row.id, "bucket": bucket_of(row.key)} for row in rows])
        after = rows[-1].id


def _fill_steps(db: Patches) -> None:
    """Conditions ask for a message by the name of its step."""
    without = "SELECT id, flow FROM conversation_version WHERE id NOT IN (SELECT version_id FROM step)"
    for row in db.connection.execute(sa.text(without)).all():
        steps = [{"id": row.id, "at": step["number"], "name": step["name"]} for step in json.loads(row.flow)["steps"]]
        if steps:
            db.connection.execute(sa.text("INSERT INTO step VALUES (:id, :at, :name)"), steps)


def _fill_items(db: Patches) -> None:
    """Conditions ask who has bought a product; orders that are known already are never read again."""
    if db.connection.execute(sa.text("SELECT 1 FROM order_item LIMIT 1")).first():
        return
    ask = sa.text(
        "SELECT contact_id, key, at, items FROM orders WHERE items <> '[]' AND (contact_id, key) > (:contact, :key) "
        "ORDER BY contact_id, key LIMIT :most"
    )
    put = sa.text("INSERT INTO order_item VALUES (:contact_id, :sku, :at, :key, :pieces)")
    contact, key = -1, ""
    while rows := db.connection.execute(ask, {"contact": contact, "key": key, "most": AT_ONCE}).all():
        found = [(row, _pieces(json.loads(row.items))) for row in rows]
        items = [
            {"contact_id": row.contact_id, "sku": sku, "at": row.at, "key": row.key, "pieces": pieces}
            for row, bought in found
            for sku, pieces in bought.items()
        ]
        if items:
            db.connection.execute(put, items)
        contact, key = rows[-1].contact_id, rows[-1].key


def _pieces(items: Any) -> dict[str, int]:
    """How many pieces of each product an order holds; older programs kept items as they came."""
    found: dict[str, int] = {}
    for item in items if isinstance(items, list) else ():
        told = item if isinstance(item, dict) else {"sku": item}
        sku, pieces = told.get("sku"), _whole(told.get("quantity"))
        if isinstance(sku, str | int) and str(sku).strip() and pieces:
            found[str(sku).strip()] = min(found.get(str(sku).strip(), 0) + pieces, MOST)
    return found


def _whole(quantity: Any) -> int:
    try:
        return max(0, min(int(float(quantity)), MOST))
    except (TypeError, ValueError, OverflowError):
        return 1
