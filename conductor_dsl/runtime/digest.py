"""Digest: staff who asked to be notified get one e-mail a day for everything, never one for each contact.

The e-mail's key is derived from the address and what was told before, so one that is sent again after a crash is the
same one. Before it is sent the row is put off for a little, so that of two nodes one tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from conductor_dsl.messages.mime import mail_date
from conductor_dsl.plugin.channels import ChannelProvider, Outgoing, Verdict
from conductor_dsl.runtime.programs import Programs
from conductor_dsl.runtime.wishes import wishes
from conductor_dsl.runtime.words import in_words
from conductor_dsl.shared.clock import DAY, HOUR, MINUTE, Clock, Instant, to_iso
from conductor_dsl.shared.duration import Duration
from conductor_dsl.shared.ids import content_hash
from conductor_dsl.store.connect import reading
from conductor_dsl.store.coupons import pool_counts, pools_told_to
from conductor_dsl.store.notices import Occurrence, claim, codes_wanted, due_notices, occurrences, put_off, told

CLAIM = 5 * MINUTE
"""After which another node tells, if the one that was about to has died."""


@dataclass(frozen=True, slots=True)
class Told:
    """A member of the staff who was due to be told, and of how many contacts and pools; of none, nothing was sent."""

    address: str
    count: int
    pools: int = 0


def tell_due(engine: sa.Engine, programs: Programs, provider: ChannelProvider | None, clock: Clock) -> Told | None:
    """Tell the first address that is due; None when none is. What cannot be sent is tried again in an hour."""
    now = clock.now()
    with reading(engine) as connection:
        rows = due_notices(connection, now)
        if not rows:
            return None
        row = rows[0]
    with engine.begin() as connection:
        if not claim(connection, row.address, row.due_at, now + CLAIM):
            return Told(row.address, 0)
    with reading(engine) as connection:
        lines = list(_lines(programs, row.address, occurrences(connection, row.told_until, now)))
        pools = list(_pool_lines(connection, row.address, (row.told_until, now)))
    text = [line for _, line in lines] + pools
    sent = not text or _send(provider, row, text)
    with engine.begin() as connection:
        if sent:
            told(connection, row.address, row.zone, now)
        else:
            put_off(connection, row.address, now + HOUR)
    return Told(row.address, sum(count for count, _ in lines), len(pools)) if sent else Told(row.address, 0)


def _lines(programs: Programs, address: str, found: Iterable[Occurrence]) -> Iterator[tuple[int, str]]:
    """(contacts, line) for each thing that the address wants to hear of."""
    places = {
        (loaded.conversation_id, step, outcome): f"{loaded.flow.name}, {loaded.flow.steps[step].name}"
        for loaded in programs.live
        for wanted, step, outcome in wishes(loaded.program)
        if wanted == address
    }
    for each in found:
        place = places.get((each.conversation_id, each.step, each.outcome))
        if place is not None:
            yield each.count, f"{each.count:>8,}  {place}: {in_words(each.reason)}"


def _pool_lines(connection: sa.Connection, address: str, between: tuple[Instant, Instant]) -> Iterator[str]:
    """A line for each pool of the address that is low, if anybody wanted a code of it lately."""
    since, now = between
    missed = codes_wanted(connection, since, now)
    pools = {row.name: row for row in pools_told_to(connection, address) if row.name in missed}
    good_until = {name: Duration.parse(row.cutoff).after(now) for name, row in pools.items()}
    for count in pool_counts(connection, good_until):
        if count.left < pools[count.pool].warn_below:
            empty = f"; {missed[count.pool]:,} found none" if missed[count.pool] else ""
            yield f"{count.left:>8,}  codes left in the pool `{count.pool}`{empty}"


def _send(provider: ChannelProvider | None, row: sa.Row[tuple[object, ...]], lines: list[str]) -> bool:
    """Send the digest; whether a provider has taken it."""
    text = f"Since {to_iso(row.told_until)}:\n\n" + "\n".join(lines) + "\n"
    message = Outgoing(
        key=content_hash(f"digest {row.address} {row.told_until}"),
        channel="email",
        to=row.address,
        sender=row.sender,
        subject="Conductor: what you wanted to hear of",
        text=text,
        html="",
        valid_for=DAY,
        contact="staff",
        conversation="",
        step="digest",
        headers={"Date": mail_date(row.due_at)},
    )
    try:
        receipts = provider.send([message]) if provider else []
    except Exception:  # noqa: BLE001  (a provider is a plugin; what staff hears must not stop what customers get)
        return False
    return any(receipt.verdict in (Verdict.ACCEPTED, Verdict.DELIVERED) for receipt in receipts)
