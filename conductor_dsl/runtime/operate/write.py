"""Write: set or clear fields of the contacts."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa

from conductor_dsl.language.expressions import Constant, Expression, Field
from conductor_dsl.program.condition_to_sql import field_to_sql
from conductor_dsl.program.json_sql import json_drop, json_member, json_put, json_text
from conductor_dsl.program.operations import Write
from conductor_dsl.runtime.operate.frame import Frame
from conductor_dsl.store.batches import batch, led_by
from conductor_dsl.store.tables import contact

PLAIN_COLUMNS = ("first_name", "last_name", "zone")
"""Fields with a column of their own that a conversation may set; addresses are only ever imported."""


def operate(frame: Frame, step: int, write: Write) -> None:
    """Write every assignment for every contact at the step, in one statement."""
    values: dict[str, Any] = {"updated_at": frame.now}
    fields: Any = contact.c.fields
    for name, expression in write.assignments:
        if name in PLAIN_COLUMNS:
            values[name] = sa.null() if expression is None else _plain(frame, expression)
        else:
            bound = sa.bindparam(None, name, sa.Text)
            fields = (
                json_drop(fields, bound) if expression is None else json_put(fields, bound, _json(frame, expression))
            )
    changed = sa.update(contact).where(contact.c.id == led_by(batch.c.contact_id), frame.standing_at(step))
    frame.connection.execute(changed.values(values | {"fields": fields}))
    frame.advance(step, write.next)


def _plain(frame: Frame, expression: Expression) -> sa.ColumnElement[Any]:
    if isinstance(expression, Field):
        return field_to_sql(expression.name, expression.type, frame.facts())
    assert isinstance(expression, Constant)
    return sa.bindparam(None, expression.value)


def _json(frame: Frame, expression: Expression) -> Any:
    """The value as JSON text."""
    if isinstance(expression, Constant):
        return sa.bindparam(None, json.dumps(expression.value, ensure_ascii=False), sa.Text)
    assert isinstance(expression, Field)
    facts = frame.facts()
    if expression.name.startswith("event."):
        return sa.func.coalesce(json_member(facts.payload, expression.name[len("event.") :]), "null")
    if expression.name in contact.c:
        text = field_to_sql(expression.name, expression.type, facts)
        return sa.func.coalesce(json_text(text), "null")
    return sa.func.coalesce(json_member(contact.c.fields, expression.name), "null")
