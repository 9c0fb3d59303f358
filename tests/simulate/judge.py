"""Judge: what the history checker cannot tell by itself, because it knows neither windows nor what was to happen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from conductor_dsl.plugin.channels import Verdict
from conductor_dsl.program.states import Lane
from conductor_dsl.runtime.dispatch import LEASE
from conductor_dsl.runtime.programs import Loaded, Programs
from conductor_dsl.shared.clock import Instant, to_datetime
from conductor_dsl.shared.duration import Duration
from conductor_dsl.shared.ids import dispatch_key
from conductor_dsl.shared.rules import Rules
from conductor_dsl.store import tables as t
from tests.simulate.carrier import Account
from tests.simulate.world import FALLBACK, PATHS_OF_TWO

TOLD_STATES = {Verdict.ACCEPTED: "accepted", Verdict.UNDELIVERED: "undelivered", Verdict.DELIVERED: "delivered"}
Rows = Mapping[str, Any]
"""Messages by the key under which a provider sees them."""


def messages_by_key(connection: sa.Connection, secret: str) -> Rows:
    """All messages."""
    chosen = sa.select(t.intent, t.contact.c.zone).join(t.contact, t.contact.c.id == t.intent.c.contact_id)
    return {dispatch_key(secret, *row[:5]): row for row in connection.execute(chosen)}


def windows_are_kept(rows: Rows, programs: Programs, account: Account, skew: int) -> Iterator[str]:
    """Nothing is accepted outside the script's window, nor told to be valid beyond it.

    `skew` is how wrong a clock may be, in milliseconds.
    """
    for key, row in rows.items():
        for at, valid_for in account.valid_for.get(key, ()):
            if at + valid_for > row.expires_at + LEASE:
                yield f"message {row[:5]} was told to be valid {at + valid_for - row.expires_at} ms too long"
            if row.conversation_id == t.SYSTEM:
                continue
            settings = programs.by_version[row.version_id].flow.settings
            zone = ZoneInfo(row.zone or FALLBACK)
            clocks = [to_datetime(at + error).astimezone(zone).strftime("%H:%M") for error in (-skew, skew)]
            opens, closes = settings.opens or "00:00", settings.closes or "24:00"
            if not any(opens <= clock < closes for clock in clocks):
                yield f"message {row[:5]} was accepted at {clocks[0]}, outside of {opens}-{closes}"


def caps_are_kept(rows: Rows, programs: Programs, rules: Rules, account: Account) -> Iterator[str]:
    """No contact has had more messages in the time of a cap than it allows, counted when they were written.

    One that was lost did not count then, even if it came to its reader in the end.
    """
    had: dict[int, list[Any]] = defaultdict(list)
    for key, row in rows.items():
        if account.valid_for.get(key) and key not in account.lost and row.conversation_id != t.SYSTEM:
            had[row.contact_id].append(row)
    for messages in had.values():
        for row in messages:
            for (channel, count, period), counted in _caps(programs.by_version[row.version_id], rules):
                since = Duration.parse(period).before(row.created_at)
                alike = [each for each in messages if each.channel == channel and each.lane >= counted]
                found = [each for each in alike if since < each.created_at <= row.created_at]
                if row.channel == channel and len(found) > count:
                    yield f"contact {row.contact_id} had {len(found)} of at most {count} in {period}: {row[:5]}"


def _caps(loaded: Loaded, rules: Rules) -> Iterator[tuple[tuple[str, int, str], Lane]]:
    """The caps that hold for a conversation, with the first lane whose messages count."""
    yield from ((cap, Lane.TRANSACTIONAL) for cap in loaded.flow.settings.caps)
    if loaded.lane is not Lane.TRANSACTIONAL:
        yield from ((cap, Lane.ALERT) for cap in rules.caps)


def the_last_word_counts(rows: Rows, account: Account) -> Iterator[str]:
    """A message stands as the receipt says that tells most of it, in whatever order they came."""
    for key, verdict in account.told.items():
        if key in rows and rows[key].state != TOLD_STATES[verdict]:
            yield f"message {rows[key][:5]} is `{rows[key].state}`, though it was told to be {TOLD_STATES[verdict]}"


def nothing_is_left(rows: Rows, connection: sa.Connection, now: Instant, *, may_doubt: bool) -> Iterator[str]:
    """When all is over no message is on its way, and no run is due; in doubt only where the provider cannot tell."""
    for row in rows.values():
        if row.state in ("ready", "sending") or (row.state == "ambiguous" and not may_doubt):
            yield f"message {row[:5]} is `{row.state}` when all is over"
    overdue = sa.select(t.run.c.contact_id, t.run.c.conversation_id, t.run.c.entry_no, t.run.c.due_at)
    for run in connection.execute(overdue.where(t.run.c.due_at <= now)):
        yield f"run {run[:3]} has been due for {now - run.due_at} ms when all is over"


def paths_are_walked(rows: Rows, connection: sa.Connection) -> Iterator[str]:
    """Every completed run of these conversations has a message or a reason at each of its two sending steps."""
    names = {row.id: row.name for row in connection.execute(sa.select(t.conversation))}
    places: dict[tuple[int, int, int], set[int]] = defaultdict(set)
    for row in rows.values():
        places[row[:3]].add(row.step)
    skipped = connection.execute(sa.select(t.history).where(t.history.c.kind == "skipped"))
    for row in skipped:
        places[row.contact_id, row.conversation_id, row.entry_no].add(row.step)
    for run in connection.execute(sa.select(t.run).where(t.run.c.state == "completed")):
        steps = places[run.contact_id, run.conversation_id, run.entry_no]
        if names[run.conversation_id] in PATHS_OF_TWO and len(steps) != 2:
            yield f"run {run[:3]} has {len(steps)} of 2 messages accounted for"


def orders_are_thanked(connection: sa.Connection, orders: list[tuple[str, Instant]], skew: int) -> Iterator[str]:
    """Whoever has bought came into `Thanks`, or was inside; `skew` is how wrong a clock may be, in milliseconds."""
    inside = sa.select(t.contact.c.key, t.run.c.entered_at, t.run.c.ended_at)
    inside = inside.join(t.contact, t.contact.c.id == t.run.c.contact_id)
    inside = inside.join(t.conversation, t.conversation.c.id == t.run.c.conversation_id)
    rows = connection.execute(inside.where(t.conversation.c.name == "Thanks")).all()
    for key, at in orders:
        if not any(row.key == key and row.entered_at - skew <= at <= (row.ended_at or at) + skew for row in rows):
            yield f"contact {key} bought at {at}, and was not let in"
