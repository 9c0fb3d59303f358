"""From `field` and `event` declarations to the names and types that the rest of the file may use."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from conductor_dsl.language.ast import EventDeclaration, FieldDeclaration
from conductor_dsl.language.bind_scope import EventFields
from conductor_dsl.language.bind_types import describe
from conductor_dsl.language.diagnostics import Diagnostic, error
from conductor_dsl.language.expressions import ValueType
from conductor_dsl.language.vocabulary import CONTACT_FIELDS
from conductor_dsl.language.words import RESERVED
from conductor_dsl.shared.nearest import did_you_mean

LIST = "list"
"""A type of event fields that templates can read and conditions cannot."""


def bind_fields(
    declarations: Iterable[FieldDeclaration],
    known: Mapping[str, ValueType],
    taken: Collection[str],
    findings: list[Diagnostic],
) -> Mapping[str, ValueType]:
    """Every field of a contact with its type, beside those that are known; `taken` already mean something else."""
    fields = dict(known)
    seen: set[str] = set()
    for declaration in declarations:
        name, span = declaration.name.text, declaration.name.span
        type_ = _type(declaration, [], findings)
        if name in seen:
            findings.append(error("CDX007", span, f"the field `{name}` is declared twice", "leave one of them out"))
        elif name in taken or name in RESERVED or "." in name:
            findings.append(error("CDX007", span, f"`{name}` cannot be the name of a field", "choose another name"))
        elif type_ and CONTACT_FIELDS.get(name, type_) is not type_:
            message = f"every contact has a field `{name}`, and it is {describe(CONTACT_FIELDS[name])}"
            findings.append(error("CDX112", declaration.type.span, message, f"write `{CONTACT_FIELDS[name].value}`"))
        elif type_:
            fields[name] = type_
        seen.add(name)
    return fields


def bind_events(
    declarations: Iterable[EventDeclaration], known: Mapping[str, EventFields], findings: list[Diagnostic]
) -> Mapping[str, EventFields]:
    """Every event with its fields, beside those that are known."""
    events: dict[str, EventFields] = dict(known)
    seen: set[str] = set()
    for declaration in declarations:
        name = declaration.name.text
        if name in seen:
            message = f"the event `{name}` is declared twice"
            findings.append(error("CDX007", declaration.name.span, message, "leave one of them out"))
        seen.add(name)
        events[name] = {**events.get(name, {}), **_event_fields(declaration, findings)}
    return events


def _event_fields(declaration: EventDeclaration, findings: list[Diagnostic]) -> EventFields:
    fields: dict[str, ValueType | None] = {}
    for field in declaration.fields:
        type_ = _type(field, [LIST], findings)
        if type_ or field.type.text == LIST:
            fields[field.name.text] = type_
    return fields


def _type(declaration: FieldDeclaration, others: list[str], findings: list[Diagnostic]) -> ValueType | None:
    word = declaration.type
    known = [type_.value for type_ in ValueType]
    if word.text in known:
        return ValueType(word.text)
    if word.text not in others:
        hint = did_you_mean(word.text, known + others)
        hint = hint or "types: " + ", ".join(f"`{name}`" for name in known + others)
        findings.append(error("CDX005", word.span, f"there is no type `{word.text}`", hint))
    return None
