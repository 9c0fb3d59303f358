"""List rules: which lists are joined by a second yes only, and from what age on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from conductor_dsl.store.consent_tables import list_rule


def keep_list_rules(connection: sa.Connection, rows: Iterable[Sequence[object]]) -> None:
    """Let the rules be these, in the order of the columns; written only if they have changed."""
    names = [column.name for column in list_rule.c]
    wanted = sorted(tuple(row) for row in rows)
    if wanted == sorted(tuple(row) for row in connection.execute(sa.select(list_rule))):
        return
    connection.execute(sa.delete(list_rule))
    if wanted:
        connection.execute(sa.insert(list_rule), [dict(zip(names, row, strict=True)) for row in wanted])


def double_lists(connection: sa.Connection) -> frozenset[str]:
    """The lists that are joined by a second yes only."""
    return frozenset(connection.scalars(sa.select(list_rule.c.list).where(list_rule.c.channel != "")))


def rule_of(connection: sa.Connection, list_: str) -> sa.Row[Any] | None:
    """The rule of a list; None where it asks nothing."""
    return connection.execute(sa.select(list_rule).where(list_rule.c.list == list_)).first()
