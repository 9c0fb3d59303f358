"""CDX213: a code that is not provisioned for what the conversation sends."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.language.bound import BoundFile
from conductor_dsl.language.checks.walk import references
from conductor_dsl.language.diagnostics import Diagnostic, error
from conductor_dsl.language.vocabulary import Context


def check_code_class(file: BoundFile, context: Context) -> Iterator[Diagnostic]:
    """Every step that sends from a code of another class."""
    codes = context.catalogue.codes
    for conversation in file.conversations:
        wanted = conversation.settings.message_class
        for step in conversation.steps():
            for reference in references(step.phrase, "code"):
                code = codes.get(reference.name)
                if code and wanted not in code.classes:
                    message = f"the code `{code.number}` is not provisioned for `{wanted}` messages"
                    yield error("CDX213", reference.span, message, _hint(wanted, context))


def _hint(wanted: str, context: Context) -> str:
    fitting = [code.number for code in context.catalogue.codes.values() if wanted in code.classes]
    if fitting:
        return f"codes for `{wanted}`: {', '.join(fitting)}"
    return f"write the right `class` into the conversation, or provision a code for `{wanted}`"
