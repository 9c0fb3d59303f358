"""A shop whose products, carts and orders are imported from files, as they are in earnest."""

from __future__ import annotations

import json
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from conductor_dsl.runtime.ingest.ingest import ingest_stream
from conductor_dsl.runtime.ingest.nouns import ImportResult
from conductor_dsl.shared.clock import Instant, to_iso
from tests.conformance.shop import Shop


class Warehouse(Shop):
    """A shop with a way to import, and short words for what is imported most."""

    def __init__(self, engine: sa.Engine, folder: Path) -> None:
        super().__init__(engine)
        self._folder = folder
        self._orders = 0

    def load(self, kind: str, *rows: dict[str, Any]) -> ImportResult:
        """Import rows, of which none may be rejected."""
        text = "".join(json.dumps(row) + "\n" for row in rows)
        options = {"clock": self.clock, "format_": "jsonl", "rejects_path": self._folder / "rejects.jsonl"}
        result = ingest_stream(self.engine, self.programs(), kind, BytesIO(text.encode()), **options)  # type: ignore[arg-type]
        assert not result.rejected, (self._folder / "rejects.jsonl").read_text()
        return result

    def product(self, sku: str, **columns: Any) -> ImportResult:
        """Tell of one product."""
        return self.load("products", {"sku": sku, **columns})

    def cart(self, key: str, cart: str = "c1", *, at: Instant | None = None, **columns: Any) -> ImportResult:
        """A contact touches a cart, now unless told otherwise."""
        at = self.now if at is None else at
        return self.load("carts", {"cart_id": cart, "contact": key, "at": to_iso(at), **columns})

    def carts(self, touched: Sequence[tuple[str, str, Instant]]) -> ImportResult:
        """Many carts at once: (contact, cart, at)."""
        return self.load("carts", *({"contact": key, "cart_id": cart, "at": to_iso(at)} for key, cart, at in touched))

    def bought(self, key: str, *skus: str, at: Instant | None = None, quantity: int = 1) -> ImportResult:
        """A contact orders products, now unless told otherwise."""
        self._orders += 1
        items = [{"sku": sku, "quantity": quantity} for sku in skus]
        row = {"order_id": f"o{self._orders}", "contact": key, "total": 20, "items": items}
        return self.load("orders", row | {"placed_at": to_iso(self.now if at is None else at)})

    def interest(self, key: str, sku: str, name: str = "alert.requested", *, at: Instant | None = None) -> ImportResult:
        """A contact asks to be told of a product, or looks at it (`product.viewed`), now unless told otherwise."""
        at = self.now if at is None else at
        return self.load("events", {"contact": key, "name": name, "at": to_iso(at), "sku": sku})
