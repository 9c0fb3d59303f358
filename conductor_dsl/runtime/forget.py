"""Forget: contacts are erased from the database, and from what providers keep beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from conductor_dsl.runtime.open_project import Carrier
from conductor_dsl.shared.clock import Instant
from conductor_dsl.shared.errors import ConductorError
from conductor_dsl.shared.ids import dispatch_key
from conductor_dsl.store.connect import overwriting, reading, secret_of
from conductor_dsl.store.erase import BATCH, erase, on_their_way
from conductor_dsl.store.intents import KEY
from conductor_dsl.store.tables import intent


def forget(engine: sa.Engine, carriers: Iterable[Carrier], ids: Sequence[int], now: Instant) -> int:
    """Erase contacts, a few in one transaction; returns how many there were. It may be stopped and repeated.

    Raises ConductorError, before anybody is erased, while a message to one of them is on its way.
    """
    keepers = [(carrier.type.forget, carrier.setting) for carrier in carriers if carrier.type.forget]
    with reading(engine) as connection:
        if on_their_way(connection, ids):
            raise ConductorError("a message to them is on its way just now", hint="repeat it in a minute")
    count = 0
    for start in range(0, len(ids), BATCH):
        some = ids[start : start + BATCH]
        keys = _keys(engine, some)
        for delete, setting in keepers:
            delete(setting, keys)
        with overwriting(engine) as connection:
            count += erase(connection, some, now)
    return count


def _keys(engine: sa.Engine, ids: Sequence[int]) -> list[str]:
    """The keys by which providers know the messages to contacts."""
    places = sa.select(*(intent.c[name] for name in KEY)).where(intent.c.contact_id.in_(ids))
    with reading(engine) as connection:
        secret = secret_of(connection)
        return [dispatch_key(secret, *row) for row in connection.execute(places)]
