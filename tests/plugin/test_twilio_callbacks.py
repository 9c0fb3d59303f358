"""What Twilio tells by a call: receipts and messages from people; and what it answers and lists."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from conductor_dsl.api import ForgedError, Inbound, Mark, ProviderSetting, Receipt, Verdict, WebAnswer, WebRequest
from conductor_dsl.cli.provider_sim import ACCOUNT
from conductor_plugins.provider_twilio import TWILIO
from conductor_plugins.provider_twilio.answer_to_receipt import answer_to_receipt, error_table
from conductor_plugins.provider_twilio.connections import Answer
from conductor_plugins.provider_twilio.signature import sign
from tests.sim.listening import Call, listening
from tests.sim.simulating import TOKEN, simulated

URL = "https://shop.example/callbacks/sms"
FORM = "application/x-www-form-urlencoded"
NOW = 1_772_445_600_000


def told(fields: dict[str, str], url: str = f"{URL}?key=k1", **headers: str) -> WebAnswer:
    """What is made of a call with these fields, signed unless `headers` say otherwise."""
    signed = {"x-twilio-signature": sign(TOKEN, url, list(fields.items())), "content-type": FORM}
    given = signed | {name.replace("_", "-"): value for name, value in headers.items()}
    return answer(WebRequest("POST", url, given, urlencode(fields).encode()))


def answer(request: WebRequest) -> WebAnswer:
    """As `conductor serve` asks."""
    options = {"account_sid": ACCOUNT, "auth_token": TOKEN}
    assert TWILIO.answer is not None
    found: WebAnswer = TWILIO.answer(ProviderSetting(options, ".", sa.create_engine("sqlite://"), print), request)
    return found


def status(state: str, code: str = "", sid: str = "SM1") -> Receipt:
    """The receipt that a status becomes."""
    fields = {"MessageSid": sid, "MessageStatus": state, **({"ErrorCode": code} if code else {})}
    [receipt] = told(fields).heard.receipts
    return receipt


@pytest.mark.parametrize(
    ("state", "verdict"),
    [
        ("accepted", Verdict.ACCEPTED),
        ("queued", Verdict.ACCEPTED),
        ("sending", Verdict.ACCEPTED),
        ("sent", Verdict.ACCEPTED),
        ("delivered", Verdict.DELIVERED),
        ("read", Verdict.DELIVERED),
        ("undelivered", Verdict.UNDELIVERED),
        ("failed", Verdict.UNDELIVERED),
        ("canceled", Verdict.UNDELIVERED),
        ("one_of_tomorrow", Verdict.ACCEPTED),
    ],
)
def test_a_status_is_a_receipt_with_our_key_and_the_name_of_the_message(state: str, verdict: Verdict) -> None:
    receipt = status(state)
    assert (receipt.key, receipt.verdict, receipt.provider_id) == ("k1", verdict, "SM1")


@pytest.mark.parametrize(
    ("code", "mark", "means"),
    [
        ("30003", Mark.NONE, "out of reach"),
        ("30004", Mark.BLOCKED, "blocks"),
        ("30005", Mark.DEAD, "not in use"),
        ("30006", Mark.DEAD, "landline"),
        ("30007", Mark.NONE, "filtered"),
        ("30999", Mark.NONE, "could not deliver"),
        ("21610", Mark.OPTED_OUT, "stop"),
        ("99999", Mark.NONE, "not known"),
    ],
)
def test_why_a_message_was_not_delivered_tells_of_the_address(code: str, mark: Mark, means: str) -> None:
    receipt = status("undelivered", code)
    assert (receipt.verdict, receipt.code, receipt.mark, receipt.retry_after) == (Verdict.UNDELIVERED, code, mark, 0)
    assert means in receipt.detail


def test_a_number_that_takes_no_pictures_is_not_dead() -> None:
    assert status("undelivered", "30006", "MM1").mark is Mark.NONE


def test_a_text_of_a_person_is_heard_with_its_pictures() -> None:
    fields = {"MessageSid": "MM9", "From": "+17175550100", "To": "34567", "Body": "Stop, bitte", "NumMedia": "2"}
    pictures = {"MediaUrl0": "https://m.example/0", "MediaUrl1": "https://m.example/1", "SmsStatus": "received"}
    heard = told(fields | pictures, URL)
    media = ("https://m.example/0", "https://m.example/1")
    assert heard.heard.inbound == (Inbound("MM9", "sms", "+17175550100", "34567", "Stop, bitte", 0, media),)
    assert heard.heard.receipts == ()
    assert (heard.content_type, "<Response></Response>" in heard.body) == ("text/xml", True)


def test_a_number_set_to_call_with_get_is_heard_too() -> None:
    url = f"{URL}?MessageSid=SM9&From=%2B17175550100&To=34567&Body=Hi"
    heard = answer(WebRequest("GET", url, {"x-twilio-signature": sign(TOKEN, url, [])}, b""))
    assert heard.heard.inbound == (Inbound("SM9", "sms", "+17175550100", "34567", "Hi"),)


@pytest.mark.parametrize(
    "headers",
    [
        {"x_twilio_signature": ""},
        {"x_twilio_signature": sign("another", f"{URL}?key=k1", [("MessageSid", "SM1"), ("MessageStatus", "sent")])},
        {"content_type": "text/plain"},
    ],
)
def test_a_call_of_somebody_else_is_forged(headers: dict[str, str]) -> None:
    with pytest.raises(ForgedError) as refused:
        told({"MessageSid": "SM1", "MessageStatus": "sent"}, **headers)
    assert "SM1" not in str(refused.value) and TOKEN not in str(refused.value)


def test_a_key_cannot_be_changed_on_its_way() -> None:
    signature = sign(TOKEN, f"{URL}?key=k1", [("MessageSid", "SM1"), ("MessageStatus", "delivered")])
    with pytest.raises(ForgedError):
        told({"MessageSid": "SM1", "MessageStatus": "delivered"}, f"{URL}?key=k2", x_twilio_signature=signature)


def test_a_form_with_too_many_fields_is_not_read() -> None:
    body = "&".join(f"a{number}=1" for number in range(2_000)).encode()
    with pytest.raises(ForgedError):
        answer(WebRequest("POST", URL, {"content-type": FORM, "x-twilio-signature": "x"}, body))


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"MessageSid": "SM1"},
        {"MessageSid": "SM1", "MessageStatus": ""},
        {"MessageStatus": "sent"},
        {"MessageSid": "SM1", "From": "+17175550100", "To": "34567"},
        {"From": "+17175550100", "To": "34567", "Body": "Hi"},
    ],
)
def test_a_call_that_tells_nothing_makes_no_sense(fields: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="status"):
        told(fields)


NAMES = st.sampled_from(("MessageSid", "MessageStatus", "ErrorCode", "From", "To", "Body", "MediaUrl0", "x"))


@given(st.dictionaries(NAMES, st.text(st.characters(codec="utf-8"))), st.text("key=&1%é ", max_size=9))
def test_whatever_is_signed_is_heard_or_makes_no_sense(fields: dict[str, str], query: str) -> None:
    with suppress(ValueError):
        assert told(fields, f"{URL}?{query}").content_type == "text/xml"


@given(st.binary(max_size=200), st.sampled_from((FORM, "application/json", "")), st.text(max_size=30))
def test_whatever_is_not_signed_is_forged(body: bytes, kind: str, signature: str) -> None:
    with pytest.raises(ForgedError):
        answer(WebRequest("POST", URL, {"content-type": kind, "x-twilio-signature": signature}, body))


def test_what_a_simulated_service_tells_is_genuine_and_understood(tmp_path: Path) -> None:
    with listening() as ear, simulated(tmp_path, "--receipt", "30005=1", plan="receipt_after = 0\n") as sim:
        sid = sim.send(StatusCallback=f"{ear.url}?key=7f00a1x1x2x3x4x5").said["sid"]
        receipts = [receipt for _ in range(2) for receipt in _heard(ear.next(), ear.url).receipts]
        sim.ask("POST", "/inbound", f"From=%2B17175550100&To=34567&Body=Gr%C3%BC%C3%9Fe&Url={ear.url}")
        [inbound] = _heard(ear.next(), ear.url).inbound
    assert {(each.key, each.provider_id) for each in receipts} == {("7f00a1x1x2x3x4x5", sid)}
    assert sorted((each.verdict, each.mark) for each in receipts) == [
        (Verdict.ACCEPTED, Mark.NONE),
        (Verdict.UNDELIVERED, Mark.DEAD),
    ]
    assert (inbound.sender, inbound.to, inbound.text) == ("+17175550100", "34567", "Grüße")


def _heard(call: Call, url: str) -> Any:
    root = url.removesuffix("/callbacks/sms")
    return answer(WebRequest("POST", root + call.path, call.headers, call.body)).heard


@pytest.mark.parametrize(
    ("given", "wait"),
    [
        ("7", 7_000),
        ("0", 5_000),
        ("soon", 5_000),
        ("-5", 5_000),
        ("99999999999999999999", 3_600_000),
        ("Mon, 02 Mar 2026 10:00:30 GMT", 30_000),
        ("Mon, 02 Mar 2020 10:00:30 GMT", 5_000),
        ("Mon, 02 Mar 2099 10:00:30 GMT", 3_600_000),
    ],
)
def test_how_long_the_service_wants_to_be_left_alone(given: str, wait: int) -> None:
    answered = Answer(429, {"retry-after": given}, b'{"code": 20429, "message": "Too Many Requests"}')
    receipt = answer_to_receipt("k", answered, error_table(), NOW)
    assert (receipt.verdict, receipt.retry_after, receipt.detail) == (Verdict.TRANSIENT, wait, "Too Many Requests")


@pytest.mark.parametrize(
    ("number", "body", "verdict", "code"),
    [
        (201, b'{"sid": "SM1", "status": "queued"}', Verdict.ACCEPTED, ""),
        (200, b'{"sid": "SM1", "status": "failed", "error_code": 30007}', Verdict.UNDELIVERED, "30007"),
        (201, b'{"sid": 1, "status": "queued"}', Verdict.AMBIGUOUS, "garbage"),
        (201, b'{"sid": "SM1", "status": "glowing"}', Verdict.ACCEPTED, ""),
        (201, b'{"sid": "SM1", "status": 7}', Verdict.AMBIGUOUS, "garbage"),
        (201, b'{"sid": "", "status": "queued"}', Verdict.AMBIGUOUS, "garbage"),
        (201, b"[" * 100_000, Verdict.AMBIGUOUS, "garbage"),
        (204, b"", Verdict.AMBIGUOUS, "garbage"),
        (302, b"", Verdict.TRANSIENT, "http_302"),
        (400, b'{"code": "21211"}', Verdict.REJECTED, "http_400"),
        (403, b"<html>", Verdict.TRANSIENT, "http_403"),
        (404, b'{"code": 20404}', Verdict.TRANSIENT, "20404"),
        (408, b"", Verdict.AMBIGUOUS, "http_408"),
        (500, b'{"code": 21211}', Verdict.AMBIGUOUS, "http_500"),
        (503, b"", Verdict.AMBIGUOUS, "http_503"),
    ],
)
def test_an_answer_has_its_verdict(number: int, body: bytes, verdict: Verdict, code: str) -> None:
    receipt = answer_to_receipt("k", Answer(number, {}, body), error_table(), NOW)
    assert (receipt.key, receipt.verdict, receipt.code) == ("k", verdict, code)


def test_every_code_of_the_table_has_a_verdict_as_an_answer_and_as_a_report() -> None:
    table = error_table()
    codes = [code for code in table.exact if code.isdigit()]
    assert len(codes) > 40
    for code in codes:
        answered = answer_to_receipt("k", Answer(400, {}, f'{{"code": {code}}}'.encode()), table, NOW)
        assert (answered.code, answered.verdict) == (code, table.exact[code].verdict)
        assert status("failed", code).verdict is Verdict.UNDELIVERED
