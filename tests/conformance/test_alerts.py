"""What changes about a product lets in those who watch it, once for each change."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from conductor_dsl.shared.clock import DAY
from conductor_dsl.store import catalogue_tables as t
from tests.conformance.imports import Warehouse
from tests.conformance.shop import Shop

ALERT = 'conversation "Alert" {{ {head} thread "T" {trigger} {{ sms "{{{{ event.name }}}}" -> end }} }}'


def alert(trigger: str, head: str = "") -> str:
    return ALERT.format(trigger=trigger, head=head)


@pytest.fixture
def shop(shop: Shop, tmp_path: Path) -> Warehouse:
    for key in ("a", "b", "c"):
        shop.contact(key)
    warehouse = Warehouse(shop.engine, tmp_path)
    warehouse.product("A", name="Huila", price=20, stock=0, url="https://shop.example/a")
    return warehouse


def entered(shop: Warehouse, *keys: str) -> list[int]:
    """How many runs each contact has."""
    return [len(shop.runs(key)) for key in keys or ("a", "b", "c")]


def test_back_in_stock_lets_in_those_who_asked_viewed_or_carted(shop: Warehouse) -> None:
    shop.publish(alert("on back_in_stock"))
    shop.contact("d")
    shop.interest("a", "A")
    shop.interest("b", "A", "product.viewed")
    shop.cart("c", items=[{"sku": "A"}])
    shop.interest("d", "B")
    shop.product("A", stock=5)
    shop.run()
    assert entered(shop, "a", "b", "c", "d") == [1, 1, 1, 0]
    assert shop.texts() == ["Huila"] * 3
    assert shop.rows(sa.select(t.product_change)) == []


def test_the_event_tells_of_the_product(shop: Warehouse) -> None:
    shop.publish(alert("on back_in_stock"))
    shop.interest("a", "A")
    shop.product("A", stock=5)
    shop.run()
    [run] = shop.runs("a")
    told = {"sku": "A", "name": "Huila", "price": 20, "stock": 5, "url": "https://shop.example/a", "image": ""}
    assert json.loads(run.payload) == told


def test_of_and_sku_and_where_choose(shop: Warehouse) -> None:
    shop.publish(
        alert("on back_in_stock of asked"),
        alert('on back_in_stock sku "B", "C"').replace('"Alert"', '"Other product"'),
        alert("on back_in_stock where event.price < 20").replace('"Alert"', '"Cheap"'),
    )
    shop.interest("a", "A")
    shop.interest("b", "A", "product.viewed")
    shop.product("A", stock=5)
    shop.run()
    assert entered(shop, "a", "b") == [1, 0]


def test_whoever_has_bought_it_is_told_nothing(shop: Warehouse) -> None:
    shop.publish(alert("on back_in_stock"))
    shop.interest("a", "A")
    shop.bought("a", "A")
    shop.product("A", stock=5)
    shop.run()
    assert entered(shop, "a") == [0]


def test_a_look_of_long_ago_is_forgotten_and_a_request_is_not(shop: Warehouse) -> None:
    shop.publish(
        alert("on back_in_stock"),
        alert("on back_in_stock within 60d").replace('"Alert"', '"Patient"'),
    )
    shop.interest("a", "A", at=shop.now - 90 * DAY)
    shop.interest("b", "A", "product.viewed", at=shop.now - 45 * DAY)
    shop.product("A", stock=5)
    shop.run()
    assert entered(shop, "a", "b") == [1, 1]
    names = {loaded.conversation_id: loaded.flow.name for loaded in shop.programs().live}
    assert [names[shop.runs(key)[0].conversation_id] for key in ("a", "b")] == ["Alert", "Patient"]


def test_the_same_file_again_tells_nobody_twice_and_another_return_does(shop: Warehouse) -> None:
    shop.publish(alert("on back_in_stock"))
    shop.interest("a", "A")
    for _ in range(3):
        shop.product("A", stock=5)
        shop.pass_time("1h")
    assert entered(shop, "a") == [1]
    shop.product("A", stock=0)
    shop.pass_time("1h")
    shop.product("A", stock=3)
    shop.run()
    assert entered(shop, "a") == [2]


def test_interest_in_two_ways_is_told_once(shop: Warehouse) -> None:
    shop.publish(alert("on back_in_stock"))
    for name in ("alert.requested", "product.viewed"):
        shop.interest("a", "A", name)
        shop.clock.move_to(shop.now + DAY)
    shop.product("A", stock=5)
    shop.node = shop.new_node(batch=1)
    shop.pass_time("1d")
    assert entered(shop, "a") == [1]


def test_a_product_that_is_sold_out_again_is_not_told(shop: Warehouse) -> None:
    shop.publish(alert("on back_in_stock"))
    shop.interest("a", "A")
    shop.product("A", stock=5)
    shop.product("A", stock=0)
    shop.run()
    assert entered(shop, "a") == [0]


def test_a_product_that_has_just_become_known_is_told_to_those_who_asked(shop: Warehouse) -> None:
    shop.publish(alert("on back_in_stock"))
    shop.interest("a", "N")
    shop.interest("b", "N", "product.viewed")
    shop.product("N", name="New", stock=5)
    shop.run()
    assert entered(shop, "a", "b") == [1, 0]


def test_a_change_from_before_the_publication_lets_nobody_in(shop: Warehouse) -> None:
    shop.interest("a", "A")
    shop.product("A", stock=5)
    shop.clock.move_to(shop.now + 1000)
    shop.publish(alert("on back_in_stock"))
    shop.run()
    assert entered(shop, "a") == [0]


def test_no_more_enter_than_the_pieces_allow_and_those_first_who_waited_longest(shop: Warehouse) -> None:
    shop.publish(alert("on back_in_stock limit 2 per piece where event.price > 5"))
    keys = [f"k{number}" for number in range(9)]
    for number, key in enumerate(keys):
        shop.contact(key)
        shop.interest(key, "A", at=shop.now - (number + 1) * DAY)
    shop.node = shop.new_node(batch=3)
    shop.product("A", stock=2)
    shop.run()
    assert entered(shop, *keys) == [0] * 5 + [1] * 4


def test_who_is_inside_already_takes_no_seat_from_others(shop: Warehouse) -> None:
    shop.publish(alert("on back_in_stock limit 1 per piece", head="reentry never"))
    shop.interest("a", "A", at=shop.now - 3 * DAY)
    shop.product("A", stock=1)
    shop.pass_time("1h")
    shop.product("A", stock=0)
    shop.interest("b", "A", at=shop.now - 2 * DAY)
    shop.interest("c", "A", at=shop.now - 1 * DAY)
    shop.product("A", stock=1)
    shop.pass_time("1h")
    assert entered(shop) == [1, 1, 0]


def test_many_watchers_are_told_in_batches_and_none_twice(shop: Warehouse) -> None:
    shop.publish(alert("on back_in_stock"))
    keys = [f"k{number}" for number in range(7)]
    for key in keys:
        shop.contact(key)
        shop.interest(key, "A")
    shop.node = shop.new_node(batch=2)
    shop.product("A", stock=2)
    shop.run()
    assert entered(shop, *keys) == [1] * 7


def test_a_node_that_was_down_for_a_day_tells_and_one_that_was_down_longer_does_not(shop: Warehouse) -> None:
    shop.publish(alert("on back_in_stock"))
    shop.interest("a", "A")
    shop.product("A", stock=5)
    shop.clock.move_to(shop.now + DAY)
    shop.run()
    assert entered(shop, "a") == [1]
    shop.product("A", stock=0)
    shop.product("A", stock=5)
    shop.clock.move_to(shop.now + 4 * DAY)
    shop.run()
    assert entered(shop, "a") == [1]
    assert shop.rows(sa.select(t.product_change)) == []


def test_it_ends_runs_of_other_conversations_too(shop: Warehouse) -> None:
    shop.publish('conversation "B" { exit on back_in_stock thread "T" on order.placed { wait 9d -> sms "B" -> end } }')
    shop.interest("a", "A")
    shop.order("a", "1")
    shop.pass_time("1h")
    shop.interest("b", "A")
    shop.product("A", stock=5)
    shop.run()
    assert shop.state("a") == "exited: exit on back_in_stock"


def test_it_ends_the_waiting_for_it(shop: Warehouse) -> None:
    awaits = 'wait for back_in_stock where event.sku = "A" up to 9d { sms "came" } else { sms "late" }'
    shop.publish(f'conversation "B" {{ thread "T" on order.placed {{ {awaits} -> end }} }}')
    shop.interest("a", "A")
    for key in ("a", "b"):
        shop.order(key, "1")
    shop.pass_time("1d")
    shop.product("A", stock=5)
    shop.pass_time("1d")
    assert shop.texts() == ["came"]


def test_a_price_drop_counts_against_the_price_of_the_day_of_the_interest(shop: Warehouse) -> None:
    shop.publish(alert("on price_drop 10%"))
    shop.interest("a", "A")
    shop.pass_time("1d")
    shop.product("A", price=19)
    shop.interest("b", "A")
    shop.pass_time("1d")
    assert entered(shop, "a", "b") == [0, 0]
    shop.product("A", price=18)
    shop.pass_time("1d")
    assert entered(shop, "a", "b") == [1, 0]
    payload = shop.runs("a")[0].payload.replace(" ", "")
    assert '"was":20,"percent":10' in payload


def test_a_further_drop_is_told_again_and_a_wavering_price_is_not(shop: Warehouse) -> None:
    shop.publish(alert("on price_drop 10%"))
    shop.interest("a", "A")
    for price, runs in ((18, 1), (17, 1), (20, 1), (17, 1), (16.2, 2), (16, 2)):
        shop.product("A", price=price)
        shop.pass_time("1h")
        assert (price, entered(shop, "a")) == (price, [runs])


def test_a_drop_that_is_taken_back_in_time_is_not_told(shop: Warehouse) -> None:
    shop.publish(alert("on price_drop"))
    shop.interest("a", "A")
    shop.product("A", price=10)
    shop.product("A", price=20)
    shop.run()
    assert entered(shop, "a") == [0]


def test_low_stock_is_told_when_the_stock_falls_below_the_number_of_pieces(shop: Warehouse) -> None:
    shop.product("A", stock=50)
    shop.publish(alert("on low_stock 5 of carted"))
    shop.cart("a", items=[{"sku": "A"}])
    shop.interest("b", "A")
    for stock, runs in ((20, 0), (6, 0), (5, 1), (4, 1), (0, 1), (3, 1), (9, 1), (2, 2)):
        shop.product("A", stock=stock)
        shop.pass_time("1h")
        assert (stock, entered(shop, "a", "b")) == (stock, [runs, 0])
