"""Carts that nobody has touched for a while let their contacts in, once for each touch."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conductor_dsl.shared.clock import DAY, HOUR, MINUTE, to_iso
from tests.conformance.imports import Warehouse
from tests.conformance.shop import Shop

CART = """
conversation "Cart" {{
  {head}
  thread "T" on cart.abandoned after 30m{where} {{
    sms "{{{{ event.total | money }}}}:{{% for item in event.items %}} {{{{ item.name }}}}{{% endfor %}}" -> end
  }}
}}
"""
ITEMS = [{"sku": "A", "name": "Huila", "quantity": 2}, {"sku": "B", "name": "Sidamo"}]


def script(head: str = "", where: str = "") -> str:
    return CART.format(head=head, where=where)


@pytest.fixture
def shop(shop: Shop, tmp_path: Path) -> Warehouse:
    shop.contact("a")
    shop.contact("b")
    return Warehouse(shop.engine, tmp_path)


def test_a_cart_lets_in_once_nobody_has_touched_it_for_so_long(shop: Warehouse) -> None:
    shop.publish(script())
    shop.cart("a", total=59.9, items=ITEMS)
    assert shop.run() == shop.now + 30 * MINUTE
    shop.pass_time("29m")
    assert shop.texts() == []
    shop.pass_time("1m")
    assert shop.texts() == ["59.90: Huila Sidamo"]


def test_a_touch_in_between_makes_the_cart_wait_anew(shop: Warehouse) -> None:
    shop.publish(script())
    shop.cart("a", total=10)
    shop.pass_time("20m")
    shop.cart("a", total=20)
    shop.pass_time("29m")
    assert shop.texts() == []
    shop.pass_time("1m")
    assert [text.partition(":")[0] for text in shop.texts()] == ["20.00"]


def test_a_cart_that_is_touched_again_has_another_chance(shop: Warehouse) -> None:
    shop.publish(script())
    shop.cart("a", total=10)
    shop.pass_time("3h")
    shop.cart("a", total=20)
    shop.cart("a", total=20)
    shop.pass_time("3h")
    assert len(shop.runs("a")) == 2


def test_reentry_holds_for_carts_too(shop: Warehouse) -> None:
    shop.publish(script(head="reentry after 14d"))
    for _ in range(3):
        shop.cart("a", total=10)
        shop.pass_time("6d")
    assert len(shop.runs("a")) == 1
    shop.cart("a", total=10)
    shop.pass_time("1d")
    assert len(shop.runs("a")) == 2


@pytest.mark.parametrize("status", ["ordered", "emptied"])
def test_a_cart_that_is_closed_in_time_lets_nobody_in(shop: Warehouse, status: str) -> None:
    shop.publish(script())
    shop.cart("a", total=10)
    shop.pass_time("10m")
    shop.cart("a", total=10, status=status)
    shop.pass_time("2d")
    assert shop.runs("a") == []


def test_an_order_in_between_prevents_it(shop: Warehouse) -> None:
    shop.publish(script())
    shop.cart("a", items=ITEMS)
    shop.cart("b", items=ITEMS)
    shop.pass_time("10m")
    shop.bought("a", "A")
    shop.bought("b", "X")
    shop.pass_time("1d")
    assert (len(shop.runs("a")), len(shop.runs("b"))) == (0, 1)


def test_an_order_afterwards_ends_the_run_where_the_script_says_so(shop: Warehouse) -> None:
    text = script(head="exit on order.placed").replace("sms", "wait 2d -> sms")
    shop.publish(text)
    shop.cart("a", items=ITEMS)
    shop.pass_time("1d")
    shop.bought("a", "A")
    shop.pass_time("4d")
    assert shop.state("a") == "exited: exit on order.placed"
    assert shop.texts() == []


def test_only_carts_that_match_let_in(shop: Warehouse) -> None:
    shop.publish(script(where=" where event.total >= 50"))
    shop.cart("a", total=49.99)
    shop.cart("b", total=50)
    shop.pass_time("1d")
    assert (len(shop.runs("a")), len(shop.runs("b"))) == (0, 1)


def test_a_cart_that_is_told_late_lets_in_at_once_unless_it_is_stale(shop: Warehouse) -> None:
    shop.publish(script())
    shop.clock.move_to(shop.now + 10 * DAY)
    shop.cart("a", at=shop.now - 5 * HOUR)
    shop.cart("b", at=shop.now - 4 * DAY)
    shop.run()
    assert (len(shop.runs("a")), len(shop.runs("b"))) == (1, 0)


def test_carts_from_before_the_publication_count_only_if_their_time_comes_after_it(shop: Warehouse) -> None:
    shop.cart("a", at=shop.now - 10 * MINUTE)
    shop.cart("b", at=shop.now - 40 * MINUTE)
    shop.publish(script())
    shop.pass_time("1d")
    assert (len(shop.runs("a")), len(shop.runs("b"))) == (1, 0)


def test_publishing_anew_gives_no_cart_a_second_chance(shop: Warehouse) -> None:
    shop.publish(script())
    shop.cart("a", total=10)
    shop.pass_time("20m")
    shop.cart("b", total=10)
    shop.pass_time("15m")
    shop.publish(script().replace("| money", "| money "))
    shop.pass_time("1d")
    assert (len(shop.runs("a")), len(shop.runs("b"))) == (1, 1)


def test_a_node_that_was_down_for_a_day_loses_nobody_and_chases_no_stale_cart(shop: Warehouse) -> None:
    shop.publish(script())
    shop.cart("a")
    shop.clock.move_to(shop.now + 1 * DAY)
    shop.run()
    assert len(shop.runs("a")) == 1
    shop.cart("b")
    shop.clock.move_to(shop.now + 4 * DAY)
    shop.run()
    shop.pass_time("5d")
    assert (len(shop.runs("a")), len(shop.runs("b"))) == (1, 0)


def test_the_event_tells_what_lies_in_the_cart(shop: Warehouse) -> None:
    shop.publish(script())
    shop.cart("a", "c9", total=20, items=ITEMS, url="https://shop.example/c9")
    shop.pass_time("1h")
    [run] = shop.runs("a")
    payload = json.loads(run.payload)
    assert payload == {"cart_id": "c9", "total": 20, "url": "https://shop.example/c9", "items": ITEMS}
    assert to_iso(run.entered_at) == "2026-03-02T16:30:00Z"


def test_an_abandoned_cart_happens_to_other_conversations_as_an_event(shop: Warehouse) -> None:
    other = 'conversation "B" { exit on cart.abandoned thread "T" on order.placed { wait 9d -> sms "B" -> end } }'
    shop.publish(script(), other)
    shop.order("a", "1")
    shop.pass_time("1m")
    shop.cart("a")
    shop.pass_time("1h")
    assert sorted((run.state, run.reason) for run in shop.runs("a")) == [
        ("completed", "end"),
        ("exited", "exit on cart.abandoned"),
    ]


def test_many_carts_are_taken_in_batches_and_none_twice(shop: Warehouse) -> None:
    shop.publish(script())
    keys = [f"k{number}" for number in range(9)]
    for key in keys:
        shop.contact(key)
    shop.carts([(key, "c", shop.now) for key in keys])
    shop.node = shop.new_node(batch=2)
    shop.pass_time("1h")
    assert [len(shop.runs(key)) for key in keys] == [1] * 9
    assert len(shop.texts()) == 9
