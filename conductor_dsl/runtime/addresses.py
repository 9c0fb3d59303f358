"""Addresses: whoever has another one is not written to at the old one any more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from conductor_dsl.program.json_sql import json_word
from conductor_dsl.program.operations import Send
from conductor_dsl.runtime.programs import Loaded, Programs
from conductor_dsl.shared.clock import Instant
from conductor_dsl.store.batches import arrival
from conductor_dsl.store.changes import ADDRESS_CHANGED, CHANGED
from conductor_dsl.store.intents import cancel_misaddressed
from conductor_dsl.store.runs import exit_runs
from conductor_dsl.store.suppressions import FIELDS, close_known, open_moved
from conductor_dsl.store.tables import run

MOVED = "address changed"
"""The reason of a run that was begun for an address which is not the contact's any more."""


def leave_old_addresses(connection: sa.Connection, programs: Programs, now: Instant) -> None:
    """End the runs that the changes of addresses in `arrival` end, and cancel what has not left to the old ones.

    A run ends where its version has a step that writes to the address that changed: it was begun for the old one. What
    the conversation itself has written into a field of addresses ends none of its runs. A channel that was closed
    because of the old address is open again.
    """
    for loaded in programs.by_version.values():
        for field in sorted(set(_addresses(loaded))):
            exit_runs(connection, _begun_for_old(loaded, field), MOVED, now)
    old = sa.select(arrival.c.contact_id, _before()).where(arrival.c.name == ADDRESS_CHANGED)
    cancel_misaddressed(connection, old, now)
    for channel, field in FIELDS.items():
        moved = sa.select(arrival.c.contact_id).where(arrival.c.name == ADDRESS_CHANGED, _told() == field)
        open_moved(connection, moved, channel)
        close_known(connection, moved, now)


def _begun_for_old(loaded: Loaded, field: str) -> sa.ColumnElement[bool]:
    came = sa.select(arrival.c.contact_id).where(*_changes(field))
    came = came.where(arrival.c.caused_by.is_distinct_from(loaded.conversation_id))
    since = came.where(arrival.c.contact_id == run.c.contact_id, arrival.c.at >= run.c.entered_at)
    return sa.and_(
        run.c.version_id == loaded.version_id,
        run.c.conversation_id == loaded.conversation_id,
        run.c.contact_id.in_(came),
        sa.exists(since.correlate(run)),
    )


def _addresses(loaded: Loaded) -> Iterator[str]:
    for operation in loaded.program.operations:
        if isinstance(operation, Send) and operation.url is None:
            yield operation.address


def _changes(field: str) -> list[sa.ColumnElement[bool]]:
    """The arrivals by which an address that a message could have reached is another one, or none, now."""
    return [arrival.c.name.in_([ADDRESS_CHANGED, CHANGED]), _told() == field, _before().is_not(None)]


def _told() -> Any:
    return json_word(arrival.c.payload, sa.literal("field", sa.Text))


def _before() -> Any:
    return json_word(arrival.c.payload, sa.literal("before", sa.Text))
