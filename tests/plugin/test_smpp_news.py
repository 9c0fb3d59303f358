"""What a carrier brings over SMPP: receipts of whole texts, texts from people; stored before they are answered."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from conductor_dsl.api import Inbound, Receipt, Verdict, VirtualClock
from tests.plugin.carrier import Carrier, text

NOW = 1_772_467_200_000
LONG = "a" * 400
LAST = "the last one"
STOP = ("+17175550100", "34567", "STOP")


@pytest.fixture(name="carrier")
def carrier_fixture(monkeypatch: pytest.MonkeyPatch) -> Iterator[Carrier]:
    monkeypatch.setattr("conductor_plugins.provider_smpp.provider.BATCH_SECONDS", 60)
    monkeypatch.setattr("conductor_plugins.provider_smpp.provider.PATIENCE", 30)
    carrier = Carrier()
    yield carrier
    carrier.close()


def bound(carrier: Carrier, folder: Path, **options: object) -> None:
    """A provider that is logged in."""
    carrier.provider(folder, **options)
    carrier.wait_for("bind", len(carrier.opened))


def told(carrier: Carrier) -> list[tuple[str, str, str]]:
    """The texts that were heard."""
    return [(each.sender, each.to, each.text) for each in carrier.ear.texts if each.text != LAST]


def hear_last(carrier: Carrier) -> None:
    """Wait until all that was brought has been heard: nothing comes before what was brought earlier."""
    lasts = sum(each.text == LAST for each in carrier.ear.texts)
    carrier.bring(LAST, source="19998887777")
    carrier.ear.wait_for(lambda: sum(each.text == LAST for each in carrier.ear.texts) > lasts)


@pytest.mark.parametrize(
    ("state", "verdict", "code"),
    [
        ("DELIVRD", Verdict.DELIVERED, "DELIVRD"),
        ("delivered", Verdict.DELIVERED, "DELIVRD"),
        ("UNDELIV", Verdict.UNDELIVERED, "UNDELIV"),
        ("UNDELIVERABLE", Verdict.UNDELIVERED, "UNDELIV"),
        ("EXPIRED", Verdict.UNDELIVERED, "EXPIRED"),
        ("REJECTD", Verdict.UNDELIVERED, "REJECTD"),
        ("DELETED", Verdict.UNDELIVERED, "DELETED"),
        ("ENROUTE", Verdict.ACCEPTED, "ENROUTE"),
        ("ACCEPTD", Verdict.ACCEPTED, "ACCEPTD"),
    ],
)
def test_a_receipt_tells_the_state_of_its_text(
    carrier: Carrier, tmp_path: Path, state: str, verdict: Verdict, code: str
) -> None:
    bound(carrier, tmp_path)
    carrier.bring_receipt("43969", state, "069")
    carrier.ear.wait_for(lambda: carrier.ear.receipts)
    [receipt] = carrier.ear.receipts
    assert receipt[:4] == ("", verdict, "43969", code)
    assert receipt.detail.endswith(" (error 069)")
    assert carrier.wait_for("delivered")[0]["status"] == 0


def test_a_receipt_may_come_as_parameters_only(carrier: Carrier, tmp_path: Path) -> None:
    bound(carrier, tmp_path)
    carrier.bring("", esm=4, parameters={"001e": b"ab-12\0".hex(), "0427": "02", "1400": "aabb"})
    carrier.ear.wait_for(lambda: carrier.ear.receipts)
    assert carrier.ear.receipts[0][:3] == ("", Verdict.DELIVERED, "ab-12")


@pytest.mark.parametrize("words", ["", "id: stat:", "id:7", "stat:DELIVRD", "hello", "\0\0\xff"])
def test_a_receipt_that_says_nothing_is_taken_and_forgotten(carrier: Carrier, tmp_path: Path, words: str) -> None:
    bound(carrier, tmp_path)
    carrier.bring(words, esm=4)
    assert carrier.wait_for("delivered")[0]["status"] == 0
    assert carrier.ear.heard == []


@pytest.mark.parametrize(
    ("ids", "form", "written"),
    [
        ("hex", "decimal", "43969"),
        ("decimal", "hex", "0000abc1"),
        ("hex", "decimal", "0043969"),
        ("hex", "same", "0000ABC1"),
    ],
)
def test_names_are_compared_across_their_forms(
    carrier: Carrier, tmp_path: Path, ids: str, form: str, written: str
) -> None:
    carrier.order(ids=ids)
    provider = carrier.provider(tmp_path, receipt_ids=form)
    [sent] = provider.send([text()])
    carrier.bring_receipt(written)
    carrier.ear.wait_for(lambda: carrier.ear.receipts)
    assert sent.by_id and carrier.ear.receipts[0].provider_id == sent.provider_id != ""


def names_of_parts(carrier: Carrier, folder: Path) -> list[str]:
    """The names of the three parts of a text that was sent."""
    carrier.provider(folder).send([text(1, LONG)])
    return [each["name"] for each in carrier.wait_for("submit", 3)]


def test_a_long_text_is_delivered_when_all_its_parts_are(carrier: Carrier, tmp_path: Path) -> None:
    first, second, third = names_of_parts(carrier, tmp_path)
    for name in (third, first, third, first):
        carrier.bring_receipt(name)
    hear_last(carrier)
    assert carrier.ear.receipts == []
    carrier.bring_receipt(second)
    carrier.ear.wait_for(lambda: carrier.ear.receipts)
    [receipt] = carrier.ear.receipts
    assert receipt[:2] == (text().key, Verdict.DELIVERED)


def test_a_long_text_is_not_delivered_when_one_part_is_not(carrier: Carrier, tmp_path: Path) -> None:
    first, second, third = names_of_parts(carrier, tmp_path)
    carrier.bring_receipt(first)
    carrier.bring_receipt(second, "UNDELIV", "001")
    carrier.bring_receipt(third)
    hear_last(carrier)
    assert [receipt[:2] for receipt in carrier.ear.receipts] == [(text().key, Verdict.UNDELIVERED)]


def test_parts_are_known_after_a_restart(carrier: Carrier, tmp_path: Path) -> None:
    first, second, third = names_of_parts(carrier, tmp_path)
    carrier.bring_receipt(second)
    hear_last(carrier)
    carrier.opened[0].close()
    bound(carrier, tmp_path)
    carrier.bring_receipt(first)
    carrier.bring_receipt(third)
    carrier.ear.wait_for(lambda: carrier.ear.receipts)
    assert carrier.ear.receipts[0][:2] == (text().key, Verdict.DELIVERED)


def test_receipts_of_parts_may_come_while_the_rest_is_being_sent(carrier: Carrier, tmp_path: Path) -> None:
    carrier.rule("b", hold=True)
    provider = carrier.provider(tmp_path)
    with ThreadPoolExecutor(1) as thread:
        sent = thread.submit(provider.send, [text(1, "a" * 160 + "b" * 60)])
        first = carrier.wait_for("submit", 2)[0]["name"]
        carrier.bring_receipt(first)
        hear_last(carrier)
        assert carrier.ear.receipts == []
        carrier.order(release=True)
        assert sent.result()[0].verdict is Verdict.ACCEPTED
    carrier.bring_receipt(str(int(first) + 1))
    carrier.ear.wait_for(lambda: carrier.ear.receipts)
    assert carrier.ear.receipts[0][:2] == (text().key, Verdict.DELIVERED)


def test_a_text_from_a_person_is_heard_with_both_numbers(carrier: Carrier, tmp_path: Path) -> None:
    bound(carrier, tmp_path)
    carrier.bring("STOP")
    carrier.ear.wait_for(lambda: carrier.ear.texts)
    [heard] = carrier.ear.texts
    assert heard == Inbound(heard.key, "sms", *STOP)
    assert heard.key


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"body": "0001111b651b3c5f7f"}, "@£_€[§à"),
        ({"body": "ça va 👋".encode("utf-16-be").hex(), "coding": 8}, "ça va 👋"),
        ({"body": "é".encode("latin-1").hex(), "coding": 3}, "é"),
        ({"body": "", "parameters": {"0424": b"STOP".hex()}}, "STOP"),
        ({"body": ""}, ""),
        ({"body": "d8", "coding": 8}, "�"),
    ],
)
def test_a_text_is_read_as_it_was_encoded(
    carrier: Carrier, tmp_path: Path, given: dict[str, object], words: str
) -> None:
    bound(carrier, tmp_path)
    carrier.bring(**given)  # type: ignore[arg-type]
    carrier.ear.wait_for(lambda: carrier.ear.texts)
    assert carrier.ear.texts[0].text == words


@pytest.mark.parametrize(
    ("source", "ton", "sender"),
    [
        ("17175550100", 1, "+17175550100"),
        ("17175550100", 0, "+17175550100"),
        ("7175550100", 2, "+17175550100"),
        ("34999", 3, "34999"),
        ("Bank", 5, "Bank"),
    ],
)
def test_a_number_is_written_as_ours_are(carrier: Carrier, tmp_path: Path, source: str, ton: int, sender: str) -> None:
    bound(carrier, tmp_path, country_code="1")
    carrier.bring("hi", source=source, source_ton=ton)
    carrier.ear.wait_for(lambda: carrier.ear.texts)
    assert carrier.ear.texts[0].sender == sender


def bring_piece(carrier: Carrier, number: int, words: str, total: int = 3, reference: int = 7) -> None:
    """Bring one piece of a long text of a person, with a header."""
    carrier.bring(body=(bytes((5, 0, 3, reference, total, number)) + words.encode()).hex(), esm=0x40)


def test_pieces_are_joined_in_whatever_order_and_however_often_they_come(carrier: Carrier, tmp_path: Path) -> None:
    bound(carrier, tmp_path)
    for number in (3, 1, 3):
        bring_piece(carrier, number, f"<{number}>")
    bring_piece(carrier, 1, "other", reference=8)
    hear_last(carrier)
    assert told(carrier) == []
    bring_piece(carrier, 2, "<2>")
    carrier.ear.wait_for(lambda: told(carrier))
    hear_last(carrier)
    assert [words for *_, words in told(carrier)] == ["<1><2><3>"]


def test_pieces_with_a_longer_reference_or_with_parameters_are_joined(carrier: Carrier, tmp_path: Path) -> None:
    bound(carrier, tmp_path)
    letters = "👋".encode("utf-16-be")
    for number in (1, 2):
        head = bytes((9, 5, 1, 0, 8, 4, 1, 2, 2, number))
        carrier.bring(body=(head + letters[2 * number - 2 : 2 * number]).hex(), esm=0x40, coding=8)
    for number, words in ((2, "two"), (1, "one ")):
        parameters = {"020c": "0001", "020e": "02", "020f": f"{number:02}"}
        carrier.bring(words, parameters=parameters, source="17175550101")
    carrier.ear.wait_for(lambda: len(carrier.ear.texts) == 2)
    assert [words for *_, words in told(carrier)] == ["👋", "one two"]


def test_pieces_are_kept_over_a_restart(carrier: Carrier, tmp_path: Path) -> None:
    bound(carrier, tmp_path)
    bring_piece(carrier, 1, "ST", total=2)
    carrier.wait_for("delivered")
    carrier.opened[0].close()
    bound(carrier, tmp_path)
    bring_piece(carrier, 2, "OP", total=2)
    carrier.ear.wait_for(lambda: carrier.ear.texts)
    assert told(carrier) == [STOP]


def test_what_has_come_of_a_text_is_told_when_the_rest_does_not_come(carrier: Carrier, tmp_path: Path) -> None:
    carrier.clock = clock = VirtualClock(NOW)
    bound(carrier, tmp_path)
    bring_piece(carrier, 1, "STOP ")
    bring_piece(carrier, 3, "!")
    carrier.wait_for("delivered", 2)
    clock.move_to(NOW + 599_999)
    hear_last(carrier)
    assert told(carrier) == []
    clock.move_to(NOW + 600_000)
    carrier.bring("hi", source="17175550109")
    carrier.ear.wait_for(lambda: len(told(carrier)) == 2)
    assert ("+17175550100", "34567", "STOP !") in told(carrier)


@pytest.mark.parametrize("head", ["05", "ff0003", "050003070301", "0500030700", "05000307030900", "0008ff"])
def test_a_header_that_makes_no_sense_does_no_harm(carrier: Carrier, tmp_path: Path, head: str) -> None:
    bound(carrier, tmp_path)
    carrier.bring(body=head, esm=0x40)
    assert carrier.wait_for("delivered")[0]["status"] == 0
    carrier.bring("STOP", source="17175550109")
    carrier.ear.wait_for(lambda: any(each.text == "STOP" for each in carrier.ear.texts))


def test_what_could_not_be_stored_is_not_answered_as_taken(carrier: Carrier, tmp_path: Path) -> None:
    bound(carrier, tmp_path)
    carrier.ear.fail = 1
    carrier.bring("STOP")
    assert carrier.wait_for("delivered")[0]["status"] == 0x64
    assert carrier.ear.heard == []
    carrier.bring("STOP")
    assert carrier.wait_for("delivered", 2)[1]["status"] == 0
    assert told(carrier) == [STOP]


def test_pieces_whose_text_could_not_be_stored_are_not_forgotten(carrier: Carrier, tmp_path: Path) -> None:
    bound(carrier, tmp_path)
    bring_piece(carrier, 1, "ST", total=2)
    carrier.wait_for("delivered")
    carrier.ear.fail = 1
    bring_piece(carrier, 2, "OP", total=2)
    assert carrier.wait_for("delivered", 2)[1]["status"] == 0x64
    bring_piece(carrier, 2, "OP", total=2)
    carrier.ear.wait_for(lambda: carrier.ear.texts)
    assert told(carrier) == [STOP]


def test_a_text_that_is_brought_twice_has_one_name_and_a_later_one_another(carrier: Carrier, tmp_path: Path) -> None:
    carrier.clock = clock = VirtualClock(NOW)
    bound(carrier, tmp_path)
    for count, at in enumerate((NOW, NOW + 60_000, NOW + 3_600_000), 1):
        clock.move_to(at)
        carrier.bring("YES")
        carrier.wait_for("delivered", count)
    first, again, later = (each.key for each in carrier.ear.texts)
    assert first == again != later


def test_a_receipt_that_we_found_out_ourselves_is_stored_again(
    carrier: Carrier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conductor_plugins.provider_smpp.hearing.AGAIN", 0.01)
    carrier.rule("slow", hold=True)
    provider = carrier.provider(tmp_path)
    carrier.has_little_time(provider, 0.2)
    provider.send([text(1, "slow")])
    carrier.ear.fail = 1
    carrier.order(release=True)
    carrier.ear.wait_for(lambda: carrier.ear.receipts)
    assert carrier.ear.receipts == [Receipt(text().key, Verdict.ACCEPTED, "43969")]
