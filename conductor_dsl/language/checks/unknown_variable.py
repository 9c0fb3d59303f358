"""CDX018: a template reads a name that means nothing."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.language.bound import BoundConversation, BoundFile
from conductor_dsl.language.checks.template_uses import CONSTANTS, EVENT, event_field, root, template_uses
from conductor_dsl.language.diagnostics import Diagnostic, error
from conductor_dsl.language.expressions import ValueType
from conductor_dsl.language.vocabulary import Context, VariableUse
from conductor_dsl.shared.nearest import did_you_mean

LIST_PARTS = ("size", "first", "last")
"""What a list has beside its items."""


def check_unknown_variable(file: BoundFile, context: Context) -> Iterator[Diagnostic]:
    """Every variable that is neither a field, nor of the event, nor a constant of the project."""
    for conversation in file.conversations:
        for template in template_uses(conversation, context):
            for use in template.reading.variables:
                problem = _problem(use, conversation, context)
                if problem:
                    message, hint = problem
                    span = template.place(use.offset, len(use.path))
                    yield error("CDX018", span, f"{message}{template.where}", hint)


def _problem(use: VariableUse, conversation: BoundConversation, context: Context) -> tuple[str, str | None] | None:
    name, constants = root(use), context.catalogue.constants
    if name == EVENT:
        return _event_problem(use, conversation)
    if name in conversation.fields or name in constants:
        return None
    if name in CONSTANTS:
        key = "name" if name == "brand" else name
        return f"`{name}` is not set", f'write `{key} = "..."` under `[brand]` in conductor.toml'
    hint = did_you_mean(name, [*conversation.fields, *constants, *CONSTANTS, EVENT])
    hint = hint or f"declare it at the top of the file: `field {name} text`"
    return f"`{name}` is neither a field nor a constant", hint


def _part_problem(use: VariableUse, name: str, type_: ValueType | None) -> tuple[str, str | None] | None:
    """What is wrong with reading a part of a field: only lists have any, and only a loop reads those of its items."""
    part = use.path.removeprefix(f"{EVENT}.{name}").lstrip(".")
    if not part or part in LIST_PARTS:
        return None
    if type_ is not None:
        return f"`{EVENT}.{name}` is not a list, so it has no parts", f"write `{EVENT}.{name}`"
    if part.startswith(("[]", *(f"{each}." for each in LIST_PARTS))):
        return None
    loop = f"{{% for item in {EVENT}.{name} %}}{{{{ item.{part} }}}}{{% endfor %}}"
    return f"`{EVENT}.{name}` is a list, and has no `{part}`", f"write `{loop}`"


def _event_problem(use: VariableUse, conversation: BoundConversation) -> tuple[str, str | None] | None:
    fields = conversation.event_fields
    if not fields:
        return f"`{use.path}` has no event to read", "only a thread that starts with `on EVENT` has one"
    name = event_field(use)
    if name in fields:
        return _part_problem(use, name, fields[name])
    hint = did_you_mean(f"event.{name}", [f"event.{known}" for known in fields])
    return f"`{use.path}` is not a field of the event", hint or f"its fields: {', '.join(fields)}"
