"""CDX112: a change to a value that the field can never have."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.language.bind_types import describe
from conductor_dsl.language.bound import BoundFile, BoundTrigger, FieldName, Scalar
from conductor_dsl.language.diagnostics import Diagnostic, error
from conductor_dsl.language.expressions import TEXTUAL, ValueType
from conductor_dsl.language.signatures import Kind
from conductor_dsl.language.vocabulary import Context

VALUES = ("before", "value")
"""The parameters of a trigger that name a value of its `field`."""


def check_changed_value(file: BoundFile, _: Context) -> Iterator[Diagnostic]:
    """Every trigger that waits for a value of another type than its field's: nobody would ever enter."""
    for conversation in file.conversations:
        for thread in conversation.threads:
            if thread.trigger:
                yield from _check(thread.trigger)


def _check(trigger: BoundTrigger) -> Iterator[Diagnostic]:
    field = trigger.phrase.get("field")
    for name in VALUES if isinstance(field, FieldName) else ():
        value = trigger.phrase.get(name)
        if isinstance(field, FieldName) and isinstance(value, Scalar) and _kind(field.type) is not value.kind:
            message = f"the field `{field.name}` is {describe(field.type)}, and this is {_DESCRIPTIONS[value.kind]}"
            yield error("CDX112", value.span, message, _remedy(field, value))


def _kind(type_: ValueType) -> Kind:
    """How a value of a type is written behind `from` and `to`."""
    if type_ is ValueType.NUMBER:
        return Kind.NUMBER
    return Kind.WORD if type_ is ValueType.BOOLEAN else Kind.TEXT


_DESCRIPTIONS = {Kind.NUMBER: "a number", Kind.WORD: "true or false", Kind.TEXT: "a text"}


def _remedy(field: FieldName, value: Scalar) -> str:
    if field.type in TEXTUAL:
        return f'put quotes around a text: `"{value.value}"`'
    if field.type is ValueType.BOOLEAN:
        return "write `true` or `false`, without quotes"
    return (
        "write a number without quotes" if field.type is ValueType.NUMBER else f'write it in quotes: `"{value.value}"`'
    )
