"""What a receiver answered, as a receipt."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import cache
from importlib.resources import files

from conductor_dsl.api import ErrorTable, Instant, Receipt, Verdict, read_error_table

LONGEST_PAUSE = 3_600_000
"""Milliseconds for which a receiver can ask to be left alone."""
LONGEST_WORDS = 120
_WORDS = ("application/json", "application/problem+json", "text/plain")
"""Forms in which a receiver's own words are worth showing; an error page is none."""


def answer_to_receipt(key: str, status: int, headers: Mapping[str, str], body: bytes, now: Instant) -> Receipt:
    """The receipt of a call that was answered; the names of `headers` are in lower case."""
    if status // 100 == 2:
        return Receipt(key, Verdict.ACCEPTED, code=str(status))
    receipt = error_table().receipt(key, str(status), _words(headers, body))
    pause = min(_retry_after(headers.get("retry-after", ""), now), LONGEST_PAUSE)
    if not pause or receipt.verdict is Verdict.REJECTED:
        return receipt
    # Who says when to come again has not taken the call.
    return receipt._replace(verdict=Verdict.TRANSIENT, retry_after=pause)


@cache
def error_table() -> ErrorTable:
    """What statuses mean."""
    return read_error_table(files(__package__).joinpath("errors.toml").read_text(encoding="utf-8"))


def _retry_after(value: str, now: Instant) -> int:
    """Milliseconds from now, given as seconds or as a date; 0 where it says nothing that can be read."""
    text = value.strip()
    if text.isascii() and text.isdigit():
        return int(text[:9]) * 1_000
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return 0
    at = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max(0, int(at.timestamp() * 1_000) - now)


def _words(headers: Mapping[str, str], body: bytes) -> str:
    """The beginning of what the receiver says, on one line; its words may be anything."""
    if headers.get("content-type", "").partition(";")[0].strip().lower() not in _WORDS:
        return ""
    text = " ".join(body[: 4 * LONGEST_WORDS].decode(errors="replace").split())
    shown = "".join(char for char in text if char.isprintable())
    return shown if len(shown) <= LONGEST_WORDS else f"{shown[: LONGEST_WORDS - 1]}…"
