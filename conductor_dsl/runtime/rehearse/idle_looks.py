"""Looks at audiences that would find nobody are put off, so that months with a look every hour pass quickly.

Nothing is left out: a look is put off only as long as nobody can have crossed, by the same ranges that the engine
itself looks through, and the look that comes then covers all the time since the one before.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace

import sqlalchemy as sa

from conductor_dsl.plugin.contracts import TriggerSource
from conductor_dsl.runtime.agenda import Agenda
from conductor_dsl.runtime.audience import Look, may_have_crossed, next_look
from conductor_dsl.runtime.programs import Programs
from conductor_dsl.shared.clock import Instant
from conductor_dsl.store.tables import contact
from conductor_dsl.store.versions import set_looked, thread_rows


@dataclass(frozen=True, slots=True)
class _Door:
    """An audience, when it would be looked at, and the first of these instants at which somebody may have crossed."""

    look: Look
    looks: list[Instant]
    first: Instant


def next_due(connection: sa.Connection, programs: Programs, agenda: Agenda, latest: Instant) -> Instant:
    """The next instant at which anything may happen, at the latest `latest`; idle looks before it are put off.

    No look is put off beyond the instant at which anything else is due, or somebody may enter by another audience, for
    that could change people.
    """
    audiences = {
        (loaded.conversation_id, thread.name): (loaded, thread)
        for loaded, thread in programs.live_threads(TriggerSource.AUDIENCE)
    }
    rows = thread_rows(connection)
    waiting = [row for row in rows if (row.conversation_id, row.name) in audiences and row.looked_at is not None]
    others = [row.next_check_at for row in rows if row not in waiting]
    rest = replace(agenda, look_at=None).earliest
    until: Instant = min([latest, *others, *([] if rest is None else [rest])])
    looks = [
        Look(programs, *audiences[row.conversation_id, row.name], row.id, row.next_check_at, row.looked_at)
        for row in waiting
    ]
    return min([until, *_put_off(connection, looks, until)])


def _put_off(connection: sa.Connection, looks: list[Look], until: Instant) -> Iterator[Instant]:
    """Put each look that comes before `until` off; gives the instants at which they come then."""
    doors = [_door(connection, look, until) for look in looks if look.now < until]
    earliest = min((door.first for door in doors), default=until)
    for door in doors:
        assert door.look.before is not None
        at = door.looks[bisect_left(door.looks, earliest)] if door.first > earliest else door.first
        set_looked(connection, door.look.thread_id, door.look.before, at)
        yield at


def _door(connection: sa.Connection, look: Look, until: Instant) -> _Door:
    looks = [look.now]
    while looks[-1] <= until:
        looks.append(next_look(look.thread, look.loaded, looks[-1]))
    # Whoever may have crossed by one look may have by every later one.
    first = bisect_left(looks[:-1], True, key=lambda at: _finds_anybody(connection, look, at))
    return _Door(look, looks, looks[first])


def _finds_anybody(connection: sa.Connection, look: Look, at: Instant) -> bool:
    found = may_have_crossed(replace(look, now=at))
    return found is contact or bool(connection.scalar(sa.select(sa.exists(sa.select(found.c.id)))))
