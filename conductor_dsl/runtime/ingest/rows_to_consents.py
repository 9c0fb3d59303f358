"""From rows to consent: who agreed to what, when and how, or took it back."""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa

from conductor_dsl.runtime.ingest.cell_to_value import key_in, past_instant_in, shown, text_in
from conductor_dsl.runtime.ingest.nouns import BadRow, ImportOptions
from conductor_dsl.shared.clock import Instant
from conductor_dsl.shared.nearest import did_you_mean
from conductor_dsl.store.consents import CONFIRMED, SUBSCRIBED, UNSUBSCRIBED, add_consents
from conductor_dsl.store.tables import EVERY_LIST

REQUIRED = ("contact", "list", "action", "at")
KNOWN = (*REQUIRED, "source", "text", "proof")


class Consent(NamedTuple):
    """A word of the ledger as a row tells it; a tuple, for there are millions."""

    contact: str
    list: str
    at: Instant
    action: str
    source: str
    shown_text: str
    proof: str


def row_to_consent(values: dict[str, object], options: ImportOptions, now: Instant) -> Consent:
    """A word of the ledger from the columns of a row; raises BadRow."""
    list_, action = _list(values, options), _action(values)
    if list_ == EVERY_LIST and action != UNSUBSCRIBED:
        raise BadRow(f"nobody subscribes to everything: `{EVERY_LIST}` is for `{UNSUBSCRIBED}` only")
    contact, at = key_in(values, "contact"), past_instant_in(values, "at", options.zone, now)
    source, text, proof = (text_in(values, name) for name in ("source", "text", "proof"))
    return Consent(contact, list_, at, action, source, text, proof)


def _list(values: dict[str, object], options: ImportOptions) -> str:
    name = key_in(values, "list")
    if options.lists and name != EVERY_LIST and name not in options.lists:
        hint = did_you_mean(name, options.lists) or "name it under [lists] in conductor.toml"
        raise BadRow(f"unknown list {shown(name)}; {hint}")
    return name


def _action(values: dict[str, object]) -> str:
    action = key_in(values, "action").lower()
    if action not in (SUBSCRIBED, CONFIRMED, UNSUBSCRIBED):
        raise BadRow(f"`action` {shown(action)} is none of `{SUBSCRIBED}`, `{CONFIRMED}`, `{UNSUBSCRIBED}`")
    return action


def store_consents(
    connection: sa.Connection, numbered: list[tuple[int, Consent]], now: Instant
) -> tuple[int, dict[int, str]]:
    """Add to the ledger; how many words were new, and the reasons for rejected ones by number."""
    rows: list[tuple[object, ...]] = [(number, None, *each) for number, each in numbered]
    added, unknown = add_consents(connection, rows, now)
    return added, {n: f"unknown contact {shown(each.contact)}" for n, each in numbered if n in unknown}
