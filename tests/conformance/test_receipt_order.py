"""What a provider answers belongs to messages by their keys, in whatever order it comes."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from conductor_dsl.plugin.channels import Outgoing, Receipt, Verdict
from tests.conformance.shop import Shop

HELLO = 'when no_order_within 60d -> sms "{{ first_name }}" -> end'
NAMES = ("Ada", "Bo", "Cy")


def write_to_all(shop: Shop) -> list[tuple[str, str | None]]:
    """Send a text to each of three; returns for each the state of the text and what its provider calls it."""
    for name in NAMES:
        shop.contact(name, first_name=name)
    shop.publish(HELLO)
    shop.run()
    return [(row.state, row.provider_id) for name in NAMES for row in shop.intents(name)]


def refuse_bo(out: Outgoing) -> Receipt:
    """Take all messages but one, each under the name in it."""
    return Receipt(out.key, Verdict.REJECTED if out.text == "Bo" else Verdict.ACCEPTED, out.text)


def test_receipts_in_another_order_find_their_messages(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.sms.answer, send = refuse_bo, shop.sms.send
    monkeypatch.setattr(shop.sms, "send", lambda batch: reversed(send(batch)))
    assert write_to_all(shop) == [("accepted", "Ada"), ("rejected", None), ("accepted", "Cy")]


def test_of_two_receipts_for_a_message_the_last_one_counts(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.sms.answer, send = refuse_bo, shop.sms.send

    def send_and_think_again(batch: Sequence[Outgoing]) -> list[Receipt]:
        return [Receipt(out.key, Verdict.REJECTED, code="at first") for out in batch] + list(send(batch))

    monkeypatch.setattr(shop.sms, "send", send_and_think_again)
    assert write_to_all(shop) == [("accepted", "Ada"), ("rejected", None), ("accepted", "Cy")]


def test_one_receipt_too_few_leaves_the_others_where_they_belong(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.sms.answer, send = refuse_bo, shop.sms.send
    monkeypatch.setattr(shop.sms, "send", lambda batch: send(batch)[1:])
    found = dict(zip(NAMES, write_to_all(shop), strict=True))
    first, *others = [out.text for out in shop.sms.attempts]
    assert found.pop(first)[0] == "sending"
    assert found == {name: ("rejected", None) if name == "Bo" else ("accepted", name) for name in others}
