"""Arrivals: events and orders that have just been stored end runs, and let contacts in.

Called in the transaction that stores them, so no event is ever stored without its effect.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import chain
from typing import Any

import sqlalchemy as sa

from conductor_dsl.language.expressions import from_json
from conductor_dsl.language.flow import FlowThread
from conductor_dsl.plugin.contracts import TriggerSource
from conductor_dsl.program.condition_to_sql import condition_to_sql
from conductor_dsl.program.facts import SqlFacts
from conductor_dsl.program.json_sql import json_word
from conductor_dsl.runtime.addresses import leave_old_addresses
from conductor_dsl.runtime.confirmations import EVENT as CONFIRMED
from conductor_dsl.runtime.confirmations import hear_confirmations
from conductor_dsl.runtime.enter import enter_crossing, just_came
from conductor_dsl.runtime.programs import Loaded, Programs
from conductor_dsl.runtime.replies import hear_texts
from conductor_dsl.runtime.wake import waiting_steps, wake_waiting
from conductor_dsl.shared.clock import Instant
from conductor_dsl.store.batches import arrival, concerned, crossing, empty, ending
from conductor_dsl.store.carts import close_ordered_carts
from conductor_dsl.store.changes import ADDRESS_CHANGED, CHANGED
from conductor_dsl.store.insert_missing import insert_missing
from conductor_dsl.store.intents import cancel_opted_out
from conductor_dsl.store.orders import PLACED
from conductor_dsl.store.runs import end_runs, meet_runs, part_with_ended
from conductor_dsl.store.tables import contact, metadata
from conductor_dsl.store.texts import RECEIVED
from conductor_dsl.store.versions import edition
from conductor_dsl.store.watches import KINDS_BY_EVENT, forget_bought, watch_arrivals


def settle_arrivals(connection: sa.Connection, programs: Programs, now: Instant) -> int:
    """End the runs that the events in `arrival` end, wake those that wait for them, then let in whom they let in.

    In this order, so that an event which both ends and begins a conversation ends the old run and begins a new one. An
    event of the batch after which comes one that ends lets nobody in: its run would be over already. An
    event that happened before a run began does not end it, and one from before a thread was published lets nobody in:
    history that is imported late changes nothing about today. An edit that leaves the trigger as it was does not count.
    What a conversation does itself neither ends nor begins a run of its own.

    Returns how many events a thread waits for, and let nobody in because they are older than it.
    """
    names = _names(connection)
    if RECEIVED in names:
        hear_texts(connection, programs, now)
        names = _names(connection)
    if CONFIRMED in names:
        hear_confirmations(connection, now)
        names = _names(connection)
    _stamp(connection, programs, names, now)
    _remember(connection, names)
    if names.intersection((CHANGED, ADDRESS_CHANGED)):
        leave_old_addresses(connection, programs, now)
    _exit_and_wake(connection, programs, names, now)
    for loaded, thread in programs.live_threads(TriggerSource.EVENT):
        if names.intersection(_events(thread)):
            _enter(connection, programs, loaded, thread, now=now)
    return _too_old(connection, programs, names)


def _names(connection: sa.Connection) -> set[str]:
    return set(connection.scalars(sa.select(arrival.c.name).distinct()))


def _too_old(connection: sa.Connection, programs: Programs, names: Collection[str]) -> int:
    """How many of the arrivals are older than every thread that waits for their name."""
    doors = [
        (name, loaded.since[thread.name])
        for loaded, thread in programs.live_threads(TriggerSource.EVENT)
        for name in _events(thread)
        if name in names
    ]
    if not doors:
        return 0
    awaited = sorted({name for name, _ in doors})
    opened = {name: min(since for other, since in doors if other == name) for name in awaited}
    old = arrival.c.at < sa.case(opened, value=arrival.c.name)
    return connection.scalar(sa.select(sa.func.count()).where(arrival.c.name.in_(awaited), old)) or 0


def _stamp(connection: sa.Connection, programs: Programs, names: Collection[str], now: Instant) -> None:
    """Note that the events are news of their contacts, so that audiences look at these again.

    What no audience asks for is none: to write to a contact costs more than all else that is done for an event. Orders
    have been noted already. Whoever calls has the contacts in hand; so if somebody publishes an audience meanwhile,
    either that is seen here, or its first look waits and sees the events.
    """
    told = {*names} - {PLACED}
    if programs.news is not None and told and edition(connection) == programs.edition:
        told &= programs.news
    if told:
        came = sa.select(arrival.c.contact_id).where(arrival.c.name.in_(sorted(told)))
        connection.execute(sa.update(contact).where(contact.c.id.in_(came)).values(updated_at=now))


def _remember(connection: sa.Connection, names: Collection[str]) -> None:
    """Keep what the events tell of carts, and of who is interested in which product."""
    if PLACED in names:
        close_ordered_carts(connection)
        forget_bought(connection)
    if not KINDS_BY_EVENT.keys().isdisjoint(names):
        watch_arrivals(connection)


def settle_opt_outs(connection: sa.Connection, now: Instant) -> int:
    """Cancel the messages that have not left yet to contacts who are unsubscribed; returns how many.

    Call it in the transaction that stores an opt-out. A message on its way to a provider cannot be recalled; but
    if it comes back, it does not leave again.
    """
    return cancel_opted_out(connection, now)


def _exit_and_wake(connection: sa.Connection, programs: Programs, names: set[str], now: Instant) -> None:
    """What the arrivals mean to those who are inside."""
    exits = _exits(programs, names)
    waiting = list(waiting_steps(programs, names))
    versions = {*chain(*exits.values()), *(loaded.version_id for loaded, _, _ in waiting)}
    told = names.intersection(chain(exits, *(awaited.events for _, _, awaited in waiting)))
    if versions and meet_runs(connection, sorted(told), sorted(versions)):
        if exits:
            _exit(connection, exits, now)
        if waiting:
            wake_waiting(connection, programs, waiting, now)


def _exits(programs: Programs, names: set[str]) -> dict[str, list[int]]:
    """The versions whose runs an event ends, by its name."""
    found: dict[str, list[int]] = {}
    for loaded in programs.by_version.values():
        for name in names.intersection(loaded.flow.settings.exits):
            found.setdefault(name, []).append(loaded.version_id)
    return dict(sorted(found.items()))


def _exit(connection: sa.Connection, exits: Mapping[str, Collection[int]], now: Instant) -> None:
    """End the runs of `concerned` that the arrivals end."""
    empty(connection, ending)
    of_version = [
        sa.and_(arrival.c.name == name, concerned.c.version_id.in_(versions)) for name, versions in exits.items()
    ]
    came = sa.select(arrival).join(concerned, concerned.c.contact_id == arrival.c.contact_id)
    came = came.where(sa.or_(*of_version), arrival.c.at >= concerned.c.entered_at)
    came = came.where(arrival.c.caused_by.is_distinct_from(concerned.c.conversation_id)).order_by(arrival.c.number)
    columns = {name: concerned.c[name] for name in ("contact_id", "conversation_id", "entry_no")}
    # Of several events the first ends the run; the key of `ending` leaves out the others.
    if insert_missing(connection, ending, columns | {"reason": sa.literal("exit on ") + arrival.c.name}, came):
        end_runs(connection, now)
        part_with_ended(connection)


def _caused_elsewhere(loaded: Loaded) -> sa.ColumnElement[bool]:
    """Whether an arrival is not the doing of the conversation itself."""
    return arrival.c.caused_by.is_distinct_from(loaded.conversation_id)


def _is_no_circle(loaded: Loaded, now: Instant) -> sa.ColumnElement[bool]:
    """Whether an arrival is nobody's doing, or its contact has not come in a moment ago."""
    return sa.or_(arrival.c.caused_by.is_(None), ~just_came(arrival.c.contact_id, loaded.conversation_id, now))


def _events(thread: FlowThread) -> list[str]:
    return list(thread.trigger.arguments["events"]) if thread.trigger else []


def _enter(connection: sa.Connection, programs: Programs, loaded: Loaded, thread: FlowThread, *, now: Instant) -> None:
    assert thread.trigger is not None
    empty(connection, crossing)
    fits = [arrival.c.name.in_(_events(thread)), arrival.c.at >= loaded.since[thread.name], _caused_elsewhere(loaded)]
    fits.append(_is_no_circle(loaded, now))
    own = bool(thread.trigger.arguments.get("own"))
    if own:
        fits.append(json_word(arrival.c.payload, sa.literal("conversation", sa.Text)) == loaded.flow.name)
    first = sa.select(arrival)
    where = thread.trigger.arguments.get("where")
    if where is not None:
        facts = SqlFacts(metadata.tables, now, programs.host.predicates, loaded.asking, arrival.c.payload)
        fits.append(condition_to_sql(from_json(where), facts))
        first = first.join(contact, contact.c.id == arrival.c.contact_id)
    # Of several events of one contact the first lets it in; the key of `crossing` leaves out the others.
    first = _without_ended(first.where(*fits).order_by(arrival.c.number), loaded.flow.settings.exits)
    insert_missing(connection, crossing, {"contact_id": arrival.c.contact_id, "payload": arrival.c.payload}, first)
    enter_crossing(connection, loaded, thread, now, goes_on=own)


def _without_ended(entering: sa.Select[Any], exits: Collection[str]) -> sa.Select[Any]:
    """Those of the events in `arrival` after which none of the same batch ends the run of its contact."""
    if not exits:
        return entering
    latest = sa.select(arrival.c.contact_id, sa.func.max(arrival.c.at).label("at")).where(arrival.c.name.in_(exits))
    ended = latest.group_by(arrival.c.contact_id).subquery("ended")
    joined = entering.outerjoin(ended, ended.c.contact_id == arrival.c.contact_id)
    return joined.where(sa.or_(ended.c.at.is_(None), ended.c.at <= arrival.c.at))
