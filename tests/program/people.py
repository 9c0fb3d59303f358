"""Random contacts and conditions over them, and both interpreters asked about them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from hypothesis import strategies as st

from conductor_dsl.language.expressions import All, AnyOf, Call, Compare, Constant, Expression, Field, Not, ValueType
from conductor_dsl.plugin.host import build_host
from conductor_dsl.program.condition_to_plain import holds
from conductor_dsl.program.condition_to_sql import condition_to_sql
from conductor_dsl.program.facts import PlainFacts, SqlFacts
from conductor_dsl.shared.clock import DAY, HOUR, Instant
from conductor_dsl.store import tables as t

NOW = 1_772_467_200_000
FIELDS = {
    "tier": ValueType.TEXT,
    "points": ValueType.NUMBER,
    "vip": ValueType.BOOLEAN,
    "birthday": ValueType.DATE,
    "mobile2": ValueType.PHONE,
}
COLUMNS = {
    "email": ValueType.EMAIL,
    "mobile": ValueType.PHONE,
    "first_name": ValueType.TEXT,
    "last_name": ValueType.TEXT,
    "zone": ValueType.ZONE,
}
EVENT = {"event.source": ValueType.TEXT, "event.total": ValueType.NUMBER, "event.paid": ValueType.BOOLEAN}
WORDS = (
    "",
    "Gold",
    "gold",
    "Ünï—🎉",
    "x' OR '1'='1",
    '"; DROP TABLE contact; --',
    "%s :name ? \\",
    "null",
    "true",
    "5",
    "2026-01-01",
)
DURATIONS = ("0d", "1h", "90m", "1d", "30d", "60d", "1mo", "1y")
DATES = ("2000-02-29", "2025-03-02", "2026-02-01", "2026-03-01", "2026-03-02", "2026-03-03", "soon")
NUMBERS = (-3, 0, 1, 2, 2.5, 5, 80, 500.25)
LISTS = ("News", "*", "O'Hara's")
CHARACTERS = st.characters(codec="utf-8", exclude_characters="\x00")
words = st.sampled_from(WORDS) | st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=5)
numbers = st.sampled_from(NUMBERS) | st.integers(-(10**6), 10**6)
instants = st.sampled_from(
    [NOW + offset for offset in (-400 * DAY, -60 * DAY, -60 * DAY - 1, -60 * DAY + 1, -HOUR, 0, 1)]
)
instants = instants | st.integers(NOW - 500 * DAY, NOW + 5 * DAY)
nothing = st.none()
odd = st.sampled_from([None, "5", 5, True, [], {}, ["Gold"], {"invalid": "12"}])
"""What may lie in a field although it has another type: scripts change, data stays."""


class Person(NamedTuple):
    """A contact: its row, its declared fields, its lists, and the event that let it in."""

    row: Mapping[str, Any]
    fields: Mapping[str, Any]
    lists: Mapping[str, str]
    payload: Mapping[str, Any]

    def facts(self, now: Instant) -> PlainFacts:
        """The person for the plain interpreter."""
        return PlainFacts(self.row, now, self.fields, (), self.lists, self.payload)


_OF_TYPE: Mapping[ValueType, st.SearchStrategy[Any]] = {
    ValueType.TEXT: words,
    ValueType.PHONE: words,
    ValueType.EMAIL: words,
    ValueType.ZONE: words,
    ValueType.NUMBER: numbers,
    ValueType.BOOLEAN: st.booleans(),
    ValueType.DATE: st.sampled_from(DATES[:-1]),
}


def _members(types: Mapping[str, ValueType]) -> st.SearchStrategy[dict[str, Any]]:
    values = {name.removeprefix("event."): _OF_TYPE[type_] | odd for name, type_ in types.items()}
    return st.fixed_dictionaries({}, optional=values)


@st.composite
def people(draw: st.DrawFn) -> Person:
    """Anybody, with and without anything."""
    states = st.sampled_from(["valid", "invalid", "missing"])
    row: dict[str, Any] = {name: draw(nothing | words) for name in COLUMNS}
    row |= {"email_state": draw(states), "mobile_state": draw(states)}
    row |= {"order_count": draw(st.integers(0, 3)), "total_cents": draw(st.integers(0, 10**7))}
    row |= {"first_order_at": draw(nothing | instants), "last_order_at": draw(nothing | instants)}
    lists = draw(st.dictionaries(st.sampled_from(LISTS), st.sampled_from(["subscribed", "unsubscribed"])))
    return Person(row, draw(_members(FIELDS)), lists, draw(_members(EVENT)))


def _reading(type_: ValueType) -> st.SearchStrategy[Expression]:
    known = {name: of for name, of in (FIELDS | COLUMNS | EVENT).items() if of is type_}
    places: st.SearchStrategy[Expression] = st.sampled_from([Field(name, of) for name, of in known.items()])
    measures = [Call(name, type_, {}) for name in _measures(type_)]
    return places | st.sampled_from(measures) if measures else places


def _measures(type_: ValueType) -> list[str]:
    signatures = build_host().vocabulary.predicates.values()
    return [each.name for each in signatures if each.type is type_ and each.forms == ((),)]


def _comparisons(type_: ValueType, operators: Sequence[str]) -> st.SearchStrategy[Expression]:
    values = _OF_TYPE[type_].map(lambda value: Constant(type_, value))
    return st.builds(Compare, st.sampled_from(operators), _reading(type_), values | _reading(type_))


def _ages() -> st.SearchStrategy[Expression]:
    instant = ValueType.INSTANT
    aged: list[Expression] = [Call(name, instant, {}) for name in _measures(instant)]
    aged.append(Field("birthday", ValueType.DATE))
    durations = st.sampled_from(DURATIONS).map(lambda text: Constant(ValueType.TEXT, text))
    return st.builds(Compare, st.sampled_from(["before", "within"]), st.sampled_from(aged), durations)


def _calls() -> st.SearchStrategy[Expression]:
    orders = st.builds(
        lambda name, text: Call(name, ValueType.BOOLEAN, {"duration": text}),
        st.sampled_from(["ordered_within", "no_order_within"]),
        st.sampled_from(DURATIONS),
    )
    lists = st.sampled_from(LISTS).map(
        lambda name: Call("subscribed", ValueType.BOOLEAN, {"list": {"ref": ["list", name]}})
    )
    return orders | lists


ALL = ("=", "!=", "<", "<=", ">", ">=")
_leaves = st.one_of(
    _comparisons(ValueType.TEXT, ALL[:2]),
    _comparisons(ValueType.PHONE, ALL[:2]),
    _comparisons(ValueType.BOOLEAN, ALL[:2]),
    _comparisons(ValueType.NUMBER, ALL),
    _comparisons(ValueType.DATE, ALL),
    _ages(),
    _calls(),
    _reading(ValueType.BOOLEAN),
)


def _joined(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    several = st.lists(inner, min_size=1, max_size=3).map(tuple)
    return st.builds(Not, inner) | st.builds(All, several) | st.builds(AnyOf, several)


conditions = st.recursive(_leaves, _joined, max_leaves=5)
"""Conditions over everything that the first-party plugins and a contact have."""


def plain(expression: Expression, crowd: Sequence[Person], now: Instant = NOW) -> list[bool]:
    """What the plain interpreter says of each person."""
    predicates = {name: each.plain for name, each in build_host().predicates.items()}
    return [holds(expression, person.facts(now), predicates) for person in crowd]


def store(connection: sa.Connection, crowd: Sequence[Person]) -> None:
    """Put the people into a database, in place of whoever was there; ids count from 1, and payloads are runs."""
    for table in (t.membership, t.run, t.contact):
        connection.execute(sa.delete(table))
    contacts: list[dict[str, Any]] = []
    runs: list[dict[str, Any]] = []
    words: list[dict[str, Any]] = []
    for number, person in enumerate(crowd, 1):
        known = {"id": number, "key": f"p{number}", "updated_at": NOW, "fields": _json(person.fields)}
        contacts.append(dict(person.row) | known)
        state = {"version_id": 1, "step": 0, "state": "active", "entered_at": NOW, "payload": _json(person.payload)}
        runs.append({"contact_id": number, "conversation_id": 1, "entry_no": 1} | state)
        words += [
            {"contact_id": number, "list": name, "state": state, "since_at": NOW}
            for name, state in person.lists.items()
        ]
    for table, rows in ((t.contact, contacts), (t.run, runs), (t.membership, words)):
        if rows:
            connection.execute(sa.insert(table), rows)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def in_sql(connection: sa.Connection, expression: Expression, size: int, now: Instant = NOW) -> list[bool]:
    """What the database says of each person."""
    predicates = {name: each.sql for name, each in build_host().predicates.items()}
    facts = SqlFacts(t.contact, t.orders, t.membership, now, t.run.c.payload)
    condition = condition_to_sql(expression, facts, predicates)
    joined = sa.select(t.contact.c.id).join(t.run, t.run.c.contact_id == t.contact.c.id)
    true = set(connection.scalars(joined.where(condition)))
    false = set(connection.scalars(joined.where(sa.not_(condition))))
    assert true | false == set(range(1, size + 1)), "a condition is never unknown"
    assert not true & false
    return [number in true for number in range(1, size + 1)]
