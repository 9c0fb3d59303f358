"""Preview: the messages of a conversation as they would be now, for a contact or for a reader with long values.

They are made as the engine makes them: the same templates, the same values, taken by the same SQL.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa

from conductor_dsl.language.expressions import ValueType
from conductor_dsl.language.template_filter import Filters
from conductor_dsl.messages.sample_values import sample_values
from conductor_dsl.messages.seen import Seen
from conductor_dsl.program.facts import SqlFacts
from conductor_dsl.program.operations import Send
from conductor_dsl.runtime.intent_to_message import compile_message
from conductor_dsl.runtime.programs import LoadedMessage
from conductor_dsl.runtime.values import values_to_sql
from conductor_dsl.shared.clock import Instant
from conductor_dsl.shared.errors import ConductorError
from conductor_dsl.store.tables import contact, event, metadata

Types = Mapping[str, ValueType | None]
"""The types of what templates read, by path; None for a list."""
SOMEBODY = "a reader with long values"
_PROBLEMS = {"missing": "would not be sent: no address", "invalid": "would not be sent: the address is not valid"}


def preview_sample(step: str, message: LoadedMessage, types: Types, filters: Filters) -> Seen:
    """A message for nobody in particular: every value as long as it gets; `filters` are those of plugins."""
    return _seen((step, message, filters), sample_values(message.paths, types), SOMEBODY)


def preview_for(
    connection: sa.Connection,
    key: str,
    drafts: Mapping[str, tuple[LoadedMessage, Send]],
    types: Types,
    now: Instant,
    *,
    filters: Filters,
) -> list[Seen]:
    """The messages (by the names of their steps) for a contact; its latest event of the kind is read as `event`.

    Raises ConductorError where there is no such contact.
    """
    row = connection.execute(sa.select(contact).where(contact.c.key == key)).one_or_none()
    if row is None:
        hint = "`contact` is the column `key` of the file of contacts"
        raise ConductorError(f"there is no contact `{key}`", hint=hint)
    payload = _payload(connection, row.id, types)
    return [
        _seen((step, message, filters), _values(connection, key, message, payload, now), *_address(row, send))
        for step, (message, send) in drafts.items()
    ]


def _payload(connection: sa.Connection, contact_id: int, types: Types) -> str:
    """The latest stored event that has a field of those that templates read, as JSON; a sample where there is none."""
    wanted = {path.removeprefix("event.") for path in types if path.startswith("event.")}
    latest = sa.select(event.c.payload).where(event.c.contact_id == contact_id).order_by(event.c.at.desc())
    for stored in connection.scalars(latest.limit(100)):
        if wanted & set(json.loads(stored)):
            return str(stored)
    paths = [path for path in types if path.startswith("event.")]
    sample = dict(zip((path.removeprefix("event.") for path in paths), sample_values(paths, types), strict=True))
    return json.dumps(sample)


def _values(connection: sa.Connection, key: str, message: LoadedMessage, payload: str, now: Instant) -> Sequence[Any]:
    facts = SqlFacts(metadata.tables, now, {}, payload=sa.literal(payload))
    stored = connection.scalar(sa.select(values_to_sql(message.paths, facts)).where(contact.c.key == key))
    values: Sequence[Any] = json.loads(stored) if stored else []
    return values


def _address(row: Any, send: Send) -> tuple[str, str]:
    """Where a message would go, and what stands in its way."""
    state = getattr(row, f"{send.address}_state", None)
    if state is None:
        told = json.loads(row.fields).get(send.address)
        state = "missing" if told is None else "valid" if isinstance(told, str) else "invalid"
        address = told if isinstance(told, str) else ""
    else:
        address = getattr(row, send.address) or ""
    return address or "nobody", _PROBLEMS.get(state, "")


def _seen(draft: tuple[str, LoadedMessage, Filters], values: Sequence[object], to: str, note: str = "") -> Seen:
    step, message, filters = draft
    parts, filled = compile_message(message, filters), list(values)
    if parts.unsubscribe_at is not None:
        key = quote(str(filled[parts.unsubscribe_at]), safe="")
        filled[parts.unsubscribe_at] = parts.unsubscribe_url.replace("{key}", key).replace("{token}", key)
    return Seen(
        step=step,
        channel=message.channel,
        sender=message.sender,
        to=to,
        subject=parts.subject(filled),
        preheader=parts.preheader(filled),
        text=parts.text(filled),
        html=parts.html(filled),
        note=note,
    )
