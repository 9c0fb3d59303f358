"""A large shop most of whose contacts wait: for runs that are due, and for people who cross into a standing audience.

`python -m tests.bench.parked URL OPTIONS` makes it: `contacts` wait far in the future, after them `due` are due at
`due_at(round)` in each of `rounds`, then `crossing` come to 60 days without an order on the day of each round. The runs
are copies of one that the engine has made, and the same people wait in the table of the loop by hand.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from conductor_dsl.runtime.node import Node
from conductor_dsl.shared.clock import DAY, MINUTE, Instant
from conductor_dsl.store.tables import run, thread
from tests.bench.by_engine import open_node
from tests.bench.by_hand import EMAIL, HAND_TABLES
from tests.bench.shop import NOW, QUIET

FAR = NOW + 300 * DAY
"""When those who wait are due: not while anybody measures."""
CROSS_AT = tuple(NOW + days * DAY for days in (10, 20, 30, 40, 50))
"""The looks at the audience; before each some people come to 60 days without an order."""
CROSSING = (0, 1_000, 0, 100_000, 0)
"""How many cross before each of the looks, and that a look after many have crossed finds nobody again."""

_REST = "(i - i / 1000 * 1000)"
"""The last three digits of a number; PostgreSQL's driver takes a `%` for its own."""
_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {last}) "
_CONTACT = """
INSERT INTO contact (id, key, email, email_state, mobile, mobile_state, first_name, fields,
                     order_count, total_cents, first_order_at, last_order_at, updated_at)
{numbers}
SELECT i, 'c' || i, 'c' || i || '@example.com', 'valid', '+1717555' || (1000 + {rest}), 'valid', 'Ada', '{{}}',
       1, 2000, {ordered}, {ordered}, {updated} FROM n
"""
_MEMBERSHIP = """
INSERT INTO membership (contact_id, list, state, since_at) {numbers} SELECT i, '{list}', 'subscribed', {updated} FROM n
"""


def due_at(round_: int) -> Instant:
    """When the runs of a round are due."""
    return NOW + (round_ + 1) * MINUTE


def make_database(url: str, options: Mapping[str, Any]) -> None:
    """Write the shop."""
    node = open_node(url)
    with node.engine.begin() as connection:
        _people(connection, 1, 1, NOW - 200 * DAY)
    node.run_due()  # the first look: one person enters, and comes to the wait
    for statement in HAND_TABLES[node.engine.dialect.name]:
        with node.engine.begin() as connection:
            connection.exec_driver_sql(statement)
    _fill(node, options)
    node.engine.dispose()


def _fill(node: Node, options: Mapping[str, Any]) -> None:
    """Group by group, each in a transaction: those who wait, those who are due, those who cross."""
    last = 1
    crossing = CROSSING if options.get("crossing") else ()
    groups: list[tuple[int, Instant | None, Instant | None]] = [(options["contacts"], None, FAR)]
    groups += [(options["due"], None, due_at(number)) for number in range(options.get("rounds", 0))]
    groups += [(count, at, None) for count, at in zip(crossing, CROSS_AT, strict=False)]
    for count, crosses_at, due in groups:
        if not count:
            continue
        first, last = last + 1, last + count
        with node.engine.begin() as connection:
            long_ago = NOW - 200 * DAY if crosses_at is None else crosses_at - QUIET - 1
            ordered = f"{long_ago} - {_REST}"
            _people(connection, first, last, ordered)
            if due is not None:
                _waiting(connection, first, last, f"{due} - {_REST}")


def _people(connection: sa.Connection, first: int, last: int, ordered: object) -> None:
    numbers, updated = _NUMBERS.format(first=first, last=last), NOW - 100 * DAY
    connection.exec_driver_sql(_CONTACT.format(numbers=numbers, ordered=ordered, updated=updated, rest=_REST))
    for name in ("Customers", "Texts"):
        connection.exec_driver_sql(_MEMBERSHIP.format(numbers=numbers, list=name, updated=updated))


def _waiting(connection: sa.Connection, first: int, last: int, due: str) -> None:
    """Inside the audience, and waiting where the first one waits."""
    numbers = _NUMBERS.format(first=first, last=last)
    names = [column.name for column in run.columns]
    values = ", ".join({"contact_id": "i", "due_at": due}.get(name, name) for name in names)
    connection.exec_driver_sql(
        f"INSERT INTO run ({', '.join(names)}) {numbers} SELECT {values} FROM n, run WHERE run.contact_id = 1"
    )
    connection.exec_driver_sql(
        f"INSERT INTO audience (contact_id, thread_id) {numbers} SELECT i, {_thread(connection)} FROM n"
    )
    connection.exec_driver_sql(
        f"INSERT INTO by_hand_run (contact_id, step, due_at) {numbers} SELECT i, {EMAIL}, {due} FROM n"
    )


def _thread(connection: sa.Connection) -> int:
    return int(connection.scalar(sa.select(thread.c.id)) or 0)


def main(arguments: Sequence[str]) -> None:
    """Make a database."""
    make_database(arguments[0], json.loads(arguments[1]))


if __name__ == "__main__":
    main(sys.argv[1:])
