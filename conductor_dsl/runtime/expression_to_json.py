"""From an expression to the JSON of its value in SQL, for fields and payloads."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from conductor_dsl.language.bind_types import value_type
from conductor_dsl.language.expressions import Calc, Constant, Expression, Field, ValueType
from conductor_dsl.program.condition_to_sql import value_to_sql
from conductor_dsl.program.facts import SqlFacts
from conductor_dsl.program.json_sql import json_member, json_put, json_text
from conductor_dsl.store.merge_json import json_merge


def expression_to_json(expression: Expression, facts: SqlFacts) -> sa.ColumnElement[str]:
    """A value as JSON text; NULL where there is none."""
    if isinstance(expression, Constant):
        return sa.bindparam(None, json.dumps(expression.value, ensure_ascii=False), sa.Text)
    value: sa.ColumnElement[str]
    if isinstance(expression, Field) and expression.name not in facts.contact.c:
        is_event = expression.name.startswith("event.")
        holder: Any = facts.payload if is_event else facts.contact.c.fields
        value = sa.cast(json_member(holder, expression.name.removeprefix("event.")), sa.Text)
    elif value_type(expression) is ValueType.BOOLEAN:
        value = sa.case((value_to_sql(expression, facts), "true"), else_="false")
    elif isinstance(expression, Calc):
        value = _number(value_to_sql(expression, facts))
    else:
        value = json_text(value_to_sql(expression, facts))
    return sa.func.nullif(value, "null")


def _number(value: sa.ColumnElement[float]) -> sa.ColumnElement[str]:
    """A computed number: a whole one without a point, so that a template that counts says `3` and not `3.0`."""
    whole = sa.cast(value, sa.BigInteger)
    return sa.case((whole == value, json_text(whole)), else_=json_text(value))


def payload_to_json(items: Iterable[tuple[str, Expression]], facts: SqlFacts) -> sa.ColumnElement[str]:
    """Names with values as a JSON object; what is missing is left out."""
    built: sa.ColumnElement[str] = sa.literal("{}")
    for name, expression in items:
        value = sa.func.coalesce(expression_to_json(expression, facts), "null")
        built = json_put(built, sa.bindparam(None, name, sa.Text), value)
    return json_merge(sa.literal("{}"), built)
