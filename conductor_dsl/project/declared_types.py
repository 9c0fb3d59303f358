"""The types that the scripts of a project declare, for whoever brings data in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from conductor_dsl.language.ast import EventDeclaration, FieldDeclaration
from conductor_dsl.language.expressions import ValueType
from conductor_dsl.language.parse import parse
from conductor_dsl.project.find_scripts import find_scripts
from conductor_dsl.project.read_script import read_script
from conductor_dsl.shared.errors import ConductorError

_TYPES: Mapping[str, ValueType] = {type_.value: type_ for type_ in ValueType}


@dataclass(frozen=True, slots=True)
class DeclaredTypes:
    """The types of the contacts' fields, and of the fields of each event."""

    fields: Mapping[str, ValueType]
    events: Mapping[str, Mapping[str, ValueType]]


def declared_types(folder: Path) -> DeclaredTypes:
    """Every `field` and `event` declaration in the scripts of a folder; none where it has no scripts.

    Raises ConductorError where a script cannot be read, for what is stored under a wrong type has to be imported again.
    """
    fields: dict[str, ValueType] = {}
    events: dict[str, Mapping[str, ValueType]] = {}
    for script in _scripts(folder):
        for declaration in _declarations(script):
            if isinstance(declaration, FieldDeclaration):
                fields |= _types((declaration,))
            else:
                name = declaration.name.text
                events[name] = {**events.get(name, {}), **_types(declaration.fields)}
    return DeclaredTypes(fields, events)


def _scripts(folder: Path) -> list[Path]:
    return find_scripts([folder]) if any(folder.rglob("*.cdx")) else []


def _declarations(script: Path) -> list[FieldDeclaration | EventDeclaration]:
    source = read_script(script)
    file, findings = parse(source)
    if file is None or any(finding.is_error for finding in findings):
        hint = f"`conductor check {script}` shows where; the import needs its `field` declarations"
        raise ConductorError(f"the script `{script}` has syntax errors", hint=hint)
    return [item for item in file.items if isinstance(item, FieldDeclaration | EventDeclaration)]


def _types(declarations: tuple[FieldDeclaration, ...]) -> dict[str, ValueType]:
    """What has a known type; `conductor check` complains about the others."""
    return {each.name.text: _TYPES[each.type.text] for each in declarations if each.type.text in _TYPES}
