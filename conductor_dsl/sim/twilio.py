"""The REST dialect of Twilio: forms that come in, and resources that go out."""

from __future__ import annotations

import hmac
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import blake2b
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from conductor_dsl.shared.clock import to_datetime
from conductor_dsl.sim.message import Message
from conductor_dsl.sim.plan import Telling

VERSION = "2010-04-01"
LARGEST_PAGE, USUAL_PAGE = 1000, 50
_LONGEST_TEXT = 1600
_NUMBER = re.compile(r"\+[1-9]\d{6,14}")
_MAGIC = {
    "+15005550001": "21211",
    "+15005550002": "21612",
    "+15005550003": "21408",
    "+15005550004": "21610",
    "+15005550009": "21614",
}
"""The numbers with which Twilio itself lets mistakes be tried."""
Form = Mapping[str, Sequence[str]]


def form_to_message(form: Form) -> Message:
    """The message in a form; its key is in the address for receipts, or else made from what it says."""
    to, sender, text, service, callback = (
        _one(form, name) for name in ("To", "From", "Body", "MessagingServiceSid", "StatusCallback")
    )
    told = parse_qs(urlsplit(callback).query).get("key", [""])[0]
    key = told or blake2b(f"{to} {sender or service} {text}".encode(), digest_size=16).hexdigest()
    valid = _one(form, "ValidityPeriod")
    valid_for = int(valid) if valid.isascii() and valid.isdigit() else 0
    return Message(key, to, sender, text, tuple(form.get("MediaUrl", ())), service, callback, valid_for)


def refusal(form: Form, message: Message) -> str:
    """The code of what is wrong with a message, or nothing."""
    valid = _one(form, "ValidityPeriod")
    wrong = {
        "21604": not message.to,
        "21211": not _NUMBER.fullmatch(message.to),
        "21603": not (message.sender or message.service),
        "21602": not (message.text or message.media),
        "21617": len(message.text) > _LONGEST_TEXT,
        "20001": bool(valid) and not 1 <= message.valid_for <= 36_000,
    }
    return next((code for code, is_so in wrong.items() if is_so), _MAGIC.get(message.to, ""))


def to_resource(account: str, message: Message, state: Telling) -> dict[str, Any]:
    """A message as it is shown."""
    sent = None if state.state in ("queued", "accepted") else _date(message.at)
    return {
        "sid": message.id,
        "account_sid": account,
        "messaging_service_sid": message.service or None,
        "to": message.to,
        "from": message.sender or None,
        "body": message.text,
        "num_segments": "1",
        "num_media": str(len(message.media)),
        "status": "received" if message.inbound else state.state,
        "direction": "inbound" if message.inbound else "outbound-api",
        "error_code": int(state.code) if state.code else None,
        "error_message": None,
        "date_created": _date(message.at),
        "date_updated": _date(message.at),
        "date_sent": sent,
        "api_version": VERSION,
        "uri": f"/{VERSION}/Accounts/{account}/Messages/{message.id}.json",
    }


def to_page(path: str, query: Form, resources: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """A page of the resources that fit a query, the latest first; `resources` are in the order in which they came."""
    found = [each for each in reversed(resources) if _fits(query, each)]
    size = min(LARGEST_PAGE, max(1, _number(query, "PageSize", USUAL_PAGE)))
    page = _number(query, "Page", 0)
    shown = found[page * size : (page + 1) * size]
    rest = {name: list(values) for name, values in query.items() if name not in ("Page", "PageSize")}

    def uri(number: int) -> str:
        return f"{path}?{urlencode({**rest, 'PageSize': size, 'Page': number}, doseq=True)}"

    return {
        "messages": shown,
        "page": page,
        "page_size": size,
        "uri": uri(page),
        "first_page_uri": uri(0),
        "previous_page_uri": uri(page - 1) if page else None,
        "next_page_uri": uri(page + 1) if (page + 1) * size < len(found) else None,
    }


def to_error(status: int, code: int) -> dict[str, Any]:
    """An error as it is shown."""
    info = f"https://www.twilio.com/docs/errors/{code}"
    return {"status": status, "code": code, "message": f"simulated error {code}", "more_info": info}


def receipt_fields(account: str, message: Message, telling: Telling) -> list[tuple[str, str]]:
    """What a receipt tells."""
    fields = [
        ("AccountSid", account),
        ("ApiVersion", VERSION),
        ("From", message.sender),
        ("MessageSid", message.id),
        ("MessageStatus", telling.state),
        ("SmsSid", message.id),
        ("SmsStatus", telling.state),
        ("To", message.to),
    ]
    return [*fields, ("ErrorCode", telling.code)] if telling.code else fields


def inbound_fields(account: str, message: Message) -> list[tuple[str, str]]:
    """What is told of a message from a person."""
    return [
        ("AccountSid", account),
        ("ApiVersion", VERSION),
        ("Body", message.text),
        ("From", message.sender),
        ("MessageSid", message.id),
        ("NumMedia", str(len(message.media))),
        ("NumSegments", "1"),
        ("SmsMessageSid", message.id),
        ("SmsSid", message.id),
        ("SmsStatus", "received"),
        ("To", message.to),
        *((f"MediaUrl{n}", url) for n, url in enumerate(message.media)),
        *((f"MediaContentType{n}", "image/jpeg") for n in range(len(message.media))),
    ]


def signature(token: str, url: str, fields: Sequence[tuple[str, str]]) -> str:
    """How Twilio signs a call: the address, then all fields with their values, in the order of their names."""
    text = url + "".join(name + value for name, value in sorted(fields))
    return b64encode(hmac.digest(token.encode(), text.encode(), "sha1")).decode()


def _fits(query: Form, resource: Mapping[str, Any]) -> bool:
    sender, day = _one(query, "From"), resource["date_sent"]
    if sender and resource["from"] != sender:
        return False
    wanted = {sign: _one(query, f"DateSent{sign}")[:10] for sign in ("", "<", ">")}
    if not any(wanted.values()):
        return True
    if day is None:
        return False
    sent = datetime.strptime(day, "%a, %d %b %Y %H:%M:%S %z").astimezone(UTC).date().isoformat()
    exactly, until, since = wanted[""], wanted["<"], wanted[">"]
    return (not exactly or sent == exactly) and (not until or sent <= until) and (not since or sent >= since)


def _one(form: Form, name: str) -> str:
    return (form.get(name) or [""])[0]


def _number(form: Form, name: str, usual: int) -> int:
    text = _one(form, name)
    return int(text[:9]) if text.isascii() and text.isdigit() else usual


def _date(at: int) -> str:
    return format_datetime(to_datetime(at).replace(microsecond=0))
