"""From rows to events. An event is stored once, by its number or, where it has none, by its content."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

import sqlalchemy as sa

from conductor_dsl.language.expressions import ValueType
from conductor_dsl.runtime.ingest.cell_to_value import key_in, optional_key_in, past_instant_in, shown
from conductor_dsl.runtime.ingest.nouns import BadRow, ImportOptions
from conductor_dsl.runtime.ingest.value_to_field import payload_to_json
from conductor_dsl.shared.clock import Instant
from conductor_dsl.shared.ids import content_hash
from conductor_dsl.store.events import add_events
from conductor_dsl.store.orders import PLACED

REQUIRED = ("contact", "name", "at")
KNOWN = (*REQUIRED, "event_id", "payload")
_KNOWN = frozenset(KNOWN)
_NO_TYPES: Mapping[str, ValueType] = {}


class Event(NamedTuple):
    """An event as a row tells it; a tuple, for there are millions."""

    contact: str
    key: str
    name: str
    at: Instant
    payload: str


def row_to_event(values: dict[str, object], options: ImportOptions, now: Instant) -> Event:
    """An event from the columns of a row; what is not known is its payload. Raises BadRow."""
    contact, name = key_in(values, "contact"), key_in(values, "name")
    if name == PLACED:
        raise BadRow(f"`{PLACED}` is not imported as an event; `conductor import orders` tells of orders")
    at = past_instant_in(values, "at", options.zone, now)
    told = _payload(values)
    if name == "sms.received":
        told |= _inbound(told)
    payload = payload_to_json(told, options.events.get(name, _NO_TYPES), options)
    key = optional_key_in(values, "event_id") or content_hash(f"{contact}\n{name}\n{at}\n{payload}")
    return Event(contact, key, name, at, payload)


def _inbound(told: dict[str, object]) -> dict[str, object]:
    """The keyword of an inbound text, in the form in which triggers ask for it, and its number as a text."""
    word = told.get("keyword") or told.get("text")
    found: dict[str, object] = {}
    if isinstance(word, str):
        found["keyword"] = keyword_of(word)
    if isinstance(told.get("code"), int):
        found["code"] = str(told["code"])
    return found


def keyword_of(text: str) -> str:
    """A text as triggers ask for it when they wait for a keyword."""
    return " ".join(text.split()).upper().rstrip(" .,!?")


def _payload(values: dict[str, object]) -> dict[str, object]:
    rest = {name: value for name, value in values.items() if name not in _KNOWN}
    given = values.get("payload")
    if not given:
        return rest
    try:
        payload = json.loads(given) if isinstance(given, str) else given
    except (ValueError, RecursionError):
        payload = None
    if not isinstance(payload, dict):
        raise BadRow("`payload` is not a JSON object")
    return rest | payload


def store_events(
    connection: sa.Connection,
    numbered: list[tuple[int, Event]],
    now: Instant,  # noqa: ARG001 - as for the other kinds
) -> tuple[int, dict[int, str]]:
    """Store the new ones; how many they are, and the reasons for rejected ones by number.

    The new ones lie in the batch `arrival` afterwards.
    """
    first: dict[tuple[str, str], tuple[object, ...]] = {}
    for number, each in numbered:
        first.setdefault(each[:2], (number, *each))
    added, unknown = add_events(connection, list(first.values()))
    return added, {n: f"unknown contact {shown(each.contact)}" for n, each in numbered if n in unknown}
