"""Call out: runs at a step that calls a function are handed over, and taken back when it is known what came of it."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from conductor_dsl.program.operations import Call
from conductor_dsl.program.states import HistoryKind, RunState
from conductor_dsl.runtime.advance import Advanced, carry_on, claim_due
from conductor_dsl.runtime.errands import Errand, Errands, Question, Search
from conductor_dsl.runtime.operate.frame import Frame
from conductor_dsl.shared.clock import MINUTE, Instant
from conductor_dsl.store.batches import batch
from conductor_dsl.store.runs import hold_unsettled, reclaim, write_back
from conductor_dsl.store.tables import contact, run


@dataclass(frozen=True, slots=True)
class Given:
    """Contacts over whom a function is called now."""

    conversation: str
    step: str
    count: int


@dataclass(frozen=True, slots=True)
class Failed:
    """Contacts at whom the function of a step failed, why, and what is done about it."""

    conversation: str
    step: str
    count: int
    why: str
    remedy: str


SEARCHING = "those at fault are looked for"
QUARANTINED = "quarantined; `conductor quarantine` lists them, and sets them free"


def hand_over(frame: Frame, errands: Errands, step: int, limit: int) -> Question | None:
    """Take runs that are due at a step; returns whom to call its function for, None where nobody is due there.

    Of the part of a batch that is to be tried nobody may be there any more: then the question has no rows.
    """
    loaded, part = frame.loaded, errands.part((frame.loaded.version_id, step))
    count = claim_due(frame, step, limit, run.c.contact_id.between(part[0], part[-1]) if part else None)
    if not count and not part:
        return None
    hold_unsettled(frame.connection, step)
    joined = sa.select(contact).join(batch, batch.c.contact_id == contact.c.id).where(frame.standing_at(step))
    rows = [dict(row) for row in frame.connection.execute(joined).mappings()]
    seconds, lease_until = errands.lease((loaded.version_id, step), len(rows), frame.now)
    ours = sa.update(batch).where(frame.standing_at(step))
    frame.connection.execute(ours.values(state=RunState.ACTIVE, due_at=lease_until, missed_at=batch.c.since))
    write_back(frame.connection, frame.now)
    return Question([row | {"fields": json.loads(row["fields"])} for row in rows], seconds, lease_until)


def take_back(frame: Frame, errands: Errands, errand: Errand) -> Advanced | Failed:
    """Move the contacts of an errand on, or do what is to be done about those at whom the function failed."""
    step, why = errand.place[1], errand.outcome.result()
    search = errands.searches.get(errand.place)
    if not why:
        errands.forgive(errand.place)
        count = _move_on(frame, errand)
        if search:
            search.succeed()
            _conclude(frame, errands, errand.place, search)
        return Advanced(frame.loaded.flow.name, frame.loaded.flow.steps[step].name, count)
    search = errands.searches.setdefault(errand.place, search or Search(len(errand.contacts)))
    search.fail(errand, why)
    if errand.contacts[1:]:
        _give_back(frame, step, errand.contacts, [errand.lease_until])
    remedy = _conclude(frame, errands, errand.place, search)
    return _failed(frame, step, len(errand.contacts), why, remedy or SEARCHING)


def conclude(frame: Frame, errands: Errands, place: tuple[int, int]) -> None:
    """Nobody of the part that was to be tried is there any more."""
    search = errands.searches.get(place)
    if search:
        _conclude(frame, errands, place, search)


def _conclude(frame: Frame, errands: Errands, place: tuple[int, int], search: Search) -> str:
    """What is done about a search that has come to its end; empty for one that goes on."""
    if search.fails_at_all and search.accused and not errands.is_hopeless(place, search.whole):
        _give_back(frame, place[1], search.accused, [until for until, _ in search.accused.values()])
        until = errands.rest(place, frame.now)
        return f"nobody passes, so the step rests: it is tried again in {(until - frame.now) // MINUTE} min"
    if search.has_passed or search.fails_at_all:
        told = QUARANTINED if search.accused else ""
        _quarantine(frame, place[1], search.accused)
        search.accused.clear()
        errands.forgive(place)
        if not search.parts:
            errands.searches.pop(place, None)
        return told
    return ""


def _reclaim(frame: Frame, step: int, contacts: Collection[int], leases: Collection[Instant]) -> int:
    loaded = frame.loaded
    zone, fallback = loaded.zone, loaded.flow.settings.zone
    return reclaim(frame.connection, loaded.version_id, step, contacts, leases, zone=zone, fallback=fallback)


def _move_on(frame: Frame, errand: Errand) -> int:
    step = errand.place[1]
    count = _reclaim(frame, step, errand.contacts, [errand.lease_until])
    if count:
        call = frame.loaded.program.operations[step]
        assert isinstance(call, Call)
        frame.advance(step, call.next)
        carry_on(frame)
    return count


def _give_back(frame: Frame, step: int, contacts: Collection[int], leases: Collection[Instant]) -> None:
    """Let them be due again, as they were."""
    if _reclaim(frame, step, contacts, leases):
        frame.connection.execute(sa.update(batch).values(state=RunState.ACTIVE, due_at=batch.c.was_due))
        write_back(frame.connection, frame.now)


def _quarantine(frame: Frame, step: int, accused: Mapping[int, tuple[Instant, str]]) -> None:
    """Set those aside at whom alone the function fails: nothing but a person lets them go on."""
    if _reclaim(frame, step, accused, [until for until, _ in accused.values()]):
        whys = {contact_id: why for contact_id, (_, why) in accused.items()}
        why = sa.case(whys, value=batch.c.contact_id)
        frame.record(step, HistoryKind.QUARANTINED, frame.standing_at(step), why)
        frame.connection.execute(sa.update(batch).values(state=RunState.QUARANTINED, due_at=None, reason=why))
        write_back(frame.connection, frame.now)


def _failed(frame: Frame, step: int, count: int, why: str, remedy: str) -> Failed:
    return Failed(frame.loaded.flow.name, frame.loaded.flow.steps[step].name, count, why, remedy)
