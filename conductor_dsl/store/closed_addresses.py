"""Closed addresses: recognized by their hashes when they come again, also after their contacts have been erased."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from conductor_dsl.shared.clock import Instant
from conductor_dsl.shared.ids import address_digest
from conductor_dsl.store.connect import secret_of
from conductor_dsl.store.consent_tables import closed_address

KEY = "contact"
"""Stands for a channel where the address is the key of a contact."""
ASKED_AT_ONCE = 5_000


class Closed(NamedTuple):
    """An address that gets nothing on a channel, why, and since when."""

    channel: str
    address: str
    reason: str
    at: Instant


def close_addresses(connection: sa.Connection, rows: Iterable[Closed]) -> None:
    """Close addresses; one that is closed for the same reason already is so since the later instant."""
    secret = secret_of(connection)
    latest: dict[tuple[str, str, str], Instant] = {}
    for row in rows:
        key = (address_digest(secret, row.address), row.channel, row.reason)
        latest[key] = max(row.at, latest.get(key, row.at))
    if not latest:
        return
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    names = [column.name for column in closed_address.primary_key]
    put = insert(closed_address)
    put = put.on_conflict_do_update(
        index_elements=names, set_={"at": put.excluded.at}, where=put.excluded.at > closed_address.c.at
    )
    connection.execute(put, [dict(zip((*names, "at"), (*key, at), strict=True)) for key, at in latest.items()])


def closed_among(connection: sa.Connection, addresses: Iterable[tuple[str, str]]) -> list[Closed]:
    """Why those of the (channel, address) are closed that are."""
    if not connection.scalar(sa.select(sa.exists(sa.select(closed_address.c.digest)))):
        return []
    secret = secret_of(connection)
    asked = {(address_digest(secret, address), channel): address for channel, address in addresses if address}
    digests = sorted({digest for digest, _ in asked})
    found: list[Closed] = []
    for start in range(0, len(digests), ASKED_AT_ONCE):
        some = closed_address.c.digest.in_(digests[start : start + ASKED_AT_ONCE])
        for row in connection.execute(sa.select(closed_address).where(some)):
            address = asked.get((row.digest, row.channel))
            if address is not None:
                found.append(Closed(row.channel, address, row.reason, row.at))
    return found


def open_addresses(connection: sa.Connection, addresses: Sequence[tuple[str, str]]) -> int:
    """Let (channel, address) be closed no more; returns how many reasons there were."""
    secret = secret_of(connection)
    keys = [(address_digest(secret, address), channel) for channel, address in addresses]
    mine = sa.tuple_(closed_address.c.digest, closed_address.c.channel).in_(keys)
    return connection.execute(sa.delete(closed_address).where(mine)).rowcount
