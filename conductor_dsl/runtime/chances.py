"""Chances: carts and purchases let contacts in at a moment that is known beforehand, unless something comes between.

The moment is kept with its mark in `entry_mark`, when the cart or the order is stored; when it comes, it is judged by
what holds then. Whoever publishes a thread has carts and orders already, and so a thread is surveyed once. All is done
by the batch, each in one transaction; a survey may be repeated, for what is kept already is kept once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from conductor_dsl.language.flow import FlowThread
from conductor_dsl.plugin.contracts import TriggerSource
from conductor_dsl.runtime.carts import cart_chances, judge_carts, with_carts
from conductor_dsl.runtime.enter_by_chance import enter_by_chance, happen_by_chance
from conductor_dsl.runtime.programs import Loaded, Programs
from conductor_dsl.runtime.supplies import judge_supplies, supply_chances, with_purchases
from conductor_dsl.shared.clock import Clock, Instant
from conductor_dsl.store.batches import candidate, empty
from conductor_dsl.store.chances import next_chances, put_chances, spend_chances, take_chances
from conductor_dsl.store.connect import reading
from conductor_dsl.store.incoming import lock_contacts
from conductor_dsl.store.tables import contact
from conductor_dsl.store.versions import set_looked, survey, thread_ids, thread_rows


@dataclass(frozen=True, slots=True)
class Source:
    """What gives chances.

    `found` selects those of contacts, `whose` the next contacts who may have any, `judge` writes into the batch
    `chance` what to tell of each.
    """

    found: Callable[[Loaded, FlowThread, sa.Select[Any], Instant], sa.Select[Any]]
    whose: Callable[[Loaded, FlowThread, int, int, Instant], sa.Select[Any]]
    judge: Callable[[sa.Connection, Loaded, FlowThread, Instant], None]


SOURCES: Mapping[TriggerSource, Source] = MappingProxyType(
    {
        TriggerSource.CART: Source(cart_chances, with_carts, judge_carts),
        TriggerSource.REPLENISH: Source(supply_chances, with_purchases, judge_supplies),
    }
)
Door = tuple[Source, Loaded, FlowThread]
"""A thread whose contacts come in by a chance, and what gives it."""


@dataclass(frozen=True, slots=True)
class Met:
    """Chances that have come, and how many contacts entered."""

    conversation: str
    thread: str
    taken: int
    count: int


@dataclass(frozen=True, slots=True)
class Surveyed:
    """A thread whose chances have been gathered from what was stored already."""

    conversation: str
    thread: str


def keep_chances(
    connection: sa.Connection, programs: Programs, source: TriggerSource, contacts: sa.Select[Any], now: Instant
) -> None:
    """Keep the chances that these contacts have got, for every live thread; in the transaction that stores why."""
    doors = list(programs.live_threads(source))
    ids = thread_ids(connection) if doors else {}
    for loaded, thread in doors:
        thread_id = ids[loaded.conversation_id, thread.name]
        put_chances(connection, thread_id, SOURCES[source].found(loaded, thread, contacts, now))


def survey_again(connection: sa.Connection, programs: Programs, source: TriggerSource, now: Instant) -> None:
    """Let the threads of a source be surveyed, for something has changed for very many."""
    ids = thread_ids(connection)
    for loaded, thread in programs.live_threads(source):
        survey(connection, ids[loaded.conversation_id, thread.name], now)


def next_chance(connection: sa.Connection, programs: Programs) -> Instant | None:
    """When the next chance comes, or a survey is due; None when nothing waits."""
    doors = _doors(connection, programs)
    surveys = [row.next_check_at for row in thread_rows(connection) if row.id in doors] if doors else []
    return min([*next_chances(connection, doors).values(), *surveys], default=None)


def meet_due(
    engine: sa.Engine, programs: Programs, clock: Clock, limit: int, *, stopping: Callable[[], bool] = lambda: False
) -> Met | Surveyed | None:
    """Take a batch of the chances that came first, or survey a thread that has not been; None when nothing is due."""
    with reading(engine) as connection:
        now, doors = clock.now(), _doors(connection, programs)
        surveys = [row.id for row in thread_rows(connection, now) if row.id in doors]
        due = sorted((at, each) for each, at in next_chances(connection, doors).items() if at <= now)
    for each in surveys:
        return _survey(engine, doors[each], (each, limit), clock, stopping)
    for _, each in due:
        met = _meet(engine, programs, doors[each], (each, limit), clock)
        if met is not None:
            return met
    return None


def _doors(connection: sa.Connection, programs: Programs) -> dict[int, Door]:
    """The live threads that are entered by chance, by id."""
    found = [(meaning, *each) for source, meaning in SOURCES.items() for each in programs.live_threads(source)]
    ids = thread_ids(connection) if found else {}
    return {ids[door[1].conversation_id, door[2].name]: door for door in found}


def _meet(engine: sa.Engine, programs: Programs, door: Door, batch: tuple[int, int], clock: Clock) -> Met | None:
    source, loaded, thread = door
    with engine.begin() as connection:
        now = clock.now()
        taken = take_chances(connection, batch[0], now, batch[1])
        if not taken:
            return None
        source.judge(connection, loaded, thread, now)
        spend_chances(connection, batch[0])
        assert thread.trigger is not None
        happen_by_chance(connection, programs, thread.trigger.arguments["events"][0], now)
        entered = enter_by_chance(connection, programs, loaded, thread, now)
    return Met(loaded.flow.name, thread.name, taken, entered)


def _survey(
    engine: sa.Engine, door: Door, batch: tuple[int, int], clock: Clock, stopping: Callable[[], bool]
) -> Surveyed | None:
    """Go through the contacts in the order of their ids, one transaction for each batch."""
    source, loaded, thread = door
    last: int | None = 0
    while last is not None and not stopping():
        with engine.begin() as connection:
            now = clock.now()
            empty(connection, candidate)
            whose = source.whose(loaded, thread, last, batch[1], now)
            connection.execute(sa.insert(candidate).from_select(["contact_id"], whose))
            last = connection.scalar(sa.select(sa.func.max(candidate.c.contact_id)))
            contacts = sa.select(candidate.c.contact_id)
            lock_contacts(connection, contact.c.id.in_(contacts))
            put_chances(connection, batch[0], source.found(loaded, thread, contacts, now))
            if last is None:
                set_looked(connection, batch[0], now, None)
    return None if stopping() else Surveyed(loaded.flow.name, thread.name)
