"""Who is erased cannot be found in any table, does not come back, and leaves everybody else alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
import sqlalchemy as sa

from conductor_dsl.plugin.channels import Heard, Inbound, Mark
from conductor_dsl.runtime.contact_file import contact_to_file
from conductor_dsl.runtime.forget import forget
from conductor_dsl.runtime.inbox import listener
from conductor_dsl.runtime.ingest.ingest import ingest_stream
from conductor_dsl.runtime.ingest.nouns import ImportResult
from conductor_dsl.runtime.verify.verify import verify
from conductor_dsl.shared.clock import HOUR, to_iso
from conductor_dsl.shared.errors import ConductorError
from conductor_dsl.store import tables as t
from conductor_dsl.store.connect import connect
from conductor_dsl.store.consent_tables import erased
from conductor_dsl.store.dossier import find_contact, is_erased, tables_of_contacts
from conductor_dsl.store.suppressions import suppress
from tests.conformance.shop import Shop, host

NUMBER = "+17175550155"
OLD_NUMBER = "+17175550144"
CANARIES = (
    "canary-key",
    "canary@example.com",
    NUMBER,
    OLD_NUMBER,
    "Canaria",
    "Canarieva",
    "canary-field",
    "canary-order",
    "canary-item",
    "canary-event",
    "canary-cart",
    "canary-source",
    "canary-shown",
    "canary-proof",
    "canary-text",
    "canary-sku",
)
SCRIPT = """
event happened { what text }
conversation "Texts" {
  class marketing
  thread "One" on happened {
    sms "Hello {{ first_name | default: 'you' }}, {{ event.what | default: '' }}" from code:"34567"
      -> wait 3d -> sms "Two" -> end
  }
}
"""


def imports(shop: Shop, folder: Path, kind: str, *rows: dict[str, object]) -> ImportResult:
    """Import rows as JSON lines."""
    source = BytesIO("".join(json.dumps(row) + "\n" for row in rows).encode())
    rejects = folder / "rejects.jsonl"
    return ingest_stream(
        shop.engine, shop.programs(), kind, source, clock=shop.clock, format_="jsonl", rejects_path=rejects
    )


def person(number: str = NUMBER) -> dict[str, object]:
    """The row of a contact full of canaries."""
    names = {"first_name": "Canaria", "last_name": "Canarieva"}
    return {"key": "canary-key", "email": "canary@example.com", "mobile": number, **names, "pet": "canary-field"}


@pytest.fixture
def lived(shop: Shop, tmp_path: Path) -> Shop:
    """A shop with somebody who has done all that can be done, and somebody else who has done the same."""
    shop.publish(SCRIPT)
    shop.contact("neighbour", mobile="+17175550133")
    at = to_iso(shop.now)
    imports(shop, tmp_path, "contacts", person(OLD_NUMBER))
    word = {"source": "canary-source", "text": "canary-shown", "proof": "canary-proof"}
    who = {"contact": "canary-key", "at": at}
    imports(shop, tmp_path, "consent", {**who, "list": "sms", "action": "subscribed", **word})
    item = {"sku": "canary-sku", "quantity": 1, "name": "canary-item"}
    order = {"order_id": "canary-order", "contact": "canary-key", "placed_at": at, "total": 20, "items": [item]}
    imports(shop, tmp_path, "orders", order)
    imports(shop, tmp_path, "carts", {**who, "cart_id": "canary-cart", "items": [item], "url": "http://canary-cart"})
    imports(shop, tmp_path, "events", {**who, "name": "alert.requested", "sku": "canary-sku-2"})
    shop.clock.move_to(shop.now + HOUR)
    for key in ("canary-key", "neighbour"):
        shop.event(key, "happened", "canary-event" if key == "canary-key" else "n", what="canary-event")
    shop.run()
    imports(shop, tmp_path, "contacts", person())
    shop.event("canary-key", "happened", "again", what="canary-event")
    shop.run()
    shop.event("canary-key", "sms.received", "1", text="please stop texting me, canary-text", code="34567")
    shop.run()
    row = shop.intents("canary-key")[0]
    place = (row.contact_id, row.conversation_id, row.entry_no, row.step, row.visit)
    with shop.engine.begin() as connection:
        suppress(connection, [(place, Mark.COMPLAINED, shop.now)], shop.now)
    inbound = Inbound("k", "sms", NUMBER, "34567", "canary-text")
    listener(shop.engine, shop.clock, lambda: None)(Heard(inbound=(inbound,)))
    return shop


def erase(shop: Shop, *keys: str) -> int:
    """Erase contacts by their keys."""
    ids = [shop.id(key) for key in keys]
    return forget(shop.engine, (), ids, shop.now)


def texts(engine: sa.Engine) -> Iterator[tuple[str, str]]:
    """(table, text) of every cell of every table that the database has."""
    with engine.connect() as connection:
        for name in sa.inspect(connection).get_table_names():
            for row in connection.exec_driver_sql(f'SELECT * FROM "{name}"'):
                yield from ((name, str(cell)) for cell in row)


def found(engine: sa.Engine) -> set[tuple[str, str]]:
    """The canaries that can be read somewhere, with the table. What is made of them is found too."""
    return {(table, canary) for table, text in texts(engine) for canary in CANARIES if canary in text}


def test_every_table_about_contacts_has_rows_before(lived: Shop) -> None:
    """So that the test of erasure looks at all of them: one that is added later has to be filled above."""
    filled = {table for table, _ in texts(lived.engine)}
    expected = {table.name for table in tables_of_contacts()} - {"erased", "audience", "entry_mark", "coupon", "parcel"}
    assert expected - filled <= {"happening"}
    assert {canary for _, canary in found(lived.engine)} == set(CANARIES)


def test_nothing_that_tells_of_the_contact_is_left_in_any_table(lived: Shop) -> None:
    gone = lived.id("canary-key")
    assert erase(lived, "canary-key") == 1
    # What the neighbour was sent, and which product there is, are not the contact's.
    mine = {(table, canary) for table, canary in found(lived.engine) if canary not in ("canary-event", "canary-sku")}
    assert mine == set()
    of = lived.rows(sa.select(t.event).where(t.event.c.contact_id == gone))
    assert of == []
    assert lived.rows(sa.select(t.intent.c["values"]).where(t.intent.c.contact_id == gone).distinct()) == [("[]",)]


def test_the_file_of_the_database_holds_nothing_of_the_contact(sqlite_url: str, tmp_path: Path) -> None:
    """PostgreSQL keeps files of its own, which nobody copies one by one."""
    shop = Shop(connect(sqlite_url))
    shop.publish(SCRIPT)
    imports(shop, tmp_path, "contacts", person())
    shop.event("canary-key", "happened", "canary-event", what="canary-text")
    shop.run()
    path = Path(str(shop.engine.url.database))
    assert b"canary-key" in path.read_bytes() + path.with_name(path.name + "-wal").read_bytes()
    erase(shop, "canary-key")
    with shop.engine.connect() as connection:
        raw = connection.connection
        raw.execute("VACUUM")
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    content = b"".join(each.read_bytes() for each in path.parent.glob(path.name + "*"))
    assert [canary for canary in CANARIES if canary.encode() in content] == []
    shop.engine.dispose()


def test_the_ledger_keeps_what_was_said_when_with_hashes_for_texts(lived: Shop) -> None:
    gone = lived.id("canary-key")
    before = lived.ledger("canary-key")
    erase(lived, "canary-key")
    c = t.consent.c
    after = lived.rows(sa.select(t.consent).where(c.contact_id == gone).order_by(c.at, c.list))
    plain = ("list", "at", "action", "stored_at")
    assert [[getattr(row, name) for name in plain] for row in after] == [
        [getattr(row, name) for name in plain] for row in before
    ]
    [own] = [row for row in after if row.list == "sms" and row.action == "subscribed"]
    assert all(text.startswith("hash:") for text in (own.source, own.shown_text, own.proof))
    [who] = lived.rows(sa.select(erased))
    assert who.contact_id == gone


@pytest.mark.parametrize(
    "row",
    [
        {"key": "canary-key"},
        {"key": "x", "email": "CANARY@example.com"},
        {"key": "x", "mobile": NUMBER},
        {"key": "x", "mobile": OLD_NUMBER},
    ],
)
def test_no_import_brings_the_contact_back(lived: Shop, tmp_path: Path, row: dict[str, object]) -> None:
    erase(lived, "canary-key")
    result = imports(lived, tmp_path, "contacts", row, {"key": "somebody else"})
    assert (result.stored, result.rejected) == (1, 1)
    assert "erased at their own wish" in (tmp_path / "rejects.jsonl").read_text()
    with lived.engine.connect() as connection:
        assert find_contact(connection, "x") is None
        assert is_erased(connection, "canary@example.com")


def test_the_promises_hold_afterwards_and_nothing_more_is_sent(lived: Shop) -> None:
    texts_before = len(lived.texts())
    erase(lived, "canary-key")
    lived.pass_time("10d")
    assert verify(lived.engine, host()).holds
    assert lived.texts()[texts_before:] == ["Two"], "what the neighbour gets"


def test_a_contact_is_erased_once_and_others_are_left_alone(lived: Shop) -> None:
    before = (lived.intents("neighbour"), lived.ledger("neighbour"), lived.runs("neighbour"))
    [gone] = [lived.id("canary-key")]
    assert forget(lived.engine, (), [gone], lived.now) == 1
    assert forget(lived.engine, (), [gone], lived.now) == 0
    assert (lived.intents("neighbour"), lived.ledger("neighbour"), lived.runs("neighbour")) == before


def test_who_comes_after_somebody_erased_inherits_nothing(shop: Shop) -> None:
    shop.publish('conversation "C" { reentry never thread "T" on order.placed { sms "Thanks" -> end } }')
    for key in ("a", "b"):
        shop.contact(key)
        shop.order(key, f"of {key}")
        shop.run()
    for key in ("b", "c"):
        forget(shop.engine, [], [shop.id(key)], shop.now)
        shop.contact("c" if key == "b" else "d", lists=())
    assert (shop.runs("d"), shop.intents("d"), shop.ledger("d")) == ([], [], [])
    assert len(shop.rows(sa.select(erased))) == 2


def test_who_has_a_message_on_its_way_is_erased_later(lived: Shop) -> None:
    lived.execute(sa.update(t.intent).values(state="sending", settled_at=None, lease_until=lived.now + HOUR))
    with pytest.raises(ConductorError, match="on its way"):
        erase(lived, "canary-key")
    assert {canary for _, canary in found(lived.engine)} == set(CANARIES)


def test_the_export_holds_everything_with_the_texts_that_were_sent(lived: Shop) -> None:
    lived.run()
    with lived.engine.connect() as connection:
        told = contact_to_file(connection, lived.programs(), lived.id("canary-key"), lived.now)
    text = json.dumps(told, ensure_ascii=False)
    assert [canary for canary in CANARIES if canary not in text] == []
    sent = {row.get("conversation", ""): row["text"] for row in told["intent"]}
    assert sent == {"": "Shop: no more texts.", "Texts": "Hello Canaria, canary-event"}
    assert told["contact"]["updated_at"].startswith("2026-03-02T")
    assert told["contact"]["fields"] == {"pet": "canary-field"}
    assert "neighbour" not in text
