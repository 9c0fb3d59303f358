"""Products and carts as they are imported: what is stored, what changed, and who is interested in what."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conductor_dsl.shared.clock import DAY
from tests.runtime.import_shop import Shop, counts, reasons

PRODUCTS = "sku,name,price,stock,url,image,lasts,roast\n"
CARTS = "cart_id,contact,at,total,items,status\n"
ORDERS = "order_id,contact,placed_at,total,items,cart_id\n"
EVENTS = "contact,name,at,sku\n"


@pytest.fixture
def shop(tmp_path: Path, database_url: str) -> Iterator[Shop]:
    shop = Shop(tmp_path, database_url)
    shop.load("contacts", "key\na\nb\n")
    yield shop
    shop.engine.dispose()


def items(*skus: str) -> str:
    """A cell with items."""
    return '"' + json.dumps([{"sku": sku, "quantity": 2} for sku in skus]).replace('"', '""') + '"'


def changes(shop: Shop) -> list[tuple[str, str, int | None, int]]:
    rows = ((row["sku"], row["kind"], row["before"], row["after"]) for row in shop.rows("product_change"))
    return sorted(rows, key=lambda row: row[:2])


def watches(shop: Shop) -> list[tuple[str, str]]:
    return sorted((row["sku"], row["kind"]) for row in shop.rows("watch"))


def is_open(shop: Shop, key: str = "c1") -> bool:
    return bool(next(row for row in shop.rows("cart") if row["key"] == key)["open"])


def test_a_product_is_stored_with_the_fields_of_the_shop(shop: Shop) -> None:
    row = "A1,Huila,18.5,12,https://shop.example/a1,https://shop.example/a1.png,30d,dark\n"
    assert counts(shop.load("products", PRODUCTS + row)) == (1, 1, 0, 0)
    [found] = shop.rows("product")
    assert (found["name"], found["price_cents"], found["stock"], found["lasts"]) == ("Huila", 1850, 12, 30 * DAY)
    assert json.loads(found["fields"]) == {"roast": "dark"}


def test_a_file_of_stocks_leaves_the_rest_as_it_is(shop: Shop) -> None:
    shop.load("products", PRODUCTS + "A1,Huila,18.50,0,,,30d,dark\n")
    assert counts(shop.load("products", "sku,stock\nA1,5\n")) == (1, 1, 0, 0)
    assert counts(shop.load("products", '{"sku":"A1","lasts":null,"price":null}\n', "p.jsonl")) == (1, 1, 0, 0)
    [found] = shop.rows("product")
    assert (found["name"], found["price_cents"], found["stock"], found["lasts"]) == ("Huila", None, 5, None)


BAD = [
    ("", "`sku` is empty"),
    ('A1,,"1.234,50"', "`price` `1.234,50` is not an amount; write `1234.50`, 0 or more, with two decimals at most"),
    ("A1,,,1.5", "`stock` `1.5` is not a whole number"),
    ("A1,,,many", "`stock` `many` is not a number; write `1234.50`, without signs between the digits"),
    ("A1,,,9999999999", "`stock` `9999999999` is too large"),
    ("A1,,,,,,30", "`lasts` `30` is not a length of time; write `30d` for 30 days"),
    ("A1,,,,,,0d", "`lasts` `0d` is no time at all"),
]


@pytest.mark.parametrize(("row", "reason"), BAD)
def test_a_product_that_cannot_be_is_rejected_with_the_reason(shop: Shop, row: str, reason: str) -> None:
    cells = row.count(",") if not row.startswith('A1,,"') else 2
    assert reasons(shop.load("products", PRODUCTS + row + "," * (7 - cells) + "\n")) == {2: reason}


def test_a_cart_that_cannot_be_is_rejected_with_the_reason(shop: Shop) -> None:
    rows = ["c1,zz,2026-01-01,,,", "c1,a,2027-01-01,,,", "c1,a,2026-01-01,,{},", "c1,a,2026-01-01,,,order"]
    bad_quantity = '"[{""sku"": ""A"", ""quantity"": -1}]"'
    found = reasons(shop.load("carts", CARTS + "\n".join([*rows, f"c1,a,2026-01-01,,{bad_quantity},"]) + "\n"))
    assert found == {
        2: "unknown contact `zz`",
        3: "`at` `2027-01-01` lies in the future",
        4: "`items` `{}` is not a JSON list",
        5: "unknown status `order`; did you mean `ordered`?",
        6: "the quantity `-1` of an item is not a number of pieces",
    }


def test_columns_of_other_systems_are_pointed_out(shop: Shop) -> None:
    found = shop.load("products", "sku,title,prize,quantity\nA1,,,\n").warnings
    assert [message for message, _ in found] == [
        "the column `title` is not `name`",
        "the column `prize` is not `price`",
        "the column `quantity` is not `stock`",
    ]


def test_what_a_product_import_changes_is_noted_once(shop: Shop) -> None:
    shop.load("products", "sku,stock,price\nout,0,20\nfew,200,20\nsame,7,20\nuntold,,20\nnobodys,0,20\n")
    watched = ("out", "few", "same", "untold", "new")
    shop.load("events", EVENTS + "".join(f"a,alert.requested,2026-02-01,{sku}\n" for sku in watched))
    assert changes(shop) == []
    later = "sku,stock,price\nout,5,20\nfew,9,15.50\nsame,7,20\nuntold,3,\nnew,4,9\nnobodys,4,9\n"
    assert counts(shop.load("products", later)) == (6, 5, 1, 0)
    expected = [
        ("few", "low_stock", 200, 9),
        ("few", "price_drop", 2000, 1550),
        ("new", "back_in_stock", None, 4),
        ("out", "back_in_stock", 0, 5),
        ("untold", "back_in_stock", None, 3),
    ]
    assert changes(shop) == expected
    assert counts(shop.load("products", later)) == (6, 0, 6, 0)
    assert changes(shop) == expected


def test_interest_comes_from_requests_looks_and_carts_and_ends_with_a_purchase(shop: Shop) -> None:
    shop.load("products", "sku,price\nA,20\n")
    rows = "a,alert.requested,2026-02-01,A\na,product.viewed,2026-02-02,B\na,product.viewed,2026-02-02,\n"
    shop.load("events", EVENTS + rows)
    shop.load("events", '{"contact":"a","name":"product.viewed","at":"2026-02-02","sku":77}\n', "e.jsonl")
    shop.load("carts", CARTS + f"c1,a,2026-02-03,40,{items('C', 'D')},\n")
    assert watches(shop) == [("77", "viewed"), ("A", "asked"), ("B", "viewed"), ("C", "carted"), ("D", "carted")]
    assert {row["sku"]: row["price_cents"] for row in shop.rows("watch")}["A"] == 2000
    shop.load("orders", ORDERS + f"1,a,2026-02-01T12:00,20,{items('A', 'B')},\n2,a,2026-02-04,20,{items('D')},\n")
    assert watches(shop) == [("77", "viewed"), ("B", "viewed"), ("C", "carted")]


def test_a_look_from_before_a_purchase_that_comes_late_is_no_interest(shop: Shop) -> None:
    shop.load("orders", ORDERS + f"1,a,2026-02-05,20,{items('A')},\n")
    shop.load("events", EVENTS + "a,product.viewed,2026-02-01,A\nb,product.viewed,2026-02-01,A\n")
    assert watches(shop) == [("A", "viewed")]


CLOSING = {
    "of a product in it": f"1,a,2026-02-02,20,{items('A')},",
    "that names it": f"1,a,2026-02-02,20,{items('X')},c1",
    "of which nobody knows the products": "1,a,2026-02-02,20,,",
}


@pytest.mark.parametrize("order", CLOSING.values(), ids=CLOSING.keys())
def test_an_order_closes_the_cart_whichever_comes_first(shop: Shop, order: str) -> None:
    cart = f"c1,a,2026-02-01,40,{items('A', 'B')},\n"
    for files in permutations([("orders", ORDERS + order + "\n"), ("carts", CARTS + cart)]):
        shop.load("contacts", "key\na\n")
        for kind, text in files:
            shop.load(kind, text)
        assert not is_open(shop)
    shop.load("carts", CARTS + f"c1,a,2026-02-03,40,{items('A')},\n")
    assert is_open(shop)


def test_an_order_of_something_else_leaves_the_cart_open(shop: Shop) -> None:
    shop.load("carts", CARTS + f"c1,a,2026-02-01,40,{items('A')},\nc2,b,2026-02-01,40,{items('A')},\n")
    earlier, other = f"1,a,2026-01-31,20,{items('A')},", f"2,b,2026-02-02,20,{items('B')},"
    shop.load("orders", ORDERS + earlier + "\n" + other + "\n")
    assert is_open(shop)
    assert is_open(shop, "c2")


def test_a_cart_that_was_ordered_is_closed_and_its_products_are_bought(shop: Shop) -> None:
    shop.load("carts", CARTS + f"c1,a,2026-02-01,40,{items('A')},\nc2,a,2026-02-01,9,{items('B')},\n")
    shop.load("carts", CARTS + f"c1,a,2026-02-01,40,{items('A')},ordered\nc2,a,2026-02-01,9,[],emptied\n")
    assert not is_open(shop)
    assert not is_open(shop, "c2")
    assert watches(shop) == [("B", "carted")]


TOUCHES = st.lists(
    st.tuples(st.integers(1, 4), st.sampled_from(("open", "ordered", "emptied")), st.sampled_from("AB")), max_size=6
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(touches=TOUCHES, stocks=st.lists(st.tuples(st.sampled_from("AB"), st.integers(-1, 3)), max_size=4))
def test_importing_the_same_files_again_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, touches: list[tuple[int, str, str]], stocks: list[tuple[str, int]]
) -> None:
    folder = tmp_path_factory.mktemp("again")
    shop = Shop(folder, f"sqlite:///{folder / 'c.db'}")
    shop.load("contacts", "key\na\n")
    rows = [f"c1,a,2026-02-0{day},{day},{items(sku)},{status}" for day, status, sku in touches]
    files = {
        "products": "sku,stock\n" + "".join(f"{sku},{stock}\n" for sku, stock in stocks),
        "orders": ORDERS + f"1,a,2026-02-02,20,{items('A')},\n",
        "carts": CARTS + "\n".join(rows) + "\n",
    }
    for kind, text in files.items():
        shop.load(kind, text)
    tables = ("product", "product_change", "watch", "cart", "cart_item", "order_item")
    before = {name: shop.rows(name) for name in tables}
    for kind, text in files.items():
        assert shop.load(kind, text).stored == 0
    assert {name: shop.rows(name) for name in tables} == before
    shop.engine.dispose()
