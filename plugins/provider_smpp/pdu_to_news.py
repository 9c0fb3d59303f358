"""What a carrier brings by itself: a delivery receipt, or a text from a person, which may come in pieces."""

from __future__ import annotations

import re
from typing import NamedTuple

from conductor_dsl.api import Receipt, gsm_to_text
from conductor_plugins.provider_smpp.error_codes import error_table
from conductor_plugins.provider_smpp.message_to_parts import HAS_HEADER, INTERNATIONAL, UCS_2
from conductor_plugins.provider_smpp.pdus import Pdu
from conductor_plugins.provider_smpp.settings import SmppSettings

_KIND_OF_MESSAGE, _RECEIPT, _INTERMEDIATE = 0x3C, 0x04, 0x20
_STATES = {
    1: "ENROUTE",
    2: "DELIVRD",
    3: "EXPIRED",
    4: "DELETED",
    5: "UNDELIV",
    6: "ACCEPTD",
    7: "UNKNOWN",
    8: "REJECTD",
}
_SPELLINGS = {
    "DELIVERED": "DELIVRD",
    "UNDELIVERABLE": "UNDELIV",
    "UNDELIVERED": "UNDELIV",
    "REJECTED": "REJECTD",
    "ACCEPTED": "ACCEPTD",
}
_ID, _STATE, _ERROR = (re.compile(rf"\b{name}:\s*([^\s:]+)", re.IGNORECASE) for name in ("id", "stat", "err"))
_LONGEST_NATIONAL = 10


class Piece(NamedTuple):
    """A text from a person, or one of `total` pieces of it; `coding` says how the bytes are to be read."""

    sender: str
    to: str
    reference: int
    total: int
    number: int
    coding: int
    body: bytes


def answered_id(raw: bytes | str | None, settings: SmppSettings) -> str:
    """The name of a text as its `submit_sm_resp` gives it, in the form in which receipts are compared."""
    return _canonical(raw, {"decimal": 16, "hex": 10}.get(settings.receipt_ids))


def is_receipt(pdu: Pdu) -> bool:
    """Whether a PDU is about a text of ours."""
    kind = (pdu.esm_class or 0) & _KIND_OF_MESSAGE
    return kind in (_RECEIPT, _INTERMEDIATE) or bool(getattr(pdu, "receipted_message_id", None))


def pdu_to_receipt(pdu: Pdu, settings: SmppSettings) -> Receipt | None:
    """The receipt; None for one that does not say of which text it is, or what became of it."""
    text = _body(pdu).decode("latin-1")
    raw = getattr(pdu, "receipted_message_id", None) or _first(_ID, text)
    state = _STATES.get(getattr(pdu, "message_state", None) or 0) or _first(_STATE, text).upper()
    name = _canonical(raw, {"decimal": 10, "hex": 16}.get(settings.receipt_ids))
    if not name or not state:
        return None
    code, error = _SPELLINGS.get(state, state), _first(_ERROR, text)
    receipt: Receipt = error_table().receipt("", code, provider_id=name)
    return receipt if error.strip("0") == "" else receipt._replace(detail=f"{receipt.detail} (error {error[:20]})")


def pdu_to_piece(pdu: Pdu, settings: SmppSettings) -> Piece:
    """A text, or a piece of one."""
    sender = _number(pdu.source_addr, pdu.source_addr_ton, settings.country_code)
    to = _number(pdu.destination_addr, pdu.dest_addr_ton, "")
    body, coding = _body(pdu), pdu.data_coding or 0
    if (pdu.esm_class or 0) & HAS_HEADER and body:
        reference, total, number = _parts_of(body[1 : body[0] + 1])
        return Piece(sender, to, reference, total, number, coding, body[body[0] + 1 :])
    total = getattr(pdu, "sar_total_segments", None) or 1
    reference, number = getattr(pdu, "sar_msg_ref_num", None) or 0, getattr(pdu, "sar_segment_seqnum", None) or 1
    return Piece(sender, to, reference, total, number, coding, body)


def piece_to_text(coding: int, body: bytes) -> str:
    """The text that bytes stand for; what cannot be read becomes a question mark in a box."""
    if coding & 0xF0 == 0xF0:
        return body.decode("latin-1") if coding & 4 else gsm_to_text(body)
    if coding & 0x0C == UCS_2:
        return body.decode("utf-16-be", errors="replace")
    return gsm_to_text(body) if coding & 0x0F == 0 else body.decode("latin-1")


def _body(pdu: Pdu) -> bytes:
    return getattr(pdu, "short_message", None) or getattr(pdu, "message_payload", None) or b""


def _parts_of(header: bytes) -> tuple[int, int, int]:
    """(reference, how many pieces, which one) of a user data header; one piece where it does not say."""
    at = 0
    while at + 2 <= len(header):
        kind, length = header[at], header[at + 1]
        value = header[at + 2 : at + 2 + length]
        if kind in (0x00, 0x08) and len(value) == length == (3 if kind == 0x00 else 4):
            total, number = value[-2], value[-1]
            return (int.from_bytes(value[:-2], "big"), total, number) if 1 <= number <= total else (0, 1, 1)
        at += 2 + length
    return 0, 1, 1


def _number(raw: bytes | None, ton: int | None, country_code: str) -> str:
    """A number as we write it, with a plus and its country where the carrier means that; a short code as it is."""
    number = (raw or b"").decode("latin-1")
    if not number.isdigit():
        return number
    if ton == INTERNATIONAL or (ton == 0 and len(number) > _LONGEST_NATIONAL):
        return f"+{number}"
    return f"+{country_code}{number}" if country_code and len(number) == _LONGEST_NATIONAL else number


def _canonical(raw: bytes | str | None, base: int | None) -> str:
    name = (raw.decode("latin-1") if isinstance(raw, bytes) else raw or "").strip()
    if base is None:
        return name
    try:
        return str(int(name, base))
    except ValueError:
        return name


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found[1] if found else ""
