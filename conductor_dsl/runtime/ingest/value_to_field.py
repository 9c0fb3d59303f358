"""From a cell or a JSON value to a declared field's JSON value."""

from __future__ import annotations

from collections.abc import Mapping

from conductor_dsl.language.expressions import ValueType
from conductor_dsl.runtime.ingest import cell_to_value as cells
from conductor_dsl.runtime.ingest.nouns import BadRow, ImportOptions
from conductor_dsl.runtime.ingest.text_to_address import VALID, Address, text_to_email, text_to_phone

JsonField = str | int | float | bool | dict[str, str] | None


def value_to_field(name: str, value: object, type_: ValueType | None, *, country: str, zone: str) -> JsonField:
    """A value of the declared type (text where none is declared), never empty; BadRow where it is of another type.

    An address that is not one is `{"invalid": "as written"}`.
    """
    if type_ is ValueType.BOOLEAN and isinstance(value, bool):
        return value
    if type_ is None or type_ is ValueType.TEXT:
        return value if isinstance(value, str) else _as_text(value)
    text = cells.value_to_text(name, value)
    if type_ is ValueType.PHONE:
        return _address(text_to_phone(text, country))
    if type_ is ValueType.EMAIL:
        return _address(text_to_email(text))
    if type_ is ValueType.INSTANT:
        return cells.text_to_instant(name, text, zone)
    return _CONVERSIONS[type_](name, text)


_CONVERSIONS = {
    ValueType.NUMBER: cells.text_to_number,
    ValueType.BOOLEAN: cells.text_to_boolean,
    ValueType.DATE: cells.text_to_date,
    ValueType.ZONE: cells.text_to_zone,
}


def _as_text(value: object) -> str:
    """A JSON value in a field without a type: lists and objects as JSON text."""
    return cells.to_json(value)


def _address(address: Address) -> str | dict[str, str]:
    return address.text if address.state == VALID else {"invalid": address.text}


def is_empty(value: object) -> bool:
    """Whether a cell says nothing."""
    return value == "" or (isinstance(value, str) and value.isspace())


def payload_to_json(values: dict[str, object], types: Mapping[str, ValueType], options: ImportOptions) -> str:
    """An event's payload as JSON text: declared fields by their types, empty cells left out, all else as it is."""
    members: list[str] = []
    try:
        for name, value in values.items():
            if name not in types or not isinstance(value, str):
                stored: object = value
            elif is_empty(value):
                continue
            else:
                stored = value_to_field(name, value, types[name], country=options.country, zone=options.zone)
            if stored != "":
                written = cells.quoted(stored) if isinstance(stored, str) else cells.to_json(stored)
                members.append(f"{cells.quoted(name)}:{written}")
    except (ValueError, RecursionError):
        raise BadRow("the payload cannot be stored: a number out of range, or nested too deeply") from None
    return f"{{{','.join(members)}}}"
