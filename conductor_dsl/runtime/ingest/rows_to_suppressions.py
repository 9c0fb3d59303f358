"""From rows to suppressions: addresses that get nothing, and numbers that have another owner."""

from __future__ import annotations

import sqlalchemy as sa

from conductor_dsl.program.states import Closure
from conductor_dsl.runtime.ingest.cell_to_value import key_in, past_instant_in, shown, text_in
from conductor_dsl.runtime.ingest.nouns import BadRow, ImportOptions
from conductor_dsl.runtime.ingest.text_to_address import VALID, text_to_email, text_to_phone
from conductor_dsl.shared.clock import Instant
from conductor_dsl.store.closed_addresses import Closed, closed_among
from conductor_dsl.store.suppressions import close_by_hand

REQUIRED = ("address", "reason", "at")
KNOWN = REQUIRED
REASONS = (Closure.INVALID, Closure.COMPLAINED, Closure.OPTED_OUT, Closure.REASSIGNED, Closure.BY_HAND)


def row_to_suppression(values: dict[str, object], options: ImportOptions, now: Instant) -> Closed:
    """A closed address from the columns of a row; raises BadRow."""
    reason = text_in(values, "reason")
    if reason not in REASONS:
        there_are = ", ".join(f"`{each}`" for each in REASONS)
        raise BadRow(f"`reason` {shown(reason)} is none of {there_are}")
    channel, address = text_to_channel(key_in(values, "address"), options.country)
    if reason == Closure.REASSIGNED and channel != "sms":
        raise BadRow(f"only a number is `{Closure.REASSIGNED}`, not {shown(address)}")
    return Closed(channel, address, reason, past_instant_in(values, "at", options.zone, now))


def text_to_channel(text: str, country: str) -> tuple[str, str]:
    """The channel and the address that are meant; BadRow for what is neither an e-mail address nor a number."""
    channel, found = ("email", text_to_email(text)) if "@" in text else ("sms", text_to_phone(text, country))
    if found.state != VALID:
        raise BadRow(f"{shown(text)} is neither an e-mail address nor a phone number")
    return channel, found.text


def store_suppressions(
    connection: sa.Connection, numbered: list[tuple[int, Closed]], now: Instant
) -> tuple[int, dict[int, str]]:
    """Close the addresses; how many rows told something new, and no rejected ones."""
    rows = [each for _, each in numbered]
    known = {
        (each.channel, each.address, each.reason): each.at
        for each in closed_among(connection, [(each.channel, each.address) for each in rows])
    }
    new = [each for each in rows if each.at > known.get((each.channel, each.address, each.reason), -1)]
    close_by_hand(connection, new, now)
    return len(new), {}
