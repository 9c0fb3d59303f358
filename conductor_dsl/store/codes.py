"""Codes: what texts to each number are answered with, and what a STOP to it ends."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import sqlalchemy as sa

from conductor_dsl.store.node_tables import code


class Code(NamedTuple):
    """A number: `scope` is what a STOP ends, `answers` are the messages that answer each meaning."""

    number: str
    scope: str
    answers: Mapping[str, int]


def keep_codes(connection: sa.Connection, codes: Iterable[Code]) -> None:
    """Let the codes be these."""
    connection.execute(sa.delete(code))
    rows = [{"number": each.number, "scope": each.scope, "answers": json.dumps(each.answers)} for each in codes]
    if rows:
        connection.execute(sa.insert(code), rows)


def known_codes(connection: sa.Connection) -> dict[str, Code]:
    """The codes by number."""
    rows = connection.execute(sa.select(code).order_by(code.c.number))
    return {row.number: Code(row.number, row.scope, json.loads(row.answers)) for row in rows}
