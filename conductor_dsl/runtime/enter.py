"""Enter: contacts that stand at the door of a thread are let in, as its conversation's re-entry rule says."""

from __future__ import annotations

import sqlalchemy as sa

from conductor_dsl.language.flow import FlowThread, Settings
from conductor_dsl.runtime.programs import Loaded
from conductor_dsl.shared.clock import HOUR, Instant, to_datetime
from conductor_dsl.shared.duration import Duration
from conductor_dsl.store.batches import candidate, crossing, empty
from conductor_dsl.store.runs import enter, exit_runs
from conductor_dsl.store.tables import run

PAUSE = HOUR
"""Who came into a conversation so shortly before is not let in again by what another conversation does: conversations
that begin each other, in whatever files they stand, would run in circles for ever, in no time."""


def just_came(contact_id: sa.ColumnElement[int], conversation_id: int, now: Instant) -> sa.ColumnElement[bool]:
    """Whether a contact has come into a conversation within the pause."""
    lately = run.alias("lately")
    return sa.exists().where(
        lately.c.contact_id == contact_id,
        lately.c.conversation_id == conversation_id,
        lately.c.entered_at > now - PAUSE,
    )


def enter_crossing(
    connection: sa.Connection, loaded: Loaded, thread: FlowThread, now: Instant, *, goes_on: bool = False
) -> int:
    """Let the contacts of `crossing` in at the first step of a thread; returns how many entered.

    Who is inside already stays where it is, unless the rule is `restart`, or the thread `goes_on` with those who are
    inside: then the old run ends and a new one begins. Going on is no re-entry, so the rule of re-entry has no say.
    """
    settings = loaded.flow.settings
    if thread.first is None or _has_expired(settings, now):
        return 0
    of_conversation = run.c.conversation_id == loaded.conversation_id
    went_on = 0
    if settings.reentry == "restart":
        again = sa.and_(of_conversation, run.c.contact_id.in_(sa.select(crossing.c.contact_id)))
        exit_runs(connection, again, "restart", now)
    elif goes_on:
        empty(connection, candidate)
        inside = sa.exists().where(of_conversation, run.c.contact_id == crossing.c.contact_id, run.c.ended_at.is_(None))
        columns, chosen = ["contact_id"], sa.select(crossing.c.contact_id).where(inside)
        connection.execute(sa.insert(candidate).from_select(columns, chosen))
        moving = sa.and_(of_conversation, run.c.contact_id.in_(sa.select(candidate.c.contact_id)))
        exit_runs(connection, moving, f"went on in thread `{thread.name}`", now)
        went_on = _enter(connection, loaded, thread.first, now, only=crossing.c.contact_id.in_(sa.select(candidate)))
    return went_on + _enter(connection, loaded, thread.first, now, cooled_at=_cooled_at(settings, now))


def _enter(
    connection: sa.Connection,
    loaded: Loaded,
    step: int,
    now: Instant,
    *,
    cooled_at: Instant | None = None,
    only: sa.ColumnElement[bool] | None = None,
) -> int:
    return enter(
        connection,
        loaded.conversation_id,
        version_id=loaded.version_id,
        step=step,
        now=now,
        cooled_at=cooled_at,
        only=only,
    )


def _has_expired(settings: Settings, now: Instant) -> bool:
    return settings.expires is not None and to_datetime(now).date().isoformat() >= settings.expires


def _cooled_at(settings: Settings, now: Instant) -> Instant | None:
    match settings.reentry:
        case "always" | "restart":
            return None
        case "never":
            return -1
        case duration:
            return Duration.parse(duration).before(now)
