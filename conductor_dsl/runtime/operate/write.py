"""Write: set or clear fields of the contacts."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from conductor_dsl.language.expressions import Constant, Expression
from conductor_dsl.program.condition_to_sql import value_to_sql
from conductor_dsl.program.json_sql import json_drop, json_member, json_put, json_shown
from conductor_dsl.program.operations import Write
from conductor_dsl.runtime.expression_to_json import expression_to_json
from conductor_dsl.runtime.operate.frame import Frame
from conductor_dsl.runtime.operate.happen import happen
from conductor_dsl.store.batches import batch, led_by
from conductor_dsl.store.changes import CHANGED, change_to_payload
from conductor_dsl.store.tables import contact

PLAIN_COLUMNS = ("first_name", "last_name", "zone")
"""Fields with a column of their own that a conversation may set; addresses are only ever imported."""


def operate(frame: Frame, step: int, write: Write) -> None:
    """Write every assignment for every contact at the step, in one statement; what changes, happens."""
    for name, expression in write.assignments:
        _tell(frame, step, name, expression)
    values: dict[str, Any] = {"updated_at": frame.now}
    fields: Any = contact.c.fields
    for name, expression in write.assignments:
        if name in PLAIN_COLUMNS:
            values[name] = sa.null() if expression is None else _plain(frame, expression)
        else:
            fields = _with_member(frame, fields, name, expression)
    changed = sa.update(contact).where(contact.c.id == led_by(batch.c.contact_id), frame.standing_at(step))
    frame.connection.execute(changed.values(values | {"fields": fields}))
    frame.advance(step, write.next)


def _tell(frame: Frame, step: int, name: str, expression: Expression | None) -> None:
    """Let those for whom an assignment changes a field have the event `changed`."""
    if name in PLAIN_COLUMNS:
        before: Any = contact.c[name]
        after: Any = sa.null() if expression is None else sa.cast(_plain(frame, expression), sa.Text)
        differs = before.is_distinct_from(after)
    else:
        bound = sa.bindparam(None, name, sa.Text)
        fields = _with_member(frame, contact.c.fields, name, expression)
        before, after = json_shown(contact.c.fields, bound), json_shown(fields, bound)
        differs = _as_text(contact.c.fields, bound).is_distinct_from(_as_text(fields, bound))
    payload = change_to_payload(sa.literal(name, sa.Text), after, before)
    happen(frame, step, CHANGED, payload, about=name, who=differs)


def _as_text(holder: Any, name: Any) -> sa.ColumnElement[str]:
    return sa.cast(json_member(holder, name), sa.Text)


def _with_member(frame: Frame, fields: Any, name: str, expression: Expression | None) -> Any:
    """The JSON of the fields with one of them set; a missing value clears it."""
    bound = sa.bindparam(None, name, sa.Text)
    cleared = json_drop(fields, bound)
    if expression is None:
        return cleared
    value = expression_to_json(expression, frame.facts())
    if isinstance(expression, Constant):
        return json_put(fields, bound, value)
    return sa.case((value.is_(None), cleared), else_=json_put(fields, bound, value))


def _plain(frame: Frame, expression: Expression) -> sa.ColumnElement[Any]:
    return value_to_sql(expression, frame.facts())
