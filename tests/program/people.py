"""Invented contacts, conditions over them, and both interpreters asked about them.

Everything comes from a seeded generator, so a run is the same every time. Conditions are made from the signatures that
are installed: a new predicate is among them without anybody thinking of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from random import Random
from typing import Any, NamedTuple

import sqlalchemy as sa

from conductor_dsl.language.expressions import (
    All,
    AnyOf,
    Call,
    Compare,
    Constant,
    Day,
    Expression,
    Field,
    Gap,
    Known,
    Not,
    Now,
    Shift,
    ValueType,
    to_json,
)
from conductor_dsl.language.signatures import Kind, Param, Phrase, PredicateSignature
from conductor_dsl.plugin.host import Host, build_host
from conductor_dsl.program.condition_to_plain import holds
from conductor_dsl.program.condition_to_sql import condition_to_sql
from conductor_dsl.program.facts import Asking, PlainFacts, SqlFacts
from conductor_dsl.shared.clock import DAY, HOUR, Instant
from conductor_dsl.store import tables as t

NOW = 1_772_467_200_000
"""2026-03-02T16:00Z."""
FIELDS = {
    "tier": ValueType.TEXT,
    "points": ValueType.NUMBER,
    "vip": ValueType.BOOLEAN,
    "birthday": ValueType.DATE,
    "joined": ValueType.INSTANT,
    "mobile2": ValueType.PHONE,
}
COLUMNS = {
    "email": ValueType.EMAIL,
    "mobile": ValueType.PHONE,
    "first_name": ValueType.TEXT,
    "last_name": ValueType.TEXT,
    "zone": ValueType.ZONE,
}
EVENT = {
    "event.source": ValueType.TEXT,
    "event.total": ValueType.NUMBER,
    "event.paid": ValueType.BOOLEAN,
    "event.placed_at": ValueType.INSTANT,
}
WORDS = (
    "",
    "Gold",
    "gold",
    "GOLDEN",
    "Ünï—🎉",
    "ÜNÏ",
    "Straße",
    "100%",
    "1_0",
    "x' OR '1'='1",
    '"; DROP TABLE contact; --',
    "%s :name ? \\",
    "null",
    "5",
    "2026-01-01",
)
ZONES = ("America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu", "Mars/Base", None)
ASKING = (
    Asking("Winback", "America/New_York", True),
    Asking("Winback", "Europe/London", False),
    Asking("Other", "Pacific/Auckland", True),
)
DURATIONS = ("0d", "1h", "90m", "1d", "2w", "30d", "60d", "1mo", "13mo", "1y")
DATES = ("2000-02-29", "2025-03-02", "2026-02-01", "2026-02-28", "2026-03-01", "2026-03-02", "2026-03-03", "2026-03-31")
NUMBERS = (-3, 0, 1, 2, 2.5, 5, 80, 500.25)
LISTS = ("News", "*", "O'Hara's")
STEPS = ("Hello", "Winback SMS")
SKUS = ("A-1", "b 2", "Ünï")
ODD: tuple[Any, ...] = (None, "5", 5, True, [], {}, ["Gold"], {"invalid": "12"}, "soon", "2026-02-30", -1, 10**15)
"""What may lie in a field although it has another type: scripts change, data stays."""
REFS = {"list": LISTS, "step": STEPS, "conversation": ("Winback", "Other")}
EVENTS = ("order.placed", "page.viewed")
Rows = Mapping[str, list[dict[str, Any]]]


@cache
def host() -> Host:
    """The first-party plugins."""
    return build_host()


class Person(NamedTuple):
    """A contact: its row, its declared fields, its rows in other tables, and the event that let it in."""

    row: Mapping[str, Any]
    fields: Mapping[str, Any]
    rows: Rows
    payload: Mapping[str, Any]

    def facts(self, now: Instant, asking: Asking) -> PlainFacts:
        """The person for the plain interpreter."""
        return PlainFacts(
            contact=self.row,
            now=now,
            predicates=host().predicates,
            fields=self.fields,
            rows=self.rows,
            payload=self.payload,
            asking=asking,
        )


def an_instant(chance: Random) -> Instant:
    """Some moment, often just at an edge."""
    edges = (-400 * DAY, -60 * DAY, -60 * DAY - 1, -60 * DAY + 1, -30 * DAY, -HOUR, 0, 1)
    return NOW + (chance.choice(edges) if chance.random() < 0.6 else chance.randint(-500 * DAY, 5 * DAY))


def a_value(chance: Random, type_: ValueType) -> Any:
    """Some value of a type, as it is stored."""
    match type_:
        case ValueType.NUMBER:
            return chance.choice(NUMBERS)
        case ValueType.BOOLEAN:
            return chance.random() < 0.5
        case ValueType.DATE:
            return chance.choice(DATES)
        case ValueType.INSTANT:
            return an_instant(chance)
    return chance.choice(WORDS)


def some_members(chance: Random, types: Mapping[str, ValueType]) -> dict[str, Any]:
    """Some of the members, a few of them of another type."""
    return {
        name.removeprefix("event."): chance.choice(ODD) if chance.random() < 0.15 else a_value(chance, type_)
        for name, type_ in types.items()
        if chance.random() < 0.7
    }


def a_person(chance: Random) -> Person:
    """Anybody, with and without anything."""
    row: dict[str, Any] = {name: chance.choice((None, *WORDS)) for name in COLUMNS}
    row |= {f"{name}_state": chance.choice(("valid", "invalid", "missing")) for name in ("email", "mobile")}
    row["zone"] = chance.choice(ZONES)
    row["bucket"] = chance.randrange(2**31)
    row |= {"order_count": chance.randint(0, 3), "total_cents": chance.randint(0, 10**6)}
    row |= {name: chance.choice((None, an_instant(chance))) for name in ("first_order_at", "last_order_at")}
    states = ("subscribed", "unsubscribed")
    member = [
        {"list": name, "state": chance.choice(states), "since_at": an_instant(chance)}
        for name in LISTS
        if chance.random() < 0.5
    ]
    return Person(row, some_members(chance, FIELDS), {"membership": member}, some_members(chance, EVENT))


def people(chance: Random, count: int) -> list[Person]:
    """So many of them."""
    return [a_person(chance) for _ in range(count)]


def an_argument(chance: Random, param: Param, depth: int) -> Any:
    """Something that may stand in the place of a parameter, as JSON."""
    if param.many:
        one = replace(param, many=False)
        return [an_argument(chance, one, depth) for _ in range(chance.randint(1, 2))]
    kind = chance.choice(param.kinds)
    match kind:
        case Kind.DURATION:
            return chance.choice(DURATIONS)
        case Kind.REF:
            ref = chance.choice(param.refs)
            return {"ref": [ref, chance.choice(REFS[ref])]}
        case Kind.PREDICATE:
            return to_json(a_condition(chance, depth - 1))
        case Kind.EVENT:
            return chance.choice(EVENTS)
        case Kind.NUMBER:
            return chance.choice((1, 2, 5))
        case Kind.WORD:
            return chance.choice(param.words)
    return chance.choice(SKUS)


def a_call(chance: Random, signature: PredicateSignature, depth: int) -> Call:
    """A predicate in one of its forms, with some of its options."""
    phrases = [chance.choice(signature.forms)]
    phrases += [option.phrase for option in signature.options if chance.random() < 0.5]
    arguments: dict[str, Any] = {}
    for phrase in phrases:
        places = _params(phrase)
        arguments |= {param.name: an_argument(chance, param, depth) for param in places}
        if not places and phrase:
            arguments[str(phrase[0])] = True
    return Call(signature.name, signature.type, arguments)


def _params(phrase: Phrase) -> list[Param]:
    return [part for part in phrase if isinstance(part, Param)]


def a_reading(chance: Random, type_: ValueType, depth: int) -> Expression:
    """A field, or a measure of the vocabulary."""
    fields: list[Expression] = [Field(name, of) for name, of in (FIELDS | COLUMNS | EVENT).items() if of is type_]
    measures = [each for each in host().vocabulary.predicates.values() if each.type is type_]
    if measures and (not fields or chance.random() < 0.5):
        return a_call(chance, chance.choice(measures), depth)
    return chance.choice(fields)


def an_operand(chance: Random, type_: ValueType, depth: int) -> Expression:
    """Any value of a type."""
    kind = chance.random()
    if type_ is ValueType.NUMBER and kind < 0.3:
        unit = chance.choice(("days", "weeks", "months", "years"))
        return Gap(unit, an_operand(chance, ValueType.DATE, depth), an_operand(chance, ValueType.DATE, depth))
    if type_ in (ValueType.DATE, ValueType.INSTANT):
        if kind < 0.2:
            return Now(type_)
        if kind < 0.4 and depth:
            length = chance.choice(("", "-")) + chance.choice(DURATIONS)
            return Shift(an_operand(chance, type_, depth - 1), length, type_)
        if kind < 0.55 and type_ is ValueType.DATE:
            return Day(an_operand(chance, ValueType.INSTANT, depth))
    if kind < 0.75 or type_ is ValueType.INSTANT:
        return a_reading(chance, type_, depth)
    return Constant(type_, a_value(chance, type_))


EQUAL = ("=", "!=")
ORDERED = (*EQUAL, "<", "<=", ">", ">=")
COMPARED = {
    ValueType.TEXT: EQUAL,
    ValueType.PHONE: EQUAL,
    ValueType.ZONE: EQUAL,
    ValueType.BOOLEAN: EQUAL,
    ValueType.NUMBER: ORDERED,
    ValueType.DATE: ORDERED,
    ValueType.INSTANT: ORDERED,
}


def a_comparison(chance: Random, depth: int) -> Expression:
    """Two values of a type side by side."""
    type_ = chance.choice(list(COMPARED))
    left = a_reading(chance, type_, depth) if chance.random() < 0.5 else an_operand(chance, type_, depth)
    return Compare(chance.choice(COMPARED[type_]), left, an_operand(chance, type_, depth))


def an_age(chance: Random, depth: int) -> Expression:
    """How long ago something was."""
    type_ = chance.choice((ValueType.DATE, ValueType.INSTANT))
    length = Constant(ValueType.TEXT, chance.choice(DURATIONS))
    return Compare(chance.choice(("before", "within")), an_operand(chance, type_, depth), length)


def a_search(chance: Random, depth: int) -> Expression:
    """Part of a text."""
    type_ = chance.choice((ValueType.TEXT, ValueType.EMAIL, ValueType.PHONE))
    word = chance.choice(WORDS)
    start = chance.randrange(len(word) + 1)
    part = Constant(ValueType.TEXT, word[start : start + chance.randint(0, 4)])
    return Compare(chance.choice(("contains", "starts", "ends")), a_reading(chance, type_, depth), part)


def a_choice(chance: Random, depth: int) -> Expression:
    """One of several values."""
    type_ = chance.choice((ValueType.TEXT, ValueType.NUMBER, ValueType.DATE))
    left = an_operand(chance, type_, depth)
    values = [Constant(type_, a_value(chance, type_)) for _ in range(chance.randint(1, 3))]
    return AnyOf(tuple(Compare("=", left, value) for value in values))


def a_presence(chance: Random, depth: int) -> Expression:
    """Whether there is a value."""
    return Known(a_reading(chance, chance.choice(list(COMPARED)), depth))


def a_predicate(chance: Random, depth: int) -> Expression:
    """A predicate that is a condition by itself."""
    known = [each for each in host().vocabulary.predicates.values() if each.type is ValueType.BOOLEAN]
    return a_call(chance, chance.choice(known), depth)


LEAVES: tuple[Callable[[Random, int], Expression], ...] = (
    a_comparison,
    a_comparison,
    an_age,
    a_search,
    a_choice,
    a_presence,
    a_predicate,
    a_predicate,
)


def a_condition(chance: Random, depth: int = 2) -> Expression:
    """Any condition over everything that plugins and a contact have; `and`, `or` and `not` nest, as segments do."""
    if depth <= 0 or chance.random() < 0.5:
        return chance.choice(LEAVES)(chance, max(depth, 0))
    items = tuple(a_condition(chance, depth - 1) for _ in range(chance.randint(1, 3)))
    return chance.choice((Not(items[0]), All(items), AnyOf(items)))


def conditions(chance: Random, count: int) -> list[Expression]:
    """So many of them."""
    return [a_condition(chance) for _ in range(count)]


def plain(
    expression: Expression, crowd: Sequence[Person], now: Instant = NOW, asking: Asking = ASKING[0]
) -> list[bool]:
    """What the plain interpreter says of each person."""
    return [holds(expression, person.facts(now, asking)) for person in crowd]


def store(connection: sa.Connection, crowd: Sequence[Person]) -> None:
    """Put the people into a database, in place of whoever was there; ids count from 1, and payloads are runs."""
    found: dict[str, list[dict[str, Any]]] = {"contact": [], "run": []}
    for number, person in enumerate(crowd, 1):
        known = {"id": number, "key": f"p{number}", "updated_at": NOW, "fields": _json(person.fields)}
        found["contact"].append(dict(person.row) | known)
        state = {"version_id": 1, "step": 0, "state": "active", "entered_at": NOW, "payload": _json(person.payload)}
        found["run"].append({"contact_id": number, "conversation_id": ENTRY, "entry_no": 1} | state)
        for table, rows in person.rows.items():
            found.setdefault(table, []).extend(row | {"contact_id": number} for row in rows)
    for table, rows in found.items():
        connection.execute(sa.delete(t.metadata.tables[table]))
        if rows:
            connection.execute(sa.insert(t.metadata.tables[table]), rows)


ENTRY = 99
"""The conversation in which everybody is, by the event of its payload."""


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def sql_facts(now: Instant = NOW, asking: Asking = ASKING[0]) -> SqlFacts:
    """What the database is asked with, over `contact` and the run beside it."""
    return SqlFacts(t.metadata.tables, now, host().predicates, asking, t.run.c.payload)


def in_sql(
    connection: sa.Connection, expression: Expression, size: int, now: Instant = NOW, asking: Asking = ASKING[0]
) -> list[bool]:
    """What the database says of each person."""
    condition = condition_to_sql(expression, sql_facts(now, asking))
    rows = connection.execute(with_payloads(sa.select(t.contact.c.id, condition)).order_by(t.contact.c.id)).all()
    assert [row[0] for row in rows] == list(range(1, size + 1))
    assert all(row[1] is not None for row in rows), "a condition is never unknown"
    return [bool(row[1]) for row in rows]


def with_payloads(contacts: sa.Select[Any]) -> sa.Select[Any]:
    """A select of contacts with the run of each beside it, which has the payload."""
    return contacts.join(t.run, sa.and_(t.run.c.contact_id == t.contact.c.id, t.run.c.conversation_id == ENTRY))
