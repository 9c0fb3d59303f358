"""Invented contacts, and both interpreters asked about them.

Everything comes from a seeded generator, so a run is the same every time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from random import Random
from typing import Any, NamedTuple

import sqlalchemy as sa

from conductor_dsl.language.expressions import Expression
from conductor_dsl.plugin.host import build_host
from conductor_dsl.program.condition_to_plain import holds
from conductor_dsl.program.condition_to_sql import condition_to_sql
from conductor_dsl.program.facts import Asking, Meaning, PlainFacts, SqlFacts
from conductor_dsl.shared.clock import Instant
from conductor_dsl.store import tables as t
from conductor_dsl.testing.belongings import SHOP, Rows, some_rows
from conductor_dsl.testing.invented import ASKING, COLUMNS, EVENT, FIELDS, NOW, WORDS, ZONES, an_instant, some_members

TABLES = t.metadata.tables
"""Every table by its name."""


Predicates = Mapping[str, Meaning]
"""What conditions may ask, by name."""


@cache
def installed() -> Predicates:
    """The predicates of the installed plugins."""
    return build_host().predicates


class Person(NamedTuple):
    """A contact: its row, its declared fields, its rows in other tables, and the event that let it in."""

    row: Mapping[str, Any]
    fields: Mapping[str, Any]
    rows: Rows
    payload: Mapping[str, Any]

    def facts(self, now: Instant, asking: Asking, predicates: Predicates) -> PlainFacts:
        """The person for the plain interpreter."""
        return PlainFacts(
            contact=self.row,
            now=now,
            predicates=predicates,
            fields=self.fields,
            rows={**SHOP, **self.rows},
            payload=self.payload,
            asking=asking,
        )


def a_person(chance: Random) -> Person:
    """Anybody, with and without anything."""
    row: dict[str, Any] = {name: chance.choice((None, *WORDS)) for name in COLUMNS}
    row |= {f"{name}_state": chance.choice(("valid", "invalid", "missing")) for name in ("email", "mobile")}
    row["zone"] = chance.choice(ZONES)
    row["bucket"] = chance.randrange(2**31)
    row |= {"order_count": chance.randint(0, 3), "total_cents": chance.randint(0, 10**6)}
    row |= {name: chance.choice((None, an_instant(chance))) for name in ("first_order_at", "last_order_at")}
    return Person(row, some_members(chance, FIELDS), some_rows(chance), some_members(chance, EVENT))


def people(chance: Random, count: int) -> list[Person]:
    """So many of them."""
    return [a_person(chance) for _ in range(count)]


def plain(
    expression: Expression,
    crowd: Sequence[Person],
    now: Instant = NOW,
    asking: Asking = ASKING[0],
    predicates: Predicates | None = None,
) -> list[bool]:
    """What the plain interpreter says of each person; None for the predicates that are installed."""
    known = installed() if predicates is None else predicates
    return [holds(expression, person.facts(now, asking, known)) for person in crowd]


def store(connection: sa.Connection, crowd: Sequence[Person]) -> None:
    """Put the people into a database, in place of whoever was there; ids count from 1, and payloads are runs."""
    found: dict[str, list[dict[str, Any]]] = {name: list(rows) for name, rows in SHOP.items()} | {"contact": []}
    found |= {table: [] for table in some_rows(Random(0))}
    for number, person in enumerate(crowd, 1):
        known = {"id": number, "key": f"p{number}", "updated_at": NOW, "fields": person.fields}
        found["contact"].append(dict(person.row) | known)
        entry = {"conversation_id": ENTRY, "entry_no": 1, "version_id": 1, "step": 0, "state": "active"}
        entry |= {"entered_at": NOW, "ended_at": None, "payload": person.payload}
        for place, rows in (*person.rows.items(), ("run", [entry])):
            found[place].extend(row | {"contact_id": number} for row in rows)
    for name, rows in found.items():
        table = TABLES[name]
        connection.execute(sa.delete(table))
        if rows:
            connection.execute(sa.insert(table), [{key: _stored(value) for key, value in row.items()} for row in rows])


ENTRY = 99
"""The conversation in which everybody is, by the event of its payload."""


def _stored(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value


def sql_facts(now: Instant = NOW, asking: Asking = ASKING[0], predicates: Predicates | None = None) -> SqlFacts:
    """What the database is asked with, over `contact` and the run beside it."""
    return SqlFacts(TABLES, now, installed() if predicates is None else predicates, asking, t.run.c.payload)


def in_sql(
    connection: sa.Connection,
    expression: Expression,
    size: int,
    now: Instant = NOW,
    asking: Asking = ASKING[0],
    *,
    predicates: Predicates | None = None,
) -> list[bool]:
    """What the database says of each person."""
    condition = condition_to_sql(expression, sql_facts(now, asking, predicates))
    rows = connection.execute(with_payloads(sa.select(t.contact.c.id, condition)).order_by(t.contact.c.id)).all()
    assert [row[0] for row in rows] == list(range(1, size + 1))
    assert all(row[1] is not None for row in rows), "a condition is never unknown"
    return [bool(row[1]) for row in rows]


def with_payloads(contacts: sa.Select[Any]) -> sa.Select[Any]:
    """A select of contacts with the run of each beside it, which has the payload."""
    return contacts.join(t.run, sa.and_(t.run.c.contact_id == t.contact.c.id, t.run.c.conversation_id == ENTRY))
