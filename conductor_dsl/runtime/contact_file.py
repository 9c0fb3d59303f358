"""Contact file: everything that is held of a contact, as other programs and as the contact can read it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from conductor_dsl.runtime.intent_to_message import message_maker
from conductor_dsl.runtime.programs import Programs
from conductor_dsl.shared.clock import Instant, to_iso
from conductor_dsl.store.dossier import Row, dossier
from conductor_dsl.store.intents import Claimed

FORMAT = "conductor-contact-1"
_JSON = frozenset(("fields", "items", "payload", "values"))
_INSTANTS = frozenset(("at", "not_before", "expires_at", "awaits", "lease_until"))


def contact_to_file(connection: sa.Connection, programs: Programs, contact_id: int, now: Instant) -> dict[str, Any]:
    """The rows of every table about a contact by the table's name, instants as ISO 8601, JSON as what it says.

    Rows of conversations have their names, messages the text that was sent. Tables without a row are left out.
    """
    held = dossier(connection, contact_id)
    [own] = held.pop("contact")
    told = {name: [_named(row, programs) for row in rows] for name, rows in held.items() if rows}
    for row, message in zip(held["intent"], told.get("intent", ()), strict=True):
        message.update(_message(row, programs, now))
    return {"format": FORMAT, "exported_at": to_iso(now), "contact": _plain(own), **told}


def _named(row: Row, programs: Programs) -> Row:
    """A row in plain values, with the names of its conversation and of its step."""
    plain = _plain(row)
    by_id = {loaded.conversation_id: loaded for loaded in programs.by_version.values()}
    loaded = programs.by_version.get(row.get("version_id", 0)) or by_id.get(row.get("conversation_id", 0))
    if loaded is not None:
        plain["conversation"] = loaded.flow.name
        if 0 <= row.get("step", -1) < len(loaded.flow.steps):
            plain["step_name"] = loaded.flow.steps[row["step"]].name
    return plain


def _plain(row: Mapping[str, Any]) -> Row:
    return {name: _value(name, value) for name, value in row.items()}


def _value(name: str, value: Any) -> Any:
    if value is not None and (name in _INSTANTS or name.endswith("_at")):
        return to_iso(value)
    return json.loads(value) if name in _JSON and isinstance(value, str) else value


def _message(row: Row, programs: Programs, now: Instant) -> Row:
    """The subject and the text that were sent, as far as they can be made again."""
    claimed = Claimed._make(row[name] for name in Claimed._fields)
    if claimed.message_id not in programs.messages:
        return {}
    made = message_maker(programs, claimed)([claimed], now)
    return next(({"subject": out.subject, "text": out.text} for out in made.messages), {})
