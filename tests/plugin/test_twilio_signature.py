"""The signature of Twilio's calls: what its own library says, of genuine calls and of changed ones."""

from __future__ import annotations

import json
import re
from collections import Counter
from random import Random
from typing import Any

import pytest

from conductor_dsl.api import WebRequest
from conductor_plugins.provider_twilio.signature import fields_of, is_genuine, sign
from tests.plugin.make_signed_calls import CHANGED, PATH
from tests.plugin.signed_calls import FORM, SECRET, Call, changed, genuine

TOLD: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))


def signed() -> list[Call]:
    """The genuine calls with the signatures of the library."""
    return [call._replace(signature=made) for call, made in zip(genuine(), TOLD["signatures"], strict=True)]


def accepts(call: Call) -> bool:
    """What we say of a call."""
    headers = {"x-twilio-signature": call.signature}
    if call.type:
        headers["content-type"] = f"{call.type}; charset=UTF-8"
    if call.algorithm:
        headers["x-twilio-webhooks-signature-settings"] = f"key=k1,algorithm={call.algorithm}"
    request = WebRequest("POST", call.url, headers, call.content)
    return bool(is_genuine(call.secret, request, fields_of(request)))


def meaning(call: Call) -> tuple[object, ...]:
    """What a call says, whatever the order of its fields, how often one stands there, and the port."""
    algorithm = call.algorithm or "HMAC_SHA1"
    return re.sub(r":\d+", "", call.url), set(call.fields), call.body, call.type, algorithm, call.secret


def test_every_genuine_call_is_accepted() -> None:
    assert [call for call in signed() if not accepts(call)] == []
    assert len(signed()) == 80


def test_we_sign_as_the_library_does() -> None:
    forms = [call for call in signed() if call.type == FORM]
    made = [sign(SECRET, call.url, list(call.fields), call.algorithm or "HMAC_SHA1") for call in forms]
    assert made == [call.signature for call in forms]


def test_of_thousands_of_changed_calls_we_say_what_the_library_says() -> None:
    calls, dice, differ, forged = signed(), Random(TOLD["seed"]), [], []
    for verdict in TOLD["verdicts"]:
        call = dice.choice(calls)
        other = changed(call, dice)
        accepted = accepts(other)
        if accepted != (verdict == "1"):
            differ.append(other)
        if accepted and meaning(other) != meaning(call):
            forged.append(other)
    assert (differ, forged) == ([], [])
    counts = Counter(TOLD["verdicts"])
    assert len(TOLD["verdicts"]) == CHANGED and counts["0"] > 15_000 and counts["1"] > 1_000


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-twilio-signature": ""},
        {"x-twilio-signature": "é"},
        {"x-twilio-signature": "x", "content-type": FORM, "x-twilio-webhooks-signature-settings": "algorithm="},
        {"x-twilio-signature": "x", "content-type": "multipart/form-data"},
    ],
)
@pytest.mark.parametrize("url", ["https://shop.example/", "https://[::1]:8080/x?", "/relative", ""])
def test_a_call_with_less_than_a_signature_is_refused(headers: dict[str, str], url: str) -> None:
    request = WebRequest("POST", url, headers, b"MessageSid=SM1&MessageStatus=delivered")
    assert not is_genuine(SECRET, request, fields_of(request))
