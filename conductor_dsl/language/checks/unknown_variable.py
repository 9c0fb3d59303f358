"""CDX018: a template reads a name that means nothing."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.language.bound import BoundConversation, BoundFile
from conductor_dsl.language.checks.template_uses import CONSTANTS, EVENT, event_field, root, template_uses
from conductor_dsl.language.diagnostics import Diagnostic, error
from conductor_dsl.language.vocabulary import Context, VariableUse
from conductor_dsl.shared.nearest import did_you_mean


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


def _event_problem(use: VariableUse, conversation: BoundConversation) -> tuple[str, str | None] | None:
    fields = conversation.event_fields
    if not fields:
        return f"`{use.path}` has no event to read", "only a thread that starts with `on EVENT` has one"
    name = event_field(use)
    if name in fields:
        return None
    hint = did_you_mean(f"event.{name}", [f"event.{known}" for known in fields])
    return f"`{use.path}` is not a field of the event", hint or f"its fields: {', '.join(fields)}"
