"""What Twilio tells by a call to our address: what became of a message, or that a person wrote one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from urllib.parse import parse_qs, urlsplit

from conductor_dsl.api import ErrorTable, ForgedError, Heard, Inbound, Receipt, WebAnswer, WebRequest
from conductor_plugins.provider_twilio.answer_to_receipt import error_table, state_to_receipt
from conductor_plugins.provider_twilio.signature import fields_of, is_genuine

NOTHING_TO_SAY = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'
_MOST_MEDIA = 20


def request_to_answer(secret: str, request: WebRequest) -> WebAnswer:
    """What is heard, and the answer that sends nothing back.

    Raises ForgedError for a call that is not signed with `secret`, ValueError for one that tells nothing we know.
    """
    try:
        fields = fields_of(request)
        genuine = is_genuine(secret, request, fields)
    except ValueError as problem:
        raise ForgedError(f"the call cannot be read: {problem}") from None
    if not genuine:
        raise ForgedError("the signature of Twilio is missing or false")
    said = dict(fields or [(name, values[0]) for name, values in _query(request).items()])
    heard = Heard(receipts=(_receipt(said, request),)) if "MessageStatus" in said else Heard(inbound=(_inbound(said),))
    return WebAnswer(heard, NOTHING_TO_SAY, "text/xml")


def _receipt(said: Mapping[str, str], request: WebRequest) -> Receipt:
    key = _query(request).get("key", [""])[0]
    status, code = said["MessageStatus"].lower(), said.get("ErrorCode")
    state = {"sid": said.get("MessageSid"), "status": status, "error_code": code}
    receipt: Receipt | None = state_to_receipt(key, state, _table())
    if receipt is None:
        raise ValueError("a status of a message that is not known")
    return receipt


def _inbound(said: Mapping[str, str]) -> Inbound:
    sid, sender, to = (said.get(name, "") for name in ("MessageSid", "From", "To"))
    media = tuple(url for n in range(_MOST_MEDIA) if (url := said.get(f"MediaUrl{n}", "")))
    if not (sid and sender and to) or not ("Body" in said or media):
        raise ValueError("neither a status nor a message")
    return Inbound(sid, "sms", sender, to, said.get("Body", ""), media=media)


def _query(request: WebRequest) -> dict[str, list[str]]:
    return parse_qs(urlsplit(request.url).query)


@cache
def _table() -> ErrorTable:
    table: ErrorTable = error_table()
    return table
