"""A made-up shop: people, what they agreed to, orders and coupon codes, from one source of chance."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

Row = Mapping[str, object]

ZONES = (
    ("America/New_York", "212"),
    ("America/Chicago", "312"),
    ("America/Denver", "303"),
    ("America/Los_Angeles", "206"),
)
FIRST = "Ada Ben Carla Dev Ella Finn Grace Hugo Iris Jonas Kavya Liam Mei Noor Omar Petra Quinn Rosa Søren Tess".split()
LAST = "Adams Brandt Castillo Diaz Evans Fischer Gupta Haddad Ito Jensen Kowalski Lopez Mensah Novák Okafor".split()
PROMISE = "I agree to recurring automated marketing texts at the number provided. Reply STOP to opt out."


@dataclass(slots=True)
class Shop:
    """One example: the beginning of its play, its source of chance, and the files that have been made."""

    starts: datetime
    rng: random.Random
    files: dict[str, list[Row]] = field(default_factory=dict)
    orders: int = 1000

    def happens(self, share: float) -> bool:
        """True in `share` of all cases."""
        return self.rng.random() < share

    def at(self, days: float) -> str:
        """An instant so many days after the beginning, or before it, to the minute."""
        return (self.starts + timedelta(minutes=round(days * 1440))).strftime("%Y-%m-%dT%H:%M:00Z")

    def day(self, days: float) -> date:
        """A day so many days after the beginning, or before it."""
        return (self.starts + timedelta(days=days)).date()

    def add(self, name: str, rows: Iterable[Row]) -> None:
        """More rows for a file."""
        self.files.setdefault(name, []).extend(rows)

    def people(self, count: int, **columns: Callable[[int], object]) -> list[str]:
        """The keys of so many new contacts; `columns` are fields of the shop's own, by the number of the contact."""
        start = len(self.files.get("contacts", ())) + 1
        rows = [self._person(number, columns) for number in range(start, start + count)]
        self.add("contacts", rows)
        return [str(row["key"]) for row in rows]

    def _person(self, number: int, columns: Mapping[str, Callable[[int], object]]) -> Row:
        first, last = self.rng.choice(FIRST), self.rng.choice(LAST)
        zone, area = self.rng.choice(ZONES)
        mailbox = f"{first}.{last}.{number}".lower().replace("ø", "o").replace("á", "a")
        luck = self.rng.random()
        mobile = "" if luck < 0.06 else "555-CALL" if luck < 0.10 else f"+1 {area} 555 {100 + number % 100:04d}"
        return {
            "key": f"C{number:04d}",
            "email": "" if self.happens(0.03) else f"{mailbox}@example.{self.rng.choice(('com', 'org', 'net'))}",
            "mobile": mobile,
            "first_name": "" if self.happens(0.05) else first,
            "last_name": last,
            "zone": "" if self.happens(0.05) else zone,
        } | {name: make(number) for name, make in columns.items()}

    def consent(self, keys: Sequence[str], name: str, share: float, *, texts: bool = False) -> None:
        """A share of the contacts agrees to a list before the beginning; a few of them take it back."""
        for key in keys:
            if self.happens(share):
                age = self.rng.uniform(40, 400)
                said = {"contact": key, "list": name, "source": "checkout", "text": PROMISE if texts else ""}
                self.add("consent", [said | {"action": "subscribed", "at": self.at(-age)}])
                if self.happens(0.06):
                    took_back = {"action": "unsubscribed", "at": self.at(-self.rng.uniform(1, 39)), "text": ""}
                    self.add("consent", [said | took_back])

    def order(self, name: str, key: str, days: float, items: Mapping[str, tuple[str, float]], *skus: str) -> None:
        """An order of the products with these skus; `items` gives their names and prices."""
        self.orders += 1
        self.add(
            name,
            [
                {
                    "order_id": f"O-{self.orders}",
                    "contact": key,
                    "placed_at": self.at(days),
                    "total": f"{sum(items[sku][1] for sku in skus):.2f}",
                    "items": as_items(items, skus),
                }
            ],
        )

    def coupons(self, name: str, prefix: str, count: int, last_day: float) -> None:
        """So many codes without letters that look like others, good up to a day."""
        letters = "234679ACDEFGHJKMNPQRTVWXYZ"
        codes = ("".join(self.rng.choice(letters) for _ in range(5)) for _ in range(count))
        self.add(
            name,
            [
                {"code": f"{prefix}-{code}", "expires_at": self.day(last_day).isoformat()}
                for code in dict.fromkeys(codes)
            ],
        )

    def write(self, folder: Path) -> None:
        """Write every file as CSV in UTF-8."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, rows in self.files.items():
            with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows)


def as_items(items: Mapping[str, tuple[str, float]], skus: Sequence[str]) -> str:
    """The items of an order or a cart as JSON."""
    listed = [{"sku": sku, "name": items[sku][0], "quantity": skus.count(sku)} for sku in dict.fromkeys(skus)]
    return json.dumps(listed, ensure_ascii=False, separators=(",", ":"))
