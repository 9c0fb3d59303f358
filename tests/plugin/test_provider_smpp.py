"""The provider `smpp` before an SMS centre in another process: the shared suite, and what becomes of texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import trustme

from conductor_dsl.api import NOT_ACCEPTED, ChannelProvider, ConfigError, Mark, ProviderSetting, Receipt, Verdict
from conductor_dsl.testing.provider_suite import ProviderSuite
from conductor_plugins.provider_smpp import SMPP, courier
from conductor_plugins.provider_smpp.pace import Pace
from conductor_plugins.provider_smpp.provider import SmppProvider
from tests.plugin.carrier import Carrier, text
from tests.plugin.smsc import PASSWORD

LONG = "a" * 400
THROTTLED, QUEUE_FULL, NO_NUMBER, SYSTEM_ERROR, OF_ITS_OWN = 0x58, 0x14, 0x0B, 0x08, 0x410


@pytest.fixture(name="carrier")
def carrier_fixture(monkeypatch: pytest.MonkeyPatch) -> Iterator[Carrier]:
    monkeypatch.setattr("conductor_plugins.provider_smpp.provider.BATCH_SECONDS", 60)
    monkeypatch.setattr("conductor_plugins.provider_smpp.provider.PATIENCE", 30)
    carrier = Carrier()
    yield carrier
    carrier.close()


def words_of(told: dict[str, Any]) -> str:
    """The text of a submitted part, read by the codec of the test."""
    body = bytes.fromhex(told["body"])
    if told["esm"] & 0x40:
        body = body[body[0] + 1 :]
    return body.decode("utf-16-be") if told["coding"] == 8 else body.decode("ascii")


class TestTexts(ProviderSuite):
    """The suite, with a carrier that takes everything."""

    channel = "sms"
    can_look_up = False
    large_batch = 500
    is_shared = True
    secrets = (PASSWORD,)

    @pytest.fixture(autouse=True)
    def _carrier(self, carrier: Carrier) -> None:
        self.carrier = carrier

    def provider(self, folder: Path) -> ChannelProvider:
        """A provider that is logged in."""
        made: ChannelProvider = self.carrier.provider(folder)
        return made

    def out_of_reach(self, folder: Path) -> ChannelProvider:
        """A provider at a port where nobody listens."""
        made: ChannelProvider = self.carrier.provider(folder, port=1)
        return made


def test_a_text_that_was_taken_is_not_submitted_again(carrier: Carrier, tmp_path: Path) -> None:
    provider = carrier.provider(tmp_path)
    assert provider.send([text()]) == provider.send([text()])
    assert len(carrier.told("submit")) == 1


def send_one(carrier: Carrier, folder: Path, words: str = "Hello Ada", **options: Any) -> Receipt:
    """The receipt of one text."""
    receipts: Sequence[Receipt] = carrier.provider(folder, **options).send([text(1, words)])
    assert len(receipts) == 1
    return receipts[0]


def test_a_text_arrives_as_it_was_written_with_its_addresses_and_its_validity(carrier: Carrier, tmp_path: Path) -> None:
    receipt = send_one(carrier, tmp_path)
    [told] = carrier.wait_for("submit")
    assert receipt == Receipt(text().key, Verdict.ACCEPTED, told["name"], by_id=True)
    assert (told["source"], told["source_ton"], told["source_npi"]) == ("34567", 3, 0)
    assert (told["dest"], told["dest_ton"], told["dest_npi"]) == ("17175550100", 1, 1)
    assert (words_of(told), told["coding"], told["esm"], told["registered"]) == ("Hello Ada", 0, 0, 1)
    assert told["validity"] == "000000010000000R"
    assert carrier.told("bind") == [{"event": "bind", "system_id": "alder", "allowed": True}]


@pytest.mark.parametrize(
    ("sender", "kind"),
    [("34567", ("34567", 3, 0)), ("+17175550199", ("17175550199", 1, 1)), ("Alder", ("Alder", 5, 0))],
)
def test_the_type_of_a_sender_follows_from_its_form(
    carrier: Carrier, tmp_path: Path, sender: str, kind: tuple[str, int, int]
) -> None:
    carrier.provider(tmp_path).send([text()._replace(sender=sender)])
    [told] = carrier.wait_for("submit")
    assert (told["source"], told["source_ton"], told["source_npi"]) == kind


def test_letters_of_the_small_alphabet_have_the_bytes_of_phones(carrier: Carrier, tmp_path: Path) -> None:
    send_one(carrier, tmp_path, "@£_€[§à")
    [told] = carrier.wait_for("submit")
    assert (told["body"], told["coding"]) == ("0001111b651b3c5f7f", 0)


def test_other_letters_go_as_ucs_2(carrier: Carrier, tmp_path: Path) -> None:
    send_one(carrier, tmp_path, "ça va 👋")
    [told] = carrier.wait_for("submit")
    assert (words_of(told), told["coding"]) == ("ça va 👋", 8)


@pytest.mark.parametrize(("words", "parts"), [(LONG, 3), ("é" * 100 + "👋" * 40, 3), ("ç" * 141, 3), ("a" * 161, 2)])
def test_a_long_text_goes_in_parts_with_one_header(carrier: Carrier, tmp_path: Path, words: str, parts: int) -> None:
    receipt = send_one(carrier, tmp_path, words)
    told = carrier.wait_for("submit", parts)
    heads = [bytes.fromhex(each["body"])[:6] for each in told]
    assert len(told) == parts and {each["esm"] for each in told} == {0x40}
    assert [head[:3] + head[4:] for head in heads] == [bytes((5, 0, 3, parts, at)) for at in range(1, parts + 1)]
    assert len({head[3] for head in heads}) == 1
    assert "".join(map(words_of, told)) == words
    assert all(len(each["body"]) // 2 <= 140 if each["coding"] == 8 else len(each["body"]) // 2 <= 159 for each in told)
    assert (receipt.verdict, receipt.provider_id, receipt.by_id) == (Verdict.ACCEPTED, told[0]["name"], False)


def test_a_long_text_can_go_with_parameters_instead(carrier: Carrier, tmp_path: Path) -> None:
    send_one(carrier, tmp_path, LONG, concatenation="sar")
    told = carrier.wait_for("submit", 3)
    assert [each["parameters"]["020e"] + each["parameters"]["020f"] for each in told] == ["0301", "0302", "0303"]
    assert len({each["parameters"]["020c"] for each in told}) == 1
    assert "".join(map(words_of, told)) == LONG and {each["esm"] for each in told} == {0}


@pytest.mark.parametrize(
    ("status", "verdict", "code"),
    [
        (NO_NUMBER, Verdict.REJECTED, "ESME_RINVDSTADR"),
        (SYSTEM_ERROR, Verdict.TRANSIENT, "ESME_RSYSERR"),
        (OF_ITS_OWN, Verdict.TRANSIENT, "0x00000410"),
    ],
)
def test_a_status_has_its_verdict_and_harms_nobody_else(
    carrier: Carrier, tmp_path: Path, status: int, verdict: Verdict, code: str
) -> None:
    carrier.rule("bad", status=status)
    receipts = carrier.provider(tmp_path).send([text(1, "bad"), text(2), text(3)])
    told = {receipt.key: receipt for receipt in receipts}
    assert (told[text(1).key].verdict, told[text(1).key].code) == (verdict, code)
    assert (told[text(1).key].mark is Mark.INVALID) == (status == NO_NUMBER)
    assert told[text(2).key].verdict is told[text(3).key].verdict is Verdict.ACCEPTED


@pytest.mark.parametrize("status", [THROTTLED, QUEUE_FULL])
def test_who_is_throttled_rests_with_everybody_behind_him(carrier: Carrier, tmp_path: Path, status: int) -> None:
    carrier.rule("", times=99, status=status)
    provider = carrier.provider(tmp_path, window=1)
    receipts = provider.send([text(number) for number in range(20)])
    assert {receipt.verdict for receipt in receipts} == {Verdict.TRANSIENT}
    assert all(0 < receipt.retry_after <= 5_000 for receipt in receipts)
    assert len(carrier.told("submit")) == 1


def test_no_more_texts_wait_for_an_answer_than_the_window_has_room_for(carrier: Carrier, tmp_path: Path) -> None:
    carrier.rule("", times=3, hold=True)
    provider = carrier.provider(tmp_path, window=3)
    with ThreadPoolExecutor(1) as thread:
        sent = thread.submit(provider.send, [text(number) for number in range(6)])
        carrier.wait_for("submit", 3)
        assert len(carrier.told("submit")) == 3
        carrier.order(release=True)
        assert {receipt.verdict for receipt in sent.result()} == {Verdict.ACCEPTED}
    assert len(carrier.told("submit")) == 6


def test_a_text_of_many_parts_is_not_too_long_for_a_slow_pace() -> None:
    pace = Pace(1)
    moments = pace.reserve(10, 100.0, 103.0)
    assert moments is not None and moments[0] == 100.0 and moments[-1] < 101.5
    assert pace.reserve(1, 109.9, 109.95) is None
    assert pace.reserve(1, 109.9, 110.0) == [110.0]


def test_no_more_parts_leave_in_a_second_than_the_rate(
    carrier: Carrier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conductor_plugins.provider_smpp.provider.BATCH_SECONDS", 11.5)
    monkeypatch.setattr(courier.Courier, "margin", 10.0)
    provider = carrier.provider(tmp_path, rate=4)
    carrier.wait_for("bind")
    carrier.bring("Whoever hears this is logged in")
    carrier.ear.wait_for(lambda: carrier.ear.texts)
    receipts = provider.send([text(number, "a" * 161) for number in range(8)])
    accepted = [receipt for receipt in receipts if receipt.verdict is Verdict.ACCEPTED]
    # A call has a second and a half here, beside the time of an answer: seven parts, and so three texts of two.
    assert len(accepted) == 3
    assert {receipt.code for receipt in receipts if receipt not in accepted} == {NOT_ACCEPTED}


def test_a_text_without_an_answer_is_in_doubt_and_the_late_answer_ends_it(carrier: Carrier, tmp_path: Path) -> None:
    carrier.rule("slow", hold=True)
    provider = carrier.provider(tmp_path)
    carrier.has_little_time(provider, 0.2)
    [receipt] = provider.send([text(1, "slow")])
    assert (receipt.verdict, receipt.code) == (Verdict.AMBIGUOUS, "no_answer")
    assert provider.look_up([receipt.key]) is None
    carrier.order(release=True)
    carrier.ear.wait_for(lambda: carrier.ear.receipts)
    [late] = carrier.ear.receipts
    assert (late.key, late.verdict) == (receipt.key, Verdict.ACCEPTED)
    carrier.bring_receipt(late.provider_id)
    carrier.ear.wait_for(lambda: len(carrier.ear.receipts) == 2)
    assert carrier.ear.receipts[1][:2] == (receipt.key, Verdict.DELIVERED)


def test_a_connection_that_breaks_leaves_what_was_submitted_in_doubt_and_nothing_else(
    carrier: Carrier, tmp_path: Path
) -> None:
    carrier.rule("break", drop=True)
    provider = carrier.provider(tmp_path, window=1)
    batch = [text(1), text(2, "break"), text(3)]
    verdicts = {receipt.key: receipt.verdict for receipt in provider.send(batch)}
    assert verdicts == dict(
        zip([each.key for each in batch], (Verdict.ACCEPTED, Verdict.AMBIGUOUS, Verdict.TRANSIENT), strict=True)
    )
    assert [words_of(told) for told in carrier.told("submit")] == ["Hello Ada", "break"]


def test_a_session_that_broke_is_opened_again(
    carrier: Carrier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conductor_plugins.provider_smpp.link.FIRST_PAUSE", 0.01)
    provider = carrier.provider(tmp_path)
    carrier.wait_for("bind")
    carrier.order(drop=True)
    carrier.wait_for("bind", 2)
    assert provider.send([text()])[0].verdict is Verdict.ACCEPTED


@pytest.mark.parametrize("raw", ["00000003", "ffffffff80000004", "00" * 16, "474554202f20485454502f312e310d0a0d0a"])
def test_a_carrier_that_talks_garbage_is_left_and_asked_anew(
    carrier: Carrier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, raw: str
) -> None:
    monkeypatch.setattr("conductor_plugins.provider_smpp.link.FIRST_PAUSE", 0.01)
    provider = carrier.provider(tmp_path)
    carrier.wait_for("bind")
    carrier.order(raw=raw)
    carrier.wait_for("bind", 2)
    assert provider.send([text()])[0].verdict is Verdict.ACCEPTED


def test_an_answer_that_cannot_be_read_leaves_a_text_in_doubt_and_an_unknown_pdu_is_refused(
    carrier: Carrier, tmp_path: Path
) -> None:
    broken_answer = "000000168000000400000000" + b"SEQ#".hex() + "0005ffff0000"
    carrier.rule("odd", raw="00000010000001f70000000000000009" + broken_answer)
    provider = carrier.provider(tmp_path)
    [receipt] = provider.send([text(1, "odd")])
    assert receipt.verdict in (Verdict.AMBIGUOUS, Verdict.ACCEPTED) and receipt.provider_id == ""
    assert carrier.wait_for("other")[0] == {"event": "other", "command": 0x8000_0000, "status": 3}
    assert provider.send([text(2)])[0].verdict is Verdict.ACCEPTED


def test_parts_after_the_first_are_tried_again_at_once(
    carrier: Carrier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courier, "PART_PAUSE", 0.01)
    carrier.rule("b", times=2, status=SYSTEM_ERROR)
    assert send_one(carrier, tmp_path, "a" * 160 + "b" * 60).verdict is Verdict.ACCEPTED
    assert len(carrier.told("submit")) == 4


@pytest.mark.parametrize(
    ("what", "verdict"),
    [
        ({"status": NO_NUMBER}, Verdict.REJECTED),
        ({"status": SYSTEM_ERROR}, Verdict.AMBIGUOUS),
        ({"drop": True}, Verdict.AMBIGUOUS),
    ],
)
def test_a_text_of_which_only_some_parts_were_taken_is_not_sent_anew(
    carrier: Carrier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: dict[str, Any], verdict: Verdict
) -> None:
    monkeypatch.setattr(courier, "PART_PAUSE", 99)
    carrier.rule("b", times=99, **what)
    receipt = send_one(carrier, tmp_path, "a" * 160 + "b" * 60)
    assert receipt.verdict is verdict
    assert receipt.detail.startswith("1 of 2 parts were taken, and of the rest: ")
    assert receipt.retry_after == 0


def test_a_carrier_that_does_not_let_us_in_says_why(carrier: Carrier, tmp_path: Path) -> None:
    receipt = send_one(carrier, tmp_path, password="wrong")
    assert (receipt.verdict, receipt.code) == (Verdict.TRANSIENT, "ESME_RINVPASWD")
    assert receipt.detail == "the carrier does not let us in: check system_id, password and system_type"
    assert 200_000 < receipt.retry_after <= 300_000
    assert carrier.told("submit") == []
    again = carrier.opened[0].send([text(2)])
    assert again[0].code == "ESME_RINVPASWD" and len(carrier.told("bind")) == 1


@pytest.mark.parametrize("name", ["localhost", "other.carrier.example"])
def test_over_tls_only_the_certificate_of_its_own_name_is_trusted(tmp_path: Path, name: str) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    authority.issue_cert(name).private_key_and_cert_chain_pem.write_to_path(tmp_path / "own.pem")
    carrier = Carrier(str(tmp_path / "own.pem"))
    try:
        receipt = send_one(carrier, tmp_path, host="localhost", tls=True, ca_file="ca.pem")
        let_in = len(carrier.told("bind"))
    finally:
        carrier.close()
    if name == "localhost":
        assert (receipt.verdict, let_in) == (Verdict.ACCEPTED, 1)
    else:
        assert (receipt.code, receipt.verdict, let_in) == ("certificate", Verdict.TRANSIENT, 0)


def test_a_carrier_that_is_not_there_is_waited_for(carrier: Carrier, tmp_path: Path) -> None:
    carrier.stop()
    receipt = send_one(carrier, tmp_path)
    assert (receipt.verdict, receipt.code) == (Verdict.TRANSIENT, "unreachable")
    assert receipt.retry_after > 0


def test_after_a_silence_the_carrier_is_asked_and_one_that_is_deaf_is_left(
    carrier: Carrier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conductor_plugins.provider_smpp.link.FIRST_PAUSE", 0.01)
    carrier.provider(tmp_path, enquire=0.05, timeout=0.1)
    carrier.wait_for("enquire", 2)
    carrier.order(deaf=True)
    carrier.wait_for("gone")
    carrier.order(deaf=False)
    carrier.wait_for("bind", 2)


def test_who_closes_logs_out(carrier: Carrier, tmp_path: Path) -> None:
    provider = carrier.provider(tmp_path)
    carrier.wait_for("bind")
    provider.send([text()])
    provider.close()
    assert carrier.wait_for("unbind") and carrier.wait_for("gone")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"to": "12"}, "no telephone number"),
        ({"to": "ada@example.com"}, "no telephone number"),
        ({"sender": "a very long name"}, "at most 11 letters"),
        ({"text": ""}, "the text is empty"),
        ({"media": ("https://shop.example/a.png",)}, "no pictures"),
        ({"text": "ç" * 67 * 256}, "more than 255 parts"),
    ],
)
def test_what_smpp_cannot_carry_is_refused(carrier: Carrier, tmp_path: Path, change: dict[str, Any], why: str) -> None:
    [receipt] = carrier.provider(tmp_path).send([text()._replace(**change)])
    assert (receipt.verdict, receipt.code) == (Verdict.REJECTED, "unusable") and why in receipt.detail
    assert carrier.told("submit") == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "has no `host`"),
        ({"host": "a", "prot": 1}, "has no option `prot`"),
        ({"host": "a", "port": "2775"}, "`port` of the provider `smpp` is not a number"),
        ({"host": "a", "window": 0}, "not a number from 1 to"),
        ({"host": "a", "tls": "yes"}, "`tls` of the provider `smpp` is not `true` or `false`"),
        ({"host": "a", "password": "longer than 8"}, "more than the 8 letters"),
        ({"host": "a", "timeout": "1h"}, "not a duration that it can use"),
        ({"host": "a", "receipt_ids": "octal"}, "none of `same`, `decimal`, `hex`"),
        ({"host": "a", "tls": True, "ca_file": "missing.pem"}, "`ca_file` of the provider `smpp` cannot be read"),
    ],
)
def test_an_option_that_cannot_be_used_is_named(tmp_path: Path, options: dict[str, Any], message: str) -> None:
    setting = ProviderSetting(options, str(tmp_path), sa.create_engine("sqlite://"), print)
    with pytest.raises(ConfigError, match=message) as caught:
        SMPP.build(setting)
    assert "longer than 8" not in f"{caught.value} {caught.value.hint}"


def test_a_provider_as_conductor_toml_builds_it_sends(carrier: Carrier, tmp_path: Path) -> None:
    options = {"host": "127.0.0.1", "port": carrier.port, "system_id": "alder", "password": "s3cret", "rate": 100}
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'a.db'}")
    built = SMPP.build(ProviderSetting(options, str(tmp_path), engine, print, carrier.ear))
    assert isinstance(built, SmppProvider)
    carrier.opened.append(built)
    assert built.send([text()])[0].verdict is Verdict.ACCEPTED
