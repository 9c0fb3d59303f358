"""Make the data of the small examples: `python examples/make_data.py [FOLDER]`.

The same files, byte for byte, every time. Nobody real is in them: e-mail addresses end in example.com, .org or .net,
and phone numbers come from 555-0100 to 555-0199, which are kept free for tests and films. The winback example has a
generator of its own, for any number of contacts.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from made_up_shop import Row, Shop, as_items

Maker = Callable[[Shop], None]

LEATHER = {
    "WALLET": ("Card wallet, oak", 48.0),
    "BELT": ("Derby belt, moss", 65.0),
    "BAG": ("Weekend bag, oxblood", 310.0),
    "BOOT": ("Chelsea boots", 240.0),
    "BALM": ("Leather balm, 100 ml", 14.0),
}


def post_purchase(shop: Shop) -> None:
    """90 customers: 35 lapsed, 35 bought lately, 20 new or back in the first week; six of the lapsed buy again."""
    keys = shop.people(90)
    shop.consent(keys, "Customers", 0.95)
    shop.consent(keys, "Winback texts", 0.8, texts=True)
    for key in keys[:35]:
        shop.order("orders", key, -shop.rng.uniform(62, 300), LEATHER, shop.rng.choice(list(LEATHER)))
    for key in keys[35:80]:
        shop.order("orders", key, -shop.rng.uniform(5, 55), LEATHER, *shop.rng.sample(list(LEATHER), 2))
    for key in keys[70:90]:
        shop.order("orders_first_week", key, shop.rng.uniform(0.2, 4), LEATHER, shop.rng.choice(list(LEATHER)))
    for key in keys[70:75]:
        shop.order("orders_second_week", key, shop.rng.uniform(8, 9), LEATHER, "BALM")
    for key in keys[:6]:
        shop.order("orders_first_week", key, shop.rng.uniform(1, 2.5), LEATHER, "BELT")


LAMPS = {
    "ARC": ("Arc floor lamp, brass", 389.0),
    "DESK": ("Task lamp, black", 129.0),
    "GLOBE": ("Globe pendant, opal", 219.0),
    "CLIP": ("Clip light, white", 35.0),
    "BULB": ("Globe bulb, warm", 12.0),
}


def cart_abandonment(shop: Shop) -> None:
    """Three days of carts: most are left, some ordered at once, some later, and some are too small to write about."""
    offered = {3: -30, 7: -85, 12: -200, 18: -10, 25: -60}
    keys = shop.people(80, offered_on=lambda number: shop.day(offered[number]) if number in offered else "")
    shop.consent(keys, "News", 0.95)
    shop.consent(keys, "Cart texts", 0.7, texts=True)
    for key in keys[40:]:
        shop.order("orders", key, -shop.rng.uniform(20, 300), LAMPS, shop.rng.choice(list(LAMPS)))
    shop.coupons("cart10", "NL", 18, 60)
    for number, key in enumerate(keys[:48]):
        day = number // 16
        skus = shop.rng.sample(["ARC", "DESK", "GLOBE", "BULB"], shop.rng.choice((1, 1, 2)))
        skus = ["CLIP"] if number % 16 == 15 else skus
        left = day + shop.rng.uniform(0.5, 0.95)
        shop.add(f"carts_day{day + 1}", [cart(number, key, shop.at(left), skus)])
        if number % 16 == 0:
            shop.add(f"carts_day{day + 1}", [cart(number, key, shop.at(left + 0.01), skus, status="ordered")])
        if number % 16 in (3, 6):
            shop.order("orders_later", key, 3.1 + shop.rng.uniform(0, 0.8), LAMPS, *skus)


def cart(number: int, key: str, at: str, skus: Sequence[str], *, status: str = "open") -> Row:
    """A cart as it was touched last."""
    return {
        "cart_id": f"K-{number + 1}",
        "contact": key,
        "at": at,
        "total": f"{sum(LAMPS[sku][1] for sku in skus):.2f}",
        "items": as_items(LAMPS, skus),
        "url": f"https://northlight.example/cart/K-{number + 1}",
        "status": status,
    }


CAKES = {"PLUM": ("Plum and almond", 42.0), "LEMON": ("Lemon and poppy", 45.0), "COCOA": ("Cocoa, no flour", 48.0)}


def birthday(shop: Shop) -> None:
    """100 people; half of them have a birthday in the next weeks, four on 29 February, and a fifth never told us."""

    def born(number: int) -> str:
        if number <= 4:
            return f"{1980 + 4 * number}-02-29"
        if number % 5 == 0:
            return ""
        ahead = shop.rng.randint(4, 40) if number <= 60 else shop.rng.randint(60, 330)
        return shop.day(ahead).replace(year=shop.rng.randint(1950, 2003)).isoformat()

    keys = shop.people(100, birthday=born)
    shop.consent(keys, "News", 0.95)
    shop.consent(keys, "Birthday texts", 0.6, texts=True)
    for key in keys[::2]:
        shop.order("orders", key, -shop.rng.uniform(30, 300), CAKES, shop.rng.choice(list(CAKES)))
    shop.coupons("cake", "CAKE", 30, 150)
    for key in keys[5:25:3]:
        shop.order("orders_in_spring", key, shop.rng.uniform(20, 27), CAKES, shop.rng.choice(list(CAKES)))


GOLD = {"BAND": ("The thin band", 380.0), "PEARL": ("Two small pearls", 240.0), "ENGRAVING": ("Engraving", 60.0)}


def anniversary(shop: Shop) -> None:
    """80 people with a wedding day, a first order, both or neither; some of them married on 29 February."""

    def married(number: int) -> str:
        if number <= 3:
            return f"{2004 + 4 * number}-02-29"
        if number % 4 == 0:
            return ""
        ahead = shop.rng.randint(20, 60) if number <= 50 else shop.rng.randint(90, 330)
        return shop.day(ahead).replace(year=shop.rng.randint(1975, 2024)).isoformat()

    def since(number: int) -> str:
        ahead = shop.rng.randint(3, 40) if number % 3 == 0 else shop.rng.randint(90, 330)
        return shop.day(ahead).replace(year=shop.rng.choice((2022, 2023, 2024))).isoformat()

    keys = shop.people(80, wedding_day=married, customer_since=since)
    shop.consent(keys, "Letters", 0.95)
    shop.consent(keys, "Reminders", 0.4, texts=True)
    for key in keys[::3]:
        shop.order("orders", key, -shop.rng.uniform(60, 300), GOLD, shop.rng.choice(list(GOLD)))
    for key in keys[1:30:4]:
        shop.order("orders_for_the_day", key, shop.rng.uniform(12, 16), GOLD, "ENGRAVING")


SHOES = {
    "TEMPO-W8": ("Kestrel Tempo 3, women's 8", 140.0, 0),
    "TEMPO-M10": ("Kestrel Tempo 3, men's 10", 140.0, 0),
    "RIDGE-W9": ("Ridge GTX, women's 9", 165.0, 12),
    "RIDGE-M11": ("Ridge GTX, men's 11", 165.0, 0),
    "VEST": ("Race vest, 5 l", 95.0, 40),
}


def alerts(shop: Shop) -> None:
    """70 runners who asked for what is sold out, looked at what is dear, or both; the catalogue comes four times."""
    keys = shop.people(70)
    shop.consent(keys, "Alerts", 0.96)
    shop.consent(keys, "Alert texts", 0.6, texts=True)
    shop.add("products", [shoe(sku) for sku in SHOES])
    sold_out = [sku for sku, (_, _, stock) in SHOES.items() if stock == 0]
    for number, key in enumerate(keys):
        asks = number < 40
        sku = sold_out[number % 3] if asks else shop.rng.choice(["RIDGE-W9", "VEST"])
        name = "alert.requested" if asks else "product.viewed"
        shop.add("interest", [{"contact": key, "name": name, "at": shop.at(-shop.rng.uniform(1, 20)), "sku": sku}])
    shop.add("products_day1", [shoe("TEMPO-W8", stock=30), shoe("TEMPO-M10", stock=3), shoe("VEST", price=76.0)])
    shop.add("products_day2", [shoe("TEMPO-M10", stock=0), shoe("TEMPO-W8", stock=4), shoe("VEST", price=72.0)])
    shop.add("products_day3", [shoe("RIDGE-W9", price=160.0), shoe("TEMPO-M10", stock=9)])
    for number in (0, 3, 6):
        prices = {sku: (title, price) for sku, (title, price, _) in SHOES.items()}
        shop.order("orders_day2", keys[number], 1.4 + number / 100, prices, "TEMPO-W8")


def shoe(sku: str, *, price: float | None = None, stock: int | None = None) -> Row:
    """A product as the catalogue tells it."""
    name, usual, pieces = SHOES[sku]
    return {
        "sku": sku,
        "name": name,
        "price": f"{usual if price is None else price:.2f}",
        "stock": pieces if stock is None else stock,
        "url": f"https://kestrel.example/shop/{sku.lower()}",
        "image": "",
    }


def loyalty(shop: Shop) -> None:
    """90 members on three shelves. Some join, some rise, some are nearly there, and some points are about to end."""
    shelf = {0: ("Page", 1), 1: ("Page", 430), 2: ("Chapter", 700), 3: ("Volume", 1800)}

    def points(number: int) -> int:
        return shelf[number % 4][1] + shop.rng.randint(0, 60)

    def short(number: int) -> int:
        return max(0, (500 if number % 4 < 2 else 1500) - int(str(known[number])))

    known = {number: points(number) for number in range(1, 91)}
    keys = shop.people(90, tier=lambda number: shelf[number % 4][0], points=known.__getitem__, points_to_next=short)
    shop.consent(keys, "Readers' Club", 0.96)
    shop.consent(keys, "Club texts", 0.5, texts=True)
    shop.coupons("chapter", "CH", 12, 200)
    shop.coupons("volume", "VO", 6, 200)
    for key in keys[:12]:
        shop.add("events", [{"contact": key, "name": "loyalty.joined", "at": shop.at(0.3), "payload": ""}])
    for key in keys[20:36]:
        ends = json.dumps({"points": shop.rng.randint(80, 300), "on": shop.day(21).isoformat()})
        shop.add("events", [{"contact": key, "name": "points.expiring", "at": shop.at(0.4), "payload": ends}])
    risen = [(key, "Chapter", 510, 990) for key in keys[0:60:4]] + [(key, "Volume", 1520, 0) for key in keys[1:26:4]]
    shop.add("risen", [{"key": key, "tier": tier, "points": p, "points_to_next": n} for key, tier, p, n in risen])


FOOD = {
    "LAMB5": ("Field Lamb & Barley, 5 kg", 42.0, "30d", 200),
    "FISH5": ("River Fish & Oats, 5 kg", 45.0, "30d", 0),
    "LITTER": ("Pine litter, 12 l", 18.0, "21d", 90),
    "TOY": ("Rope ring", 9.0, "", 50),
}


def replenishment(shop: Shop) -> None:
    """80 people who buy food for somebody with four legs, some once and some regularly; one product is sold out."""
    pets = ("Biscuit", "Luna", "Pepper", "Otto", "Mochi", "")
    keys = shop.people(80, pet=lambda _: shop.rng.choice(pets))
    shop.consent(keys, "Reminders", 0.95)
    shop.consent(keys, "Reminder texts", 0.6, texts=True)
    shop.add("products", [bag(sku) for sku in FOOD])
    shop.add("products_later", [bag("FISH5", stock=60)])
    prices = {sku: (name, price) for sku, (name, price, _, _) in FOOD.items()}
    for number, key in enumerate(keys):
        sku = ("LAMB5", "LAMB5", "LITTER", "FISH5", "TOY")[number % 5]
        last = shop.rng.uniform(2, 29)
        for age in (last + 60, last + 30, last) if number % 3 == 0 else (last,):
            shop.order("orders", key, -age, prices, sku)
        if sku == "LAMB5" and 14 < last < 20:
            shop.order("orders_later", key, 23 - last + shop.rng.uniform(1, 2), prices, sku)
    shop.coupons("scoop", "SCOOP", 15, 120)


def bag(sku: str, *, stock: int | None = None) -> Row:
    """A product as the catalogue tells it; `lasts` is how long one piece lasts."""
    name, price, lasts, pieces = FOOD[sku]
    return {
        "sku": sku,
        "name": name,
        "price": f"{price:.2f}",
        "stock": pieces if stock is None else stock,
        "url": f"https://tally.example/shop/{sku.lower()}",
        "lasts": lasts,
    }


PLANTS = {"IRON": ("Cast iron plant", 24.0), "JADE": ("Jade tree", 19.0), "FERN": ("Bird's nest fern", 22.0)}


def welcome(shop: Shop) -> None:
    """80 people: 30 old subscribers, 40 who sign up in the first days, ten who text; some know the shop already."""
    keys = shop.people(80)
    shop.consent(keys[:30], "News", 1.0)
    for number, key in enumerate(keys[30:70]):
        said = {"contact": key, "list": "News", "action": "subscribed", "source": "pop-up", "text": ""}
        shop.add("sign_ups", [said | {"at": shop.at(shop.rng.uniform(0.1, 0.9) + number // 20)}])
    shop.add("sign_ups", [dict(row) | {"at": shop.at(2.2)} for row in shop.files["sign_ups"][:3]])
    for key in keys[25:40]:
        shop.order("orders", key, -shop.rng.uniform(20, 200), PLANTS, shop.rng.choice(list(PLANTS)))
    for key in keys[40:52:3]:
        shop.order("orders_later", key, shop.rng.uniform(5, 7), PLANTS, shop.rng.choice(list(PLANTS)))
    shop.coupons("leaf10", "LEAF", 24, 90)
    for number, key in enumerate(keys[68:]):
        text = ("LEAF", "leaf", "Leaf!", "is this the plant shop?")[number % 4]
        told = json.dumps({"text": text, "code": "53235"})
        shop.add("texts", [{"contact": key, "name": "sms.received", "at": shop.at(1.3 + number / 40), "payload": told}])


def _begins(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 10, tzinfo=UTC)


MAKERS: Mapping[str, tuple[datetime, Maker]] = {
    "post_purchase": (_begins(3, 2), post_purchase),
    "cart_abandonment": (_begins(3, 2), cart_abandonment),
    "birthday": (_begins(2, 16), birthday),
    "anniversary": (_begins(1, 26), anniversary),
    "alerts": (_begins(3, 2), alerts),
    "loyalty": (_begins(3, 2), loyalty),
    "replenishment": (_begins(3, 2), replenishment),
    "welcome": (_begins(3, 2), welcome),
}


def make_data(name: str, folder: Path) -> None:
    """Write the files of one example into a folder."""
    starts, make = MAKERS[name]
    shop = Shop(starts, random.Random(name))
    make(shop)
    shop.write(folder)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Make the data of the small examples.")
    parser.add_argument("folder", type=Path, nargs="?", default=Path(__file__).parent, help="where the examples are")
    options = parser.parse_args()
    for name in MAKERS:
        make_data(name, options.folder / name / "data")


if __name__ == "__main__":
    main()
