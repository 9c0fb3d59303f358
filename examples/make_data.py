"""Make the data of the small examples: `python examples/make_data.py [FOLDER]`.

The same files, byte for byte, every time. Nobody real is in them: e-mail addresses end in example.com, .org or .net,
and phone numbers come from 555-0100 to 555-0199, which are kept free for tests and films. The winback example has a
generator of its own, for any number of contacts.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from made_up_shop import Shop

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


def _begins(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 10, tzinfo=UTC)


MAKERS: Mapping[str, tuple[datetime, Maker]] = {
    "post_purchase": (_begins(3, 2), post_purchase),
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
