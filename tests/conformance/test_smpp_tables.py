"""The tables of the provider `smpp` work alike on both databases."""

from __future__ import annotations

from conductor_dsl.api import Receipt, Verdict
from conductor_plugins.provider_smpp.part_ledger import PartLedger
from conductor_plugins.provider_smpp.pdu_to_news import Piece
from conductor_plugins.provider_smpp.piece_store import PieceStore
from tests.conformance.shop import Shop


def test_a_text_is_delivered_when_all_its_parts_are(shop: Shop) -> None:
    ledger = PartLedger(shop.engine, shop.clock)
    for name in ("a", "b"):
        ledger.submitted(name, "key", 2)
    ledger.save()
    ledger.submitted("b", "key", 2)
    alone = Receipt("", Verdict.DELIVERED, "alone")
    first, second = (Receipt("", Verdict.DELIVERED, name) for name in ("a", "b"))
    assert ledger.settle([first, alone]) == [alone]
    assert ledger.settle([second]) == [second._replace(key="key")]


def test_a_part_that_was_delivered_stays_so(shop: Shop) -> None:
    ledger = PartLedger(shop.engine, shop.clock)
    for name in ("a", "b"):
        ledger.submitted(name, "key", 2)
    ledger.settle([Receipt("", Verdict.DELIVERED, "a")])
    ledger.settle([Receipt("", Verdict.ACCEPTED, "a")])
    assert ledger.settle([Receipt("", Verdict.DELIVERED, "b")])[0].key == "key"


def test_names_of_long_ago_are_forgotten(shop: Shop) -> None:
    ledger = PartLedger(shop.engine, shop.clock)
    ledger.submitted("a", "key", 2)
    ledger.save()
    shop.clock.move_to(shop.now + 8 * 86_400_000)
    ledger.submitted("b", "other", 2)
    receipt = Receipt("", Verdict.UNDELIVERED, "a")
    assert ledger.settle([receipt]) == [receipt]


def test_pieces_are_joined_and_forgotten(shop: Shop) -> None:
    store = PieceStore(shop.engine, shop.clock)
    second, first = (Piece("+1717", "34567", 7, 2, number, 0, words) for number, words in ((2, b"OP"), (1, b"ST")))
    assert store.join([second, second]).texts == ()
    joined = store.join([first, Piece("+1718", "34567", 0, 1, 1, 0, b"Hi")])
    assert [text.text for text in joined.texts] == ["Hi", "STOP"]
    assert [text.text for text in store.join([]).texts] == ["STOP"], "forgotten before it was told"
    store.forget(joined.groups)
    assert store.join([]).texts == ()
