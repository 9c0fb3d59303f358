"""CDX020: a field that scripts cannot change. CDX112: a value of another type than its field."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.language.bind_types import describe, value_type
from conductor_dsl.language.bound import Assignments, BoundFile, BoundStep, FieldName, Formula
from conductor_dsl.language.checks.walk import named_values
from conductor_dsl.language.diagnostics import Diagnostic, error
from conductor_dsl.language.expressions import TEXTUAL, Constant, ValueType
from conductor_dsl.language.signatures import Effect
from conductor_dsl.language.vocabulary import CONTACT_FIELDS, Context

IMPORTED = ("key", "email", "mobile")
"""Who a contact is and where it is reached comes from imports, where it is examined."""


def check_field_write(file: BoundFile, _: Context) -> Iterator[Diagnostic]:
    """Every step that writes a field it may not write, or a value that does not fit."""
    for conversation in file.conversations:
        for step in conversation.steps():
            if step.signature and step.signature.effect is Effect.WRITES:
                yield from _check_step(step)


def _check_step(step: BoundStep) -> Iterator[Diagnostic]:
    for field, value in _writes(step):
        fills = step.signature is not None and step.signature.fills
        if field.name in IMPORTED or (fills and field.name in CONTACT_FIELDS):
            hint = "imports change it; declare a field of your own for notes"
            yield error("CDX020", field.span, f"`{step.name}` cannot change the field `{field.name}`", hint)
        elif value and not _fits(field.type, value):
            wrong = value_type(value.expression)
            message = f"the field `{field.name}` is {describe(field.type)}, and this is {describe(wrong)}"
            yield error("CDX112", value.span, message, _remedy(field, value))


def _writes(step: BoundStep) -> Iterator[tuple[FieldName, Formula | None]]:
    """Every field that a step changes, with the value it gets where one is written."""
    for _, value in named_values(step.phrase):
        if isinstance(value, Assignments):
            yield from value.items
        elif isinstance(value, FieldName):
            yield value, None


def _fits(wanted: ValueType, value: Formula) -> bool:
    given = value_type(value.expression)
    written_zone = wanted is ValueType.ZONE and isinstance(value.expression, Constant)
    return given is wanted or (given in TEXTUAL and (wanted is ValueType.TEXT or written_zone))


def _remedy(field: FieldName, value: Formula) -> str | None:
    if isinstance(value.expression, Constant) and field.type is ValueType.TEXT:
        return f'put quotes around a text: `"{value.expression.value}"`'
    if value_type(value.expression) in TEXTUAL and field.type in (ValueType.NUMBER, ValueType.DATE):
        return "write it without quotes"
    return None
