"""From a line of a test to the rows that a file would have, had it happened."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from conductor_dsl.language.bound_tests import BoundStatement, BoundTest
from conductor_dsl.runtime.rehearse.nouns import Happening
from conductor_dsl.runtime.rehearse.values import fields_to_row, formula_to_value
from conductor_dsl.shared.clock import Instant, to_iso
from conductor_dsl.shared.duration import Duration
from conductor_dsl.store.consents import SUBSCRIBED
from conductor_dsl.store.orders import PLACED

Row = dict[str, object]
ITEM = ("name", "price", "url", "image")
"""What an item says of its product beside the `sku`."""
TOLD = "told at "
"""What the numbers of events and orders begin with that a test lets happen."""


@dataclass(frozen=True, slots=True)
class Telling:
    """By what the lines of a test are read: its beginning, its zone, its contacts' keys and zones by their names, the
    conversation of each step, and its products by their `sku`.
    """

    test: BoundTest
    now: Instant
    zone: str
    keys: Mapping[str, str]
    zones: Mapping[str, str]
    steps: Mapping[str, str]
    products: Mapping[str, Row]

    def key(self, statement: BoundStatement) -> str:
        """The key of the contact that a line is about."""
        return self.keys[self.test.whom(statement)]

    def at(self, statement: BoundStatement) -> Instant:
        """When the thing happens, by the clock of the contact it happens to."""
        zone = self.zones[self.test.whom(statement)]
        ago = statement.text("ago")
        if ago:
            return Duration.parse(ago).before(self.now, zone)
        return Duration.parse(statement.text("after") or "0m").after(self.now, zone)

    def items(self, skus: Iterable[str]) -> list[Row]:
        """The items of an order or of a cart, one piece of each, as their products are called and priced."""
        return [{"sku": sku, "quantity": 1} | self._product(sku) for sku in skus]

    def _product(self, sku: str) -> Row:
        return {name: value for name, value in self.products.get(sku, {}).items() if name in ITEM}


def statement_to_happenings(statement: BoundStatement, telling: Telling) -> Iterator[Happening]:
    """What a line lets happen; nothing for a line that says something else."""
    tell = _TELLERS.get(statement.name)
    if tell is not None:
        at = telling.at(statement)
        pool = statement.text("pool") or ""
        yield from (Happening(at, kind, row, pool) for kind, row in tell(statement, telling, at))


def products(test: BoundTest, now: Instant, zone: str) -> dict[str, Row]:
    """The products that a test gives, by their `sku`."""
    rows = [fields_to_row(statement.fields, now, zone) for statement in test.of("given", "product")]
    return {str(row.get("sku", "")): row for row in rows}


def _event(statement: BoundStatement, telling: Telling, at: Instant) -> Iterator[tuple[str, Row]]:
    name = statement.text("event") or ""
    payload = fields_to_row(statement.fields, telling.now, telling.zone)
    if items := statement.texts("items"):
        payload["items"] = telling.items(items)
    if name == PLACED:
        number = payload.get("order_id") or f"{TOLD}{statement.span.start}"
        times: Row = {"contact": telling.key(statement), "placed_at": to_iso(at)}
        yield "orders", {"total": "0"} | payload | {"order_id": number} | times
    else:
        yield from _happened(statement, telling, at, name, payload)


def _happened(
    statement: BoundStatement, telling: Telling, at: Instant, name: str, payload: Row
) -> Iterator[tuple[str, Row]]:
    row: Row = {"contact": telling.key(statement), "name": name, "at": to_iso(at)}
    yield "events", row | {"event_id": f"{TOLD}{statement.span.start}", "payload": payload}


def _engagement(statement: BoundStatement, telling: Telling, at: Instant) -> Iterator[tuple[str, Row]]:
    step, link = statement.text("step") or "", statement.text("link")
    payload: Row = {"conversation": telling.steps.get(step, ""), "step": step}
    if link is not None:
        payload["link"] = link
    yield from _happened(statement, telling, at, statement.text("engaged") or "", payload)


def _consent(statement: BoundStatement, telling: Telling, at: Instant) -> Iterator[tuple[str, Row]]:
    row: Row = {"list": statement.text("list"), "action": statement.text("action") or SUBSCRIBED, "at": to_iso(at)}
    yield "consent", row | {"contact": telling.key(statement)}


def _changed(statement: BoundStatement, telling: Telling, _at: Instant) -> Iterator[tuple[str, Row]]:
    value = statement.formula("value")
    assert value is not None
    shown = formula_to_value(value, telling.now, telling.zone)
    yield "contacts", {"key": telling.key(statement), statement.text("field") or "": shown}


def _keyword(statement: BoundStatement, telling: Telling, at: Instant) -> Iterator[tuple[str, Row]]:
    text = statement.text("text") or ""
    payload: Row = {"text": text, "code": statement.text("code"), "keyword": text.strip().upper()}
    yield from _happened(statement, telling, at, "sms.received", payload)


def _coupons(statement: BoundStatement, _telling: Telling, _at: Instant) -> Iterator[tuple[str, Row]]:
    expires = statement.text("expires") or ""
    for code in statement.texts("codes"):
        yield "coupons", {"code": code, "expires_at": expires}


def _product(statement: BoundStatement, telling: Telling, _at: Instant) -> Iterator[tuple[str, Row]]:
    measure = statement.text("measure")
    if measure is None:
        yield "products", fields_to_row(statement.fields, telling.now, telling.zone)
    else:
        yield "products", {"sku": statement.text("sku"), measure: statement.text("value")}


def _cart(statement: BoundStatement, telling: Telling, at: Instant) -> Iterator[tuple[str, Row]]:
    row: Row = {"cart_id": "cart", "contact": telling.key(statement), "at": to_iso(at)}
    items = statement.texts("items")
    row |= {"items": telling.items(items)} if items else {}
    yield "carts", row | fields_to_row(statement.fields, telling.now, telling.zone)


Teller = Callable[[BoundStatement, Telling, Instant], Iterator[tuple[str, Row]]]
_TELLERS: Mapping[str, Teller] = MappingProxyType(
    {
        "event": _event,
        "engagement": _engagement,
        "consent": _consent,
        "changed": _changed,
        "keyword": _keyword,
        "coupon": _coupons,
        "product": _product,
        "cart": _cart,
    }
)
