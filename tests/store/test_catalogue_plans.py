"""What is done with products, carts and purchases finds its rows by an index, on both databases, in a large shop."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from conductor_dsl.shared.clock import DAY
from conductor_dsl.store import catalogue_tables as c
from conductor_dsl.store import tables as t
from tests.conformance.imports import Warehouse
from tests.conformance.shop import MOBILE, NOW
from tests.store import test_plans as plans
from tests.store.test_plans import Explain, database, recorded  # noqa: F401 - a fixture

CONTACTS = 20_000
HOT = "contact|orders|cart|cart_item|watch|order_item|product|entry_mark"
SURVEYS = re.compile(r"INSERT INTO candidate\b")
"""The surveys of a thread that has just been published: their work is to go through all, by the ids of the contacts."""
SCRIPT = """
conversation "Alert" { exit on order.placed
  thread "Back" on back_in_stock limit 3 per piece { sms "{{ event.name }}" -> wait 1d -> end }
  thread "Drop" on price_drop 5% { sms "{{ event.name }}" -> end }
}
conversation "Cart" { thread "T" on cart.abandoned after 30m { sms "{{ event.total }}" -> end } }
conversation "Refill" { thread "T" on replenish before 1d { sms "{{ event.name }}" -> end } }
"""


def fill(engine: sa.Engine) -> None:
    """Everybody has bought something, watches something, has an old cart and had a chance."""
    people = [
        {"id": number, "key": f"c{number}", "mobile": MOBILE, "mobile_state": "valid", "updated_at": 1}
        for number in range(1, CONTACTS + 1)
    ]
    products = [
        {"sku": f"p{number}", "name": "P", "price_cents": 2000, "stock": 0, "lasts": 10 * DAY, "updated_at": 1}
        for number in range(CONTACTS)
    ]
    own = sa.literal("p") + sa.cast(t.contact.c.id - 1, sa.Text)
    rows: Mapping[sa.Table, dict[str, Any]] = {
        t.order_item: {"sku": own, "at": NOW - 90 * DAY, "order_key": "1", "quantity": 1},
        t.orders: {"key": "1", "at": NOW - 90 * DAY, "total_cents": 100},
        c.watch: {"sku": own, "kind": "viewed", "since_at": NOW - DAY},
        c.cart: {"key": "old", "at": NOW - 90 * DAY, "total_cents": 100, "open": True},
        c.cart_item: {"cart_key": "old", "sku": own},
        t.entry_mark: {"thread_id": t.contact.c.id % 4 + 1, "thing": own, "mark": 1},
    }
    with engine.begin() as connection:
        connection.execute(sa.insert(t.contact), people)
        connection.execute(sa.insert(c.product), products)
        for table, values in rows.items():
            columns = [
                each if isinstance(each, sa.ColumnElement) else sa.literal(each, table.c[name].type)
                for name, each in values.items()
            ]
            connection.execute(
                sa.insert(table).from_select(["contact_id", *values], sa.select(t.contact.c.id, *columns))
            )
        connection.exec_driver_sql("ANALYZE")


def live(shop: Warehouse) -> None:
    """Interest, carts, orders, returns, drops, and the passing of time."""
    shop.publish(SCRIPT)
    shop.run()
    shop.load("products", {"sku": "p1", "stock": 4}, {"sku": "p2", "price": 15}, {"sku": "p3", "lasts": "9d"})
    shop.interest("c7", "p1")
    shop.interest("c8", "p1", "product.viewed")
    shop.cart("c9", total=20, items=[{"sku": "p9"}])
    shop.cart("c10", total=20, items=[{"sku": "p9"}], status="ordered")
    shop.bought("c11", "p11", "p12")
    shop.bought("c9", "p9", at=NOW - 1000)
    shop.load("products", {"sku": "p11", "stock": 9})
    shop.pass_time("12d")


def test_no_statement_about_the_catalogue_goes_through_a_large_table(
    database: tuple[sa.Engine, Explain],  # noqa: F811 - the fixture
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(plans, "HOT", HOT)
    monkeypatch.setattr(plans, "WAITING", f"{plans.WAITING}|entry_mark_due")
    engine, explain = database
    fill(engine)
    with recorded(engine) as statements:
        live(Warehouse(engine, tmp_path))
    with engine.connect() as connection:
        assert (connection.scalar(sa.select(sa.func.count()).select_from(t.run)) or 0) >= 4
    looked_at = {text: each for text, each in statements.items() if not SURVEYS.match(text)}
    assert len(looked_at) > 60
    assert plans.problems(engine, looked_at, explain) == []
