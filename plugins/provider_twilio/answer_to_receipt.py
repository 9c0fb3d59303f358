"""What Twilio answers, lists or tells of a message becomes its receipt."""

from __future__ import annotations

import json
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from conductor_dsl.api import ErrorTable, Mark, Receipt, Verdict, read_error_table
from conductor_plugins.provider_twilio.connections import Answer

LONGEST_WAIT = 3_600_000
"""Milliseconds; a service that asks for more is asked again after these."""
_STATES = {
    "accepted": Verdict.ACCEPTED,
    "scheduled": Verdict.ACCEPTED,
    "queued": Verdict.ACCEPTED,
    "sending": Verdict.ACCEPTED,
    "sent": Verdict.ACCEPTED,
    "delivered": Verdict.DELIVERED,
    "read": Verdict.DELIVERED,
    "undelivered": Verdict.UNDELIVERED,
    "failed": Verdict.UNDELIVERED,
    "canceled": Verdict.UNDELIVERED,
}
_PICTURE_MESSAGE = "MM"
"""How the names of messages with pictures begin."""


def error_table() -> ErrorTable:
    """What the codes mean."""
    return read_error_table(Path(__file__).with_name("errors.toml").read_text(encoding="utf-8"))


def answer_to_receipt(key: str, answer: Answer, table: ErrorTable, now: int) -> Receipt:
    """The receipt of a message that got this answer at the instant `now`."""
    said = to_json(answer)
    if 200 <= answer.status < 300:
        receipt = state_to_receipt(key, said, table)
        return receipt or Receipt(key, Verdict.AMBIGUOUS, code="garbage", detail="the answer makes no sense")
    code, detail = f"http_{answer.status}", said.get("message")
    # A failure behind the gate may come after the message was taken, whatever code it carries.
    if answer.status < 500 and isinstance(said.get("code"), int):
        code = str(said["code"])
    receipt = table.receipt(key, code, detail if isinstance(detail, str) else "")
    wait = _wait(answer, now)
    return receipt._replace(retry_after=wait) if wait and receipt.verdict is Verdict.TRANSIENT else receipt


def state_to_receipt(key: str, said: dict[str, Any], table: ErrorTable) -> Receipt | None:
    """The receipt of a message that stands so in an answer, a list or a callback; None where it makes no sense.

    `said` has `sid` and `status`, and perhaps `error_code` and `error_message`. A message with a name has been taken,
    even if its state is one that we have no word for.
    """
    sid, state = said.get("sid"), said.get("status")
    if not (isinstance(sid, str) and sid and isinstance(state, str) and state):
        return None
    verdict = _STATES.get(state, Verdict.ACCEPTED)
    if verdict is not Verdict.UNDELIVERED:
        return Receipt(key, verdict, sid)
    code, detail = str(said.get("error_code") or state), said.get("error_message")
    receipt = table.receipt(key, code, detail if isinstance(detail, str) else "", sid)
    # With pictures, a number that takes none looks as if it were dead.
    dead_alive = receipt.mark is Mark.DEAD and sid.startswith(_PICTURE_MESSAGE)
    mark = Mark.NONE if dead_alive else receipt.mark
    return receipt._replace(verdict=Verdict.UNDELIVERED, mark=mark, retry_after=0)


def to_json(answer: Answer) -> dict[str, Any]:
    """The JSON object of an answer; empty where it holds none."""
    try:
        said = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _wait(answer: Answer, now: int) -> int:
    """Milliseconds that the service asks to be left alone; 0 where it does not say."""
    said = answer.headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit():
        return min(int(said[:9]) * 1000, LONGEST_WAIT)
    try:
        at = int(parsedate_to_datetime(said).timestamp() * 1000)
    except (TypeError, ValueError, OverflowError):
        return 0
    return max(0, min(at - now, LONGEST_WAIT))
