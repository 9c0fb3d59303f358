"""Whatever is imported twice, and wherever a node dies: everybody who should be told is told once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conductor_dsl.shared.clock import HOUR
from conductor_dsl.store.connect import connect
from tests.conformance.imports import Warehouse
from tests.conformance.shop import Shop

SCRIPT = """
conversation "Alert" {
  thread "Back" on back_in_stock { sms "back {{ event.sku }} {{ event.stock }}" -> end }
}
conversation "Drop" { thread "T" on price_drop 5% { sms "drop {{ event.sku }} {{ event.price }}" -> end } }
conversation "Cart" { thread "T" on cart.abandoned after 2h { sms "cart {{ event.cart_id }}" -> end } }
conversation "Refill" { thread "T" on replenish { sms "refill {{ event.sku }} {{ event.quantity }}" -> end } }
"""
KEYS, SKUS = ("a", "b"), ("X", "Y")

keys, skus = st.sampled_from(KEYS), st.sampled_from(SKUS)
acts = st.one_of(
    st.tuples(st.just("stock"), skus, st.integers(0, 2)),
    st.tuples(st.just("price"), skus, st.integers(8, 12)),
    st.tuples(st.just("asks"), keys, skus),
    st.tuples(st.just("cart"), keys, st.sampled_from(("open", "emptied"))),
    st.tuples(st.just("buys"), keys, skus),
    st.tuples(st.just("waits"), st.integers(1, 30)),
)


def act(shop: Warehouse, what: tuple[Any, ...], number: int) -> None:
    """Import what happens; `number` makes it the same row every time."""
    at = shop.now - number
    match what:
        case ("stock", sku, stock):
            shop.product(sku, stock=stock)
        case ("price", sku, price):
            shop.product(sku, price=price)
        case ("asks", key, sku):
            shop.interest(key, sku, at=at)
        case ("cart", key, status):
            shop.cart(key, at=at, status=status, items=[{"sku": "Z"}])
        case ("buys", key, sku):
            row = {"order_id": f"o{number}", "contact": key, "placed_at": "2026-03-02T15:00:00Z", "total": 9}
            shop.load("orders", row | {"items": [{"sku": sku, "quantity": number + 1}]})


def told(folder: Path, happened: list[tuple[Any, ...]], times: int) -> list[tuple[str, str]]:
    """The texts that go out where everything is imported so often."""
    folder.mkdir()
    engine = connect(f"sqlite:///{folder / 'c.db'}?timeout=5")
    shop = Warehouse(engine, folder)
    for key in KEYS:
        shop.contact(key)
    for sku in SKUS:
        shop.product(sku, stock=0, price=10, lasts="1d")
    shop.publish(SCRIPT)
    for number, what in enumerate(happened):
        for _ in range(times):
            act(shop, what, number)
        if what[0] == "waits":
            shop.pass_time(f"{what[1]}h")
        else:
            shop.run()
    shop.pass_time("20d")
    engine.dispose()
    return sorted((out.contact, out.text) for out in shop.sms.accepted)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(happened=st.lists(acts, min_size=3, max_size=7))
def test_importing_everything_again_tells_nobody_anything_twice(
    tmp_path_factory: pytest.TempPathFactory, happened: list[tuple[Any, ...]]
) -> None:
    folder = tmp_path_factory.mktemp("again")
    assert told(folder / "thrice", happened, 3) == told(folder / "once", happened, 1)


def test_a_node_that_dies_at_any_statement_tells_everybody_once(shop: Shop, tmp_path: Path) -> None:
    house = Warehouse(shop.engine, tmp_path)
    keys = [f"k{number}" for number in range(4)]
    for key in keys:
        house.contact(key)
        house.interest(key, "X")
    house.product("X", stock=0)
    house.publish(SCRIPT)
    house.carts([(key, "c", house.now) for key in keys])
    house.node = house.new_node(batch=2)
    house.run()
    house.product("X", stock=3)
    house.clock.move_to(house.now + 3 * HOUR)
    left = 0

    def die(*_: object) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise KeyboardInterrupt

    sa.event.listen(house.engine, "before_cursor_execute", die)
    for statement in range(1, 400, 7):
        left = statement
        try:
            house.run()
            break
        except KeyboardInterrupt:
            continue
    left = 0
    sa.event.remove(house.engine, "before_cursor_execute", die)
    house.run()
    assert sorted((out.contact, out.text) for out in house.sms.accepted) == sorted(
        (str(house.id(key)), text) for key in keys for text in ("back X 3", "cart c")
    )
