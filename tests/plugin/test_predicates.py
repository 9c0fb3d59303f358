"""Every predicate that comes with Conductor says the same in SQL and in plain Python, on every database."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from conductor_dsl.plugin.host import build_host
from conductor_dsl.program.facts import PlainFacts, SqlFacts
from conductor_dsl.shared.clock import DAY
from conductor_dsl.store import tables

NOW = 1_772_445_600_000
ARGUMENTS: tuple[Mapping[str, Any], ...] = (
    {"duration": "60d", "list": {"ref": ["list", "News"]}},
    {"duration": "1mo", "list": {"ref": ["list", 'it\'s "other"']}},
    {"duration": "36h", "list": {"ref": ["list", "nobody's"]}},
)
EDGES = (None, NOW, NOW + 1, NOW - 60 * DAY, NOW - 60 * DAY + 1, NOW - 60 * DAY - 1, NOW - 36 * 3_600_000, 0)


def contacts(count: int) -> list[dict[str, Any]]:
    """Contacts whose orders lie on the edges of intervals, or anywhere."""
    chance = random.Random(7)  # the same contacts every time
    made = []
    for number in range(1, count + 1):
        latest = chance.choice((*EDGES, NOW - chance.randrange(100 * DAY)))
        orders = chance.randrange(1, 9) if latest is not None else 0
        made.append(
            {
                "id": number,
                "key": f"k{number}",
                "order_count": orders,
                "total_cents": chance.randrange(100_000) if orders else 0,
                "last_order_at": latest,
                "first_order_at": latest and max(0, latest - chance.randrange(50 * DAY)),
                "updated_at": NOW,
            }
        )
    return made


def memberships(people: list[dict[str, Any]]) -> list[dict[str, Any]]:
    chance = random.Random(11)
    return [
        {"contact_id": person["id"], "list": name, "state": state, "since_at": NOW}
        for person in people
        for name in ("News", 'it\'s "other"')
        if (state := chance.choice(("subscribed", "unsubscribed", "")))
    ]


def test_sql_and_plain_python_agree_on_every_predicate(database_url: str) -> None:
    people = contacts(300)
    members = memberships(people)
    lists: dict[int, dict[str, str]] = {}
    for member in members:
        lists.setdefault(member["contact_id"], {})[member["list"]] = member["state"]
    engine = sa.create_engine(database_url)
    tables.metadata.create_all(engine, tables=[tables.contact, tables.orders, tables.membership])
    predicates = build_host().predicates.values()
    with engine.begin() as connection:
        connection.execute(tables.contact.insert(), people)
        connection.execute(tables.membership.insert(), members)
        facts = SqlFacts(tables.contact, tables.orders, tables.membership, NOW)
        for arguments in ARGUMENTS:
            columns = [predicate.sql(facts, arguments).label(predicate.signature.name) for predicate in predicates]
            rows = connection.execute(sa.select(*columns).order_by(tables.contact.c.id)).mappings().all()
            for person, row in zip(people, rows, strict=True):
                plain = PlainFacts(person, NOW, lists=lists.get(person["id"], {}))
                expected = {each.signature.name: each.plain(plain, arguments) for each in predicates}
                assert dict(row) == expected, person
    engine.dispose()


def test_an_interval_ends_now_and_leaves_out_its_beginning() -> None:
    within = build_host().predicates["ordered_within"]
    never = build_host().predicates["no_order_within"]
    for last_order, inside in ((NOW, True), (NOW - 60 * DAY + 1, True), (NOW - 60 * DAY, False), (None, False)):
        facts = PlainFacts({"last_order_at": last_order}, NOW)
        assert within.plain(facts, {"duration": "60d"}) is inside
        assert never.plain(facts, {"duration": "60d"}) is not inside
