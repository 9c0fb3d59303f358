"""A year of a winback, written straight into the tables: as the engine would have left it, in a few statements."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from conductor_dsl.shared.clock import DAY, HOUR, MINUTE
from conductor_dsl.store.connect import Engine
from conductor_dsl.store.months import make_months
from conductor_dsl.store.tables import contact, event, history, intent, run
from tests.bench.data import make_database
from tests.bench.shop import NOW, WAIT

RUNS = 6
"""How often each contact went through in the year; one in five is inside once more, and waits."""
APART = 60 * DAY
LONGEST_AGO = 365 * DAY
INSIDE = 5
SPREAD = 50 * 24 * 60
"""Over how many minutes the contacts are spread who begin a run in the same turn."""
CHUNK = 10_000
"""Contacts in one transaction."""
TEXT, HOLD, LETTER, END = range(4)
"""The steps of the winback."""


def fill_contacts(url: str, contacts: int, seed: int) -> None:
    """The contacts of the bench, who have not had anything yet."""
    make_database(url, contacts, seed)


def make_year(engine: Engine, contacts: int) -> None:
    """Let the contacts, who must be there, have gone through the winback, which must be published as version 1."""
    with engine.begin() as connection:
        for month in range(13):
            make_months(connection, NOW - LONGEST_AGO + month * 30 * DAY)
    for first in range(0, contacts, CHUNK):
        with engine.begin() as connection:
            mine = contact.c.id.between(first + 1, first + CHUNK)
            for table, columns in _tables():
                turns = _turns(range(1, RUNS + 1)).subquery("turns")
                each = sa.select(contact, turns).join_from(contact, turns, sa.true())
                _write(connection, table, columns(turns.c.turn), each.where(mine))
            inside = sa.and_(mine, contact.c.id % INSIDE == 0)
            turn = sa.literal(RUNS + 1, sa.Integer)
            _write(connection, run, _open(turn), sa.select(contact).where(inside))
            _write(connection, intent, _message(turn, TEXT), sa.select(contact).where(inside))


def _write(connection: sa.Connection, table: sa.Table, columns: dict[str, Any], source: sa.Select[Any]) -> None:
    key = [columns[column.name] for column in table.primary_key]
    chosen = source.with_only_columns(*columns.values()).order_by(*key)
    connection.execute(sa.insert(table).from_select(list(columns), chosen))


def _turns(numbers: range) -> sa.CompoundSelect[Any]:
    return sa.union_all(*(sa.select(sa.literal(number, sa.Integer).label("turn")) for number in numbers))


def _tables() -> list[tuple[sa.Table, Any]]:
    return [
        (run, _ended),
        (intent, lambda turn: _message(turn, TEXT)),
        (intent, lambda turn: _message(turn, LETTER)),
        (history, _told),
        (event, _clicked),
    ]


def _begins(turn: Any) -> Any:
    """When a contact began its run: spread over fifty days by its number."""
    spread = sa.cast(contact.c.id * 7919 % SPREAD, sa.BigInteger) * MINUTE
    return sa.literal(NOW - LONGEST_AGO - APART, sa.BigInteger) + sa.cast(turn, sa.BigInteger) * APART + spread


def _run(turn: Any) -> dict[str, Any]:
    one = sa.literal(1, sa.BigInteger)
    return {"contact_id": contact.c.id, "conversation_id": one, "entry_no": turn, "version_id": one}


def _ended(turn: Any) -> dict[str, Any]:
    at = _begins(turn)
    told = {"step": sa.literal(END), "state": sa.literal("completed"), "reason": sa.literal("end")}
    return {**_run(turn), **told, "entered_at": at, "ended_at": at + WAIT}


def _open(turn: Any) -> dict[str, Any]:
    """One who has had the text of late, and waits."""
    entered = sa.literal(NOW, sa.BigInteger) - contact.c.id % (WAIT // MINUTE) * MINUTE
    told = {"step": sa.literal(LETTER), "state": sa.literal("active")}
    return {**_run(turn), **told, "entered_at": entered, "due_at": entered + WAIT}


def _message(turn: Any, step: int) -> dict[str, Any]:
    is_text = step == TEXT
    at = _begins(turn) + (0 if is_text else WAIT)
    state = sa.case((contact.c.id % 50 == 0, "undelivered"), else_="delivered")
    reason = sa.case((contact.c.id % 50 == 0, "30003: unreachable"))
    return {
        **_run(turn),
        "step": sa.literal(step),
        "visit": sa.literal(0),
        "message_id": sa.literal(1 if is_text else 2, sa.BigInteger),
        "channel": sa.literal("sms" if is_text else "email"),
        "list": sa.literal("Texts" if is_text else "Customers"),
        "sender": sa.literal("34567" if is_text else "hello@alder.example"),
        "address": contact.c.mobile if is_text else contact.c.email,
        "values": sa.literal('["Ada"]' if is_text else '["Ada","c00000001"]'),
        "created_at": at,
        "state": state,
        "attempts": sa.literal(1),
        "due_at": at,
        "not_before": at,
        "expires_at": at + 6 * HOUR,
        "settled_at": at,
        "provider_id": sa.literal("SM") + sa.cast(contact.c.id * 1_000_000_007 + at, sa.Text),
        "reason": reason,
    }


def _told(turn: Any) -> dict[str, Any]:
    told = {"step": sa.literal(HOLD), "kind": sa.literal("waiting")}
    own = _run(turn)
    own.pop("version_id")
    return {**own, "at": _begins(turn), **told}


def _clicked(turn: Any) -> dict[str, Any]:
    at = _begins(turn) + WAIT + HOUR
    key = sa.literal("click-") + sa.cast(turn, sa.Text)
    payload = sa.literal('{"conversation": "Winback", "step": "email", "link": "https://alder.example/back"}')
    return {"contact_id": contact.c.id, "key": key, "name": sa.literal("clicked"), "at": at, "payload": payload}
