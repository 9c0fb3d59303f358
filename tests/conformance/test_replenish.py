"""What a contact has bought runs out one day: reminders at the right time, once for each purchase."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conductor_dsl.shared.clock import DAY
from tests.conformance.imports import Warehouse
from tests.conformance.shop import Shop

REFILL = 'conversation "Refill" {{ {head} thread "T" {trigger} {{ sms "{{{{ event.name }}}}" -> end }} }}'


def refill(trigger: str = "on replenish", head: str = "") -> str:
    return REFILL.format(trigger=trigger, head=head)


@pytest.fixture
def shop(shop: Shop, tmp_path: Path) -> Warehouse:
    for key in ("a", "b"):
        shop.contact(key)
    warehouse = Warehouse(shop.engine, tmp_path)
    warehouse.product("A", name="Huila", price=18.5, stock=9, lasts="10d")
    warehouse.product("T", name="Tea pot", stock=9)
    return warehouse


def days_until_entry(shop: Warehouse, key: str = "a", since: int | None = None) -> float:
    """How many days lie between an instant (now) and the latest entry of a contact, within 60 days."""
    start = shop.now if since is None else since
    shop.pass_time("60d")
    return float(shop.runs(key)[-1].entered_at - start) / DAY if shop.runs(key) else -1.0


@pytest.mark.parametrize(("quantity", "trigger", "days"), [(1, "on replenish", 10), (2, "on replenish before 3d", 17)])
def test_a_reminder_comes_when_the_pieces_run_out(shop: Warehouse, quantity: int, trigger: str, days: int) -> None:
    shop.publish(refill(trigger))
    shop.bought("a", "A", "T", quantity=quantity)
    assert days_until_entry(shop) == days
    assert shop.texts() == ["Huila"]


def test_the_event_tells_of_the_product_and_the_purchase(shop: Warehouse) -> None:
    shop.publish(refill())
    bought_at = shop.now
    shop.bought("a", "A")
    shop.pass_time("20d")
    told = json.loads(shop.runs("a")[0].payload)
    assert told["bought_at"] == bought_at
    assert (told["sku"], told["price"], told["stock"], told["quantity"]) == ("A", 18.5, 9, 1)


def test_what_the_script_says_comes_before_the_product(shop: Warehouse) -> None:
    shop.publish(refill('on replenish sku "A", "T" every 20d'))
    shop.bought("a", "T", quantity=2)
    assert days_until_entry(shop) == 40


def test_a_newer_purchase_moves_the_reminder(shop: Warehouse) -> None:
    shop.publish(refill())
    shop.bought("a", "A")
    shop.pass_time("1d")
    shop.bought("a", "A", quantity=3)
    assert days_until_entry(shop) == 30
    assert len(shop.runs("a")) == 1


def test_the_pace_of_the_contact_counts_after_two_purchases(shop: Warehouse) -> None:
    shop.publish(refill())
    shop.bought("a", "A", quantity=2, at=shop.now - 30 * DAY)
    shop.bought("a", "A")
    assert days_until_entry(shop) == 15


def test_a_reminder_keeps_the_time_of_day_over_a_change_of_the_clocks(shop: Warehouse) -> None:
    shop.change("a", zone="America/New_York")
    shop.publish(refill())
    shop.bought("a", "A", quantity=2)
    assert days_until_entry(shop) == 20 - 1 / 24


def test_a_pace_that_is_too_far_off_does_not_count(shop: Warehouse) -> None:
    shop.publish(refill())
    shop.bought("a", "A", at=shop.now - 300 * DAY)
    shop.bought("a", "A")
    shop.bought("b", "A", at=shop.now - 2 * DAY)
    shop.bought("b", "A")
    start = shop.now
    assert days_until_entry(shop) == 10
    assert days_until_entry(shop, "b", start) == 10


def test_the_pace_alone_decides_where_nothing_else_is_known(shop: Warehouse) -> None:
    shop.publish(refill('on replenish sku "T"'))
    shop.bought("a", "T", at=shop.now - 25 * DAY)
    shop.bought("a", "T")
    shop.bought("b", "T")
    start = shop.now
    assert days_until_entry(shop) == 25
    assert days_until_entry(shop, "b", start) == -1


def test_purchases_from_before_the_publication_count_if_they_run_out_after_it(shop: Warehouse) -> None:
    shop.bought("a", "A", at=shop.now - 4 * DAY)
    shop.bought("b", "A", at=shop.now - 11 * DAY)
    shop.publish(refill())
    start = shop.now
    assert days_until_entry(shop) == 6
    assert days_until_entry(shop, "b", start) == -1


def test_the_same_orders_again_and_a_new_version_remind_nobody_twice(shop: Warehouse) -> None:
    shop.publish(refill())
    row = {"order_id": "1", "contact": "a", "placed_at": "2026-03-02T12:00:00Z", "total": 1, "items": ["A"]}
    shop.load("orders", row)
    shop.pass_time("9d")
    shop.load("orders", row)
    shop.pass_time("3d")
    shop.publish(refill(head="reentry always").replace("event.name", "event.sku"))
    shop.load("orders", row)
    shop.pass_time("60d")
    assert len(shop.runs("a")) == 1


def test_a_late_import_of_old_orders_reminds_nobody(shop: Warehouse) -> None:
    shop.publish(refill())
    shop.clock.move_to(shop.now + 100 * DAY)
    shop.bought("a", "A", at=shop.now - 50 * DAY)
    shop.bought("b", "A", at=shop.now - 12 * DAY)
    shop.run()
    assert (len(shop.runs("a")), len(shop.runs("b"))) == (0, 1)


def test_an_older_order_that_comes_late_does_not_take_the_place_of_a_newer_one(shop: Warehouse) -> None:
    shop.publish(refill())
    shop.bought("a", "A")
    shop.bought("a", "A", at=shop.now - 200 * DAY)
    assert days_until_entry(shop) == 10


def test_while_the_product_is_out_of_stock_the_reminder_is_put_off(shop: Warehouse) -> None:
    shop.publish(refill())
    start = shop.now
    shop.bought("a", "A")
    shop.product("A", stock=0)
    shop.pass_time("13d")
    assert shop.runs("a") == []
    shop.product("A", stock=4)
    assert days_until_entry(shop, since=start) == 14


def test_after_14_days_out_of_stock_there_is_no_reminder(shop: Warehouse) -> None:
    shop.publish(refill())
    shop.bought("a", "A")
    shop.product("A", stock=0)
    shop.pass_time("25d")
    shop.product("A", stock=4)
    assert days_until_entry(shop) == -1


def test_how_long_a_product_lasts_may_be_told_later(shop: Warehouse) -> None:
    shop.publish(refill())
    start = shop.now
    shop.bought("a", "T")
    shop.bought("b", "A")
    shop.pass_time("1d")
    shop.product("T", lasts="15d")
    shop.product("A", lasts="12d")
    shop.pass_time("30d")
    assert [(shop.runs(key)[0].entered_at - start) // DAY for key in ("a", "b")] == [15, 12]


def test_a_node_that_was_down_for_a_day_loses_nobody_and_reminds_of_nothing_stale(shop: Warehouse) -> None:
    shop.publish(refill())
    shop.bought("a", "A")
    shop.run()
    shop.clock.move_to(shop.now + 11 * DAY)
    shop.run()
    assert len(shop.runs("a")) == 1
    shop.bought("b", "A")
    shop.run()
    shop.clock.move_to(shop.now + 14 * DAY)
    shop.run()
    shop.pass_time("9d")
    assert (len(shop.runs("a")), len(shop.runs("b"))) == (1, 0)


def test_many_purchases_are_surveyed_and_met_in_batches(shop: Warehouse) -> None:
    keys = [f"k{number}" for number in range(7)]
    for key in keys:
        shop.contact(key)
        shop.bought(key, "A")
    shop.node = shop.new_node(batch=2)
    shop.publish(refill())
    shop.pass_time("11d")
    assert [len(shop.runs(key)) for key in keys] == [1] * 7
