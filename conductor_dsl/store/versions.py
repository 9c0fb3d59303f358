"""Published conversations and their messages: written once, never changed."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa

from conductor_dsl.language.flow import Flow
from conductor_dsl.shared.clock import Instant
from conductor_dsl.store.tables import conversation, message, step, thread, version


def store_message(connection: sa.Connection, values: Mapping[str, Any]) -> int:
    """The id of a message with this content (`hash` is its name), stored if it is new."""
    known = connection.scalar(sa.select(message.c.id).where(message.c.hash == values["hash"]))
    return int(known or _insert(connection, message, values))


def _insert(connection: sa.Connection, table: sa.Table, values: Mapping[str, Any]) -> int:
    key = connection.execute(sa.insert(table).values(values)).inserted_primary_key
    return int(key[0]) if key else 0


def conversation_id(connection: sa.Connection, name: str) -> int:
    """The id of a conversation, stored if it is new."""
    known = connection.scalar(sa.select(conversation.c.id).where(conversation.c.name == name))
    if known is not None:
        return int(known)
    return _insert(connection, conversation, {"name": name})


def live_hash(connection: sa.Connection, conversation_id: int) -> str | None:
    """The hash of the live version of a conversation."""
    joined = sa.join(conversation, version, version.c.id == conversation.c.live_version_id)
    return connection.scalar(sa.select(version.c.hash).select_from(joined).where(conversation.c.id == conversation_id))


def store_version(
    connection: sa.Connection,
    conversation_id: int,
    flow: Flow,
    *,
    source: str,
    messages: Mapping[int, int],
    digest: str,
    standing: Collection[str],
    now: Instant,
) -> int:
    """Publish a flow as the next version of its conversation; returns the version's id."""
    last = sa.select(sa.func.coalesce(sa.func.max(version.c.number), 0))
    number = connection.scalar(last.where(version.c.conversation_id == conversation_id))
    values = {
        "conversation_id": conversation_id,
        "number": (number or 0) + 1,
        "hash": digest,
        "source": source,
        "flow": flow.to_json(),
        "messages": json.dumps(messages, sort_keys=True),
        "published_at": now,
    }
    new = _insert(connection, version, values)
    live = sa.update(conversation).where(conversation.c.id == conversation_id)
    connection.execute(live.values(live_version_id=new))
    if flow.steps:
        steps = [{"version_id": new, "number": each.number, "name": each.name} for each in flow.steps]
        connection.execute(sa.insert(step), steps)
    _store_threads(connection, conversation_id, flow, standing, now)
    return new


def _store_threads(
    connection: sa.Connection, conversation_id: int, flow: Flow, standing: Collection[str], now: Instant
) -> None:
    known = set(connection.scalars(sa.select(thread.c.name).where(thread.c.conversation_id == conversation_id)))
    entered = {each.name for each in flow.threads if each.trigger is not None}
    for name in sorted(entered - known):
        connection.execute(sa.insert(thread).values(conversation_id=conversation_id, name=name))
    due = sa.update(thread).where(thread.c.conversation_id == conversation_id)
    connection.execute(due.values(next_check_at=None, looked_at=None))
    connection.execute(due.where(thread.c.name.in_(standing)).values(next_check_at=now))


def retire(connection: sa.Connection, conversation_id: int) -> None:
    """Let nobody in any more; who is inside goes on."""
    connection.execute(sa.update(conversation).where(conversation.c.id == conversation_id).values(live_version_id=None))
    connection.execute(sa.update(thread).where(thread.c.conversation_id == conversation_id).values(next_check_at=None))


def live_conversations(connection: sa.Connection) -> dict[str, int]:
    """The ids of the conversations that let contacts in, by name."""
    found = sa.select(conversation.c.name, conversation.c.id).where(conversation.c.live_version_id.is_not(None))
    return {row.name: row.id for row in connection.execute(found)}


def version_rows(connection: sa.Connection) -> list[sa.Row[Any]]:
    """Every version, with `is_live`, oldest first."""
    live = sa.func.coalesce(conversation.c.live_version_id == version.c.id, sa.false())
    joined = sa.select(version, live.label("is_live"))
    joined = joined.join(conversation, conversation.c.id == version.c.conversation_id)
    return list(connection.execute(joined.order_by(version.c.id)))


def edition(connection: sa.Connection) -> tuple[int, ...]:
    """Numbers that change whenever something is published or retired."""
    return tuple(connection.execute(_EDITION).one())


_EDITION = sa.select(
    *(
        sa.select(sa.func.coalesce(number, 0)).scalar_subquery()
        for number in (
            sa.func.max(version.c.id),
            sa.func.max(message.c.id),
            # Nothing becomes live but what is published, so without a new version this can only become less.
            sa.func.sum(conversation.c.live_version_id),
        )
    )
)


def message_rows(connection: sa.Connection) -> list[sa.Row[Any]]:
    """Every message."""
    return list(connection.execute(sa.select(message)))


def thread_rows(connection: sa.Connection, now: Instant | None = None) -> list[sa.Row[Any]]:
    """The threads whose audience is to be looked at, by the instant; with `now`, only those that are due."""
    waiting = sa.select(thread).where(thread.c.next_check_at.is_not(None))
    if now is not None:
        waiting = waiting.where(thread.c.next_check_at <= now)
    return list(connection.execute(waiting.order_by(thread.c.next_check_at)))


def thread_ids(connection: sa.Connection) -> dict[tuple[int, str], int]:
    """The ids of the threads that anything lets in, by conversation and name."""
    rows = connection.execute(sa.select(thread.c.conversation_id, thread.c.name, thread.c.id))
    return {(row.conversation_id, row.name): row.id for row in rows}


def survey(connection: sa.Connection, thread_id: int, now: Instant) -> None:
    """Let a thread be looked at as a whole, as when it was published."""
    connection.execute(sa.update(thread).where(thread.c.id == thread_id).values(looked_at=None, next_check_at=now))


def set_looked(connection: sa.Connection, thread_id: int, at: Instant, again_at: Instant | None) -> None:
    """A thread has been looked at, as of `at`; None: not again, unless something calls for it."""
    looked = sa.update(thread).where(thread.c.id == thread_id)
    connection.execute(looked.values(looked_at=at, next_check_at=again_at))
