"""From a text to what is submitted for it: one set of fields for each part."""

from __future__ import annotations

import re
from hashlib import blake2b

from conductor_dsl.api import Outgoing, segment_texts, segments, text_to_gsm
from conductor_plugins.provider_smpp.settings import SmppSettings

INTERNATIONAL, NETWORK, ALPHANUMERIC = 1, 3, 5
"""Types of numbers."""
ISDN, NO_PLAN = 1, 0
GSM_7, UCS_2 = 0, 8
"""Data codings."""
HAS_HEADER = 0x40
MOST_PARTS = 255
_LONGEST_VALIDITY = 30 * 86_400
_NUMBER = re.compile(r"\+?[0-9]{5,15}")
_SENDER = re.compile(r"\+?[0-9]{3,15}|[A-Za-z0-9 ._&-]{1,11}")

Fields = dict[str, object]


def message_to_parts(message: Outgoing, settings: SmppSettings) -> list[Fields]:
    """The fields of each `submit_sm`; ValueError, in words for people, for what cannot be sent."""
    if not message.to:
        raise ValueError("the message has no address")
    if not _NUMBER.fullmatch(message.to):
        raise ValueError("the address is no telephone number")
    if not _SENDER.fullmatch(message.sender):
        raise ValueError("the sender is neither a number nor a name of at most 11 letters")
    if message.media:
        raise ValueError("SMPP carries no pictures")
    bodies, coding = _encode(message.text)
    fields = _addresses(message, settings) | {
        "data_coding": coding,
        "validity_period": _validity(message.valid_for),
        "registered_delivery": int(settings.receipts),
    }
    reference = blake2b(message.key.encode(), digest_size=2).digest()
    if len(bodies) == 1:
        return [fields | {"short_message": bodies[0]}]
    if settings.concatenation == "sar":
        return [fields | _parameters(reference, len(bodies), at, body) for at, body in enumerate(bodies, 1)]
    return [fields | _header(reference, len(bodies), at, body) for at, body in enumerate(bodies, 1)]


def _encode(text: str) -> tuple[list[bytes], int]:
    """The text in parts, as many as a carrier bills, and how they are encoded."""
    parts = segment_texts(text)
    if not parts:
        raise ValueError("the text is empty")
    if len(parts) > MOST_PARTS:
        raise ValueError(f"the text has more than {MOST_PARTS} parts")
    if segments(text).encoding == "GSM-7":
        return [text_to_gsm(part) for part in parts], GSM_7
    try:
        return [part.encode("utf-16-be") for part in parts], UCS_2
    except UnicodeEncodeError:
        raise ValueError("the text is not Unicode") from None


def _addresses(message: Outgoing, settings: SmppSettings) -> Fields:
    ton, npi = _kind_of(message.sender)
    return {
        "source_addr_ton": ton if settings.source_ton is None else settings.source_ton,
        "source_addr_npi": npi if settings.source_npi is None else settings.source_npi,
        "source_addr": message.sender.removeprefix("+"),
        "dest_addr_ton": settings.dest_ton,
        "dest_addr_npi": settings.dest_npi,
        "destination_addr": message.to.removeprefix("+"),
    }


def _kind_of(sender: str) -> tuple[int, int]:
    """(TON, NPI) of a sender: a number with its country, a short code, a name."""
    if sender.startswith("+"):
        return INTERNATIONAL, ISDN
    return (NETWORK, NO_PLAN) if sender.isdigit() else (ALPHANUMERIC, NO_PLAN)


def _validity(milliseconds: int) -> str:
    """How long a carrier may try, as SMPP writes a time from now."""
    seconds = min(max(milliseconds // 1_000, 1), _LONGEST_VALIDITY)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    return f"0000{days:02}{hour:02}{minute:02}{second:02}000R"


def _header(reference: bytes, total: int, at: int, body: bytes) -> Fields:
    """A part with a header before its text; the reference is one byte, so that a part has the room that is billed."""
    header = bytes((5, 0, 3, reference[0], total, at))
    return {"esm_class": HAS_HEADER, "short_message": header + body}


def _parameters(reference: bytes, total: int, at: int, body: bytes) -> Fields:
    return {
        "short_message": body,
        "sar_msg_ref_num": int.from_bytes(reference, "big"),
        "sar_total_segments": total,
        "sar_segment_seqnum": at,
    }
